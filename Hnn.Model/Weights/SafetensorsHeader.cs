using System.Text;
using System.Text.Json;

namespace Hnn.Model.Weights;

/// <summary>Parses and proves a safetensors header: names, types, shapes, and a data section tiled without hole or overlap.</summary>
internal static class SafetensorsHeader
{
    private const int MaxDepth = 4; // {tensor: {shape: [n]}} is 3 deep

    /// <summary>Parses the JSON text of a header.</summary>
    /// <param name="json">The header's bytes, UTF-8.</param>
    /// <param name="dataByteCount">Bytes of the file behind the header.</param>
    /// <returns>The tensors in the order of their data.</returns>
    /// <exception cref="InvalidDataException">Anything the format or this reader's caps forbid.</exception>
    public static List<TensorInfo> Parse(byte[] json, long dataByteCount)
    {
        if (json.Length == 0 || json[0] != '{') throw Invalid("must start with '{'");
        var tensors = new List<TensorInfo>();
        try
        {
            // Strict UTF-8 first: the JSON reader alone accepts bad bytes inside strings until they are asked for.
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(json);
            var options = new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false };
            using JsonDocument document = JsonDocument.Parse(json, options);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name == "__metadata__") CheckMetadata(property.Value);
                else tensors.Add(ParseTensor(property));
                if (tensors.Count > SafetensorsReader.MaxTensorCount)
                    throw Invalid($"names more than {SafetensorsReader.MaxTensorCount} tensors");
            }
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException or InvalidOperationException)
        {
            // InvalidOperationException: a string with an escaped lone surrogate, which has no .NET text.
            throw new InvalidDataException($"The safetensors header is not valid JSON with distinct names: {e.Message}", e);
        }

        tensors.Sort((a, b) => (a.Offset, a.ByteCount).CompareTo((b.Offset, b.ByteCount)));
        CheckTiling(tensors, dataByteCount);
        return tensors;
    }

    private static TensorInfo ParseTensor(JsonProperty property)
    {
        string name = property.Name;
        if (name.Length is 0 or > SafetensorsReader.MaxNameLength)
            throw Invalid($"has a tensor name of {name.Length} characters; 1 to {SafetensorsReader.MaxNameLength} are accepted");
        if (property.Value.ValueKind != JsonValueKind.Object)
            throw Invalid($"describes '{name}' by {property.Value.ValueKind}, not by an object");
        TensorType? type = null;
        int[]? shape = null;
        long[]? offsets = null;
        foreach (JsonProperty field in property.Value.EnumerateObject())
        {
            if (field.NameEquals("dtype")) type = ParseType(name, field.Value);
            else if (field.NameEquals("shape")) shape = ParseShape(name, field.Value);
            else if (field.NameEquals("data_offsets")) offsets = ParseOffsets(name, field.Value);
            else throw Invalid($"gives '{name}' a field other than dtype, shape and data_offsets");
        }

        if (type is null || shape is null || offsets is null) throw Invalid($"gives '{name}' no dtype, shape or data_offsets");
        var info = new TensorInfo(name, type.Value, shape, ElementCount(name, shape), offsets[0]);
        if (offsets[1] - offsets[0] != info.ByteCount)
            throw Invalid($"gives '{name}' {offsets[1] - offsets[0]} bytes, "
                + $"but {info.Type} [{string.Join(", ", shape)}] takes {info.ByteCount}");
        return info;
    }

    private static TensorType ParseType(string name, JsonElement value)
    {
        string? text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return text switch
        {
            "F32" => TensorType.F32,
            "F16" => TensorType.F16,
            "BF16" => TensorType.BF16,
            "I64" => TensorType.I64,
            null => throw Invalid($"gives '{name}' a dtype that is not a string"),
            _ => throw Invalid($"gives '{name}' the dtype '{(text.Length <= 16 ? text : text[..16])}'; F32, F16 and BF16 can be read"),
        };
    }

    private static int[] ParseShape(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array) throw Invalid($"gives '{name}' a shape that is not an array");
        int rank = value.GetArrayLength();
        if (rank > SafetensorsReader.MaxRank) throw Invalid($"gives '{name}' {rank} dimensions; {SafetensorsReader.MaxRank} are accepted");
        var shape = new int[rank];
        int i = 0;
        foreach (JsonElement element in value.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out shape[i]) || shape[i] < 0)
                throw Invalid($"gives '{name}' a dimension {i} that is not an integer in [0, {int.MaxValue}]");
            i++;
        }

        return shape;
    }

    private static long[] ParseOffsets(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != 2)
            throw Invalid($"gives '{name}' data_offsets that are not two integers");
        var offsets = new long[2];
        for (int i = 0; i < 2; i++)
        {
            if (value[i].ValueKind != JsonValueKind.Number || !value[i].TryGetInt64(out offsets[i]) || offsets[i] < 0)
                throw Invalid($"gives '{name}' data_offsets that are not integers in [0, 2^63)");
        }

        if (offsets[1] < offsets[0]) throw Invalid($"ends '{name}' at {offsets[1]}, before its start {offsets[0]}");
        return offsets;
    }

    private static int ElementCount(string name, int[] shape)
    {
        try
        {
            int count = 1;
            foreach (int size in shape) count = checked(count * size);
            return count <= Array.MaxLength ? count : throw new OverflowException();
        }
        catch (OverflowException e)
        {
            throw new InvalidDataException(
                $"The safetensors header gives '{name}' the shape [{string.Join(", ", shape)}], more than {Array.MaxLength} elements.", e);
        }
    }

    private static void CheckMetadata(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(p => p.Value.ValueKind != JsonValueKind.String))
            throw Invalid("has a __metadata__ that is not an object of strings");
    }

    /// <summary>Tensors, sorted by offset, must tile [0, dataByteCount) exactly.</summary>
    private static void CheckTiling(List<TensorInfo> tensors, long dataByteCount)
    {
        long end = 0;
        foreach (TensorInfo tensor in tensors)
        {
            if (tensor.Offset != end)
                throw Invalid($"starts '{tensor.Name}' at byte {tensor.Offset}, but the data before it ends at {end}: "
                    + "tensors may neither overlap nor leave holes");
            end = checked(tensor.Offset + tensor.ByteCount); // < 2^63: both were read as an interval of int64 offsets
            if (end > dataByteCount)
                throw Invalid($"ends '{tensor.Name}' at byte {end}, but the file holds {dataByteCount} bytes of data; it may be cut short");
        }

        if (end != dataByteCount) throw Invalid($"describes {end} bytes of data, but the file holds {dataByteCount}");
    }

    private static InvalidDataException Invalid(string what) => new($"The safetensors header {what}.");
}
