namespace Hnn.Model.Weights;

/// <summary>What a safetensors header says of one tensor, checked.</summary>
/// <param name="Name">The tensor's name, at most <see cref="SafetensorsReader.MaxNameLength"/> UTF-16 units.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions, outermost first; empty for a scalar. Rows are contiguous.</param>
/// <param name="ElementCount">∏ <paramref name="Shape"/>.</param>
/// <param name="Offset">First byte, counted from the start of the data section.</param>
public sealed record TensorInfo(string Name, TensorType Type, IReadOnlyList<int> Shape, int ElementCount, long Offset)
{
    /// <summary>Bytes of one element: 2 (F16, BF16), 4 (F32) or 8 (I64).</summary>
    public int ElementSize => Type switch { TensorType.I64 => 8, TensorType.F32 => 4, _ => 2 };

    /// <summary>Bytes of the tensor: <see cref="ElementCount"/> · <see cref="ElementSize"/>.</summary>
    public long ByteCount => (long)ElementCount * ElementSize;
}
