using System.Buffers.Binary;
using System.Text;

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
    public static byte[] FromTensors(IEnumerable<(string Name, int[] Shape, float[] Values)> tensors)
    {
        var entries = new List<string>();
        var data = new List<byte>();
        foreach ((string name, int[] shape, float[] values) in tensors)
        {
            int start = data.Count;
            foreach (float value in values) data.AddRange(BitConverter.GetBytes(value));
            string dimensions = string.Join(',', shape);
            entries.Add($$"""  "{{name}}":{"dtype":"F32","shape":[{{dimensions}}],"data_offsets":[{{start}},{{data.Count}}]}""");
        }

        return FromHeader(Encoding.UTF8.GetBytes("{" + string.Join(',', entries) + "}"), [.. data]);
    }
}
