using System.Buffers.Binary;
using System.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Weights;

/// <summary>Writes safetensors bytes, well formed or with any header one likes.</summary>
internal static class SafetensorsFile
{
    /// <summary>8 bytes length, header, data.</summary>
    public static byte[] FromHeader(byte[] header, byte[] data, ulong? claimedLength = null)
    {
        var prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, claimedLength ?? (ulong)header.Length);
        return [.. prefix, .. header, .. data];
    }

    /// <summary>The same, from the header's text.</summary>
    public static byte[] FromHeader(string header, int dataByteCount) =>
        FromHeader(Encoding.UTF8.GetBytes(header), new byte[dataByteCount]);

    /// <summary>A well-formed file of F32 tensors, in order.</summary>
    public static byte[] FromTensors(IEnumerable<(string Name, int[] Shape, float[] Values)> tensors) =>
        FromBytes(tensors.Select(t => (t.Name, "F32", t.Shape, Encode(TensorType.F32, t.Values))));

    /// <summary>A well-formed file of tensors of any type, in order, with upstream's metadata.</summary>
    public static byte[] FromBytes(IEnumerable<(string Name, string Type, int[] Shape, byte[] Bytes)> tensors)
    {
        List<string> entries = ["\"__metadata__\":{\"format\":\"pt\"}"];
        List<byte> data = [];
        foreach ((string name, string type, int[] shape, byte[] bytes) in tensors)
        {
            string dimensions = string.Join(',', shape);
            int end = data.Count + bytes.Length;
            entries.Add($$"""  "{{name}}":{"dtype":"{{type}}","shape":[{{dimensions}}],"data_offsets":[{{data.Count}},{{end}}]}""");
            data.AddRange(bytes);
        }

        return FromHeader(Encoding.UTF8.GetBytes("{" + string.Join(',', entries) + "}"), [.. data]);
    }

    /// <summary>Values as stored, little-endian, rounded to nearest even.</summary>
    public static byte[] Encode(TensorType type, IEnumerable<float> values) => [.. values.SelectMany(v => type switch
    {
        TensorType.F32 => BitConverter.GetBytes(v),
        TensorType.F16 => BitConverter.GetBytes((Half)v),
        _ => BitConverter.GetBytes((ushort)(RoundedToBrain(v) >> 16)),
    })];

    /// <summary>The value that a file gives back.</summary>
    public static float Rounded(TensorType type, float value) => type switch
    {
        TensorType.F32 => value,
        TensorType.F16 => (float)(Half)value,
        _ => BitConverter.UInt32BitsToSingle(RoundedToBrain(value)),
    };

    private static uint RoundedToBrain(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000;
    }
}
