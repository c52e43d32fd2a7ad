using System.Buffers;
using System.Text;
using System.Text.Json;
using Heann.Core.Serialization;

namespace Hnn.Model.Weights;

/// <summary>Writes a new soft-argmax into a config.json and leaves every other byte of it as it is.</summary>
public static class HnnConfigWriter
{
    private const string SoftArgmaxField = "soft_argmax";
    private const int MaxIndent = 16;

    /// <summary>Writes a config with another soft-argmax, whole or not at all: under a temporary name in the same folder, then
    /// renamed.</summary>
    /// <param name="sourcePath">The config.json that all other fields come from.</param>
    /// <param name="destinationPath">The file to write, which may be the same.</param>
    /// <param name="softArgmax">The new soft-argmax.</param>
    /// <exception cref="InvalidDataException">The source is no good config, or the soft-argmax is out of a field's range; nothing is
    /// written.</exception>
    /// <exception cref="IOException">The source cannot be read or the destination not written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for lack of rights.</exception>
    public static void Save(string sourcePath, string destinationPath, SoftArgmaxConfig softArgmax)
    {
        ArgumentException.ThrowIfNullOrEmpty(sourcePath);
        ArgumentException.ThrowIfNullOrEmpty(destinationPath);
        byte[] source;
        using (FileStream stream = File.OpenRead(sourcePath)) source = BoundedRead.ToEnd(stream, HnnConfig.MaxByteCount, "config.json");
        byte[] changed = Replace(source, softArgmax);
        AtomicFile.Write(destinationPath, overwrite: true, isSecret: false, stream => stream.Write(changed));
    }

    /// <summary>The config with another soft-argmax; the object is indented as the file is.</summary>
    /// <param name="config">A config.json, UTF-8.</param>
    /// <param name="softArgmax">The new soft-argmax.</param>
    /// <returns>The new file, proven: it reads as the old config with the new soft-argmax.</returns>
    /// <exception cref="InvalidDataException">The bytes are no good config, or the soft-argmax is out of a field's range.</exception>
    public static byte[] Replace(byte[] config, SoftArgmaxConfig softArgmax)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(softArgmax);
        HnnConfigReader.Read(config);
        (int nameStart, Range value) = FindSoftArgmax(config);
        byte[] changed = [.. config[..value.Start], .. ToJson(softArgmax, IndentBefore(config, nameStart)), .. config[value.End..]];
        SoftArgmaxConfig written = HnnConfigReader.Read(changed).SoftArgmax;
        return written == softArgmax
            ? changed
            : throw new InvalidDataException($"The soft-argmax {softArgmax} would read back as {written}; it was not written.");
    }

    // The config has been proven: an object, with the field once.
    private static (int NameStart, Range Value) FindSoftArgmax(byte[] config)
    {
        Utf8JsonReader reader = new(config);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isFound = reader.ValueTextEquals(SoftArgmaxField);
            int nameStart = (int)reader.TokenStartIndex;
            reader.Read();
            int valueStart = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isFound) return (nameStart, valueStart..(int)reader.BytesConsumed);
        }

        throw new InvalidDataException($"config.json: the field '{SoftArgmaxField}' is missing; add it.");
    }

    /// <summary>The blanks that stand alone before a field on its line; null where the field does not begin its line.</summary>
    private static string? IndentBefore(byte[] config, int nameStart)
    {
        int lineStart = config.AsSpan(0, nameStart).LastIndexOf((byte)'\n') + 1;
        string before = Encoding.UTF8.GetString(config, lineStart, nameStart - lineStart);
        bool isIndent = lineStart > 0 && before.Length is > 0 and <= MaxIndent
            && before[0] is ' ' or '\t' && before.All(c => c == before[0]);
        return isIndent ? before : null;
    }

    private static byte[] ToJson(SoftArgmaxConfig softArgmax, string? indent)
    {
        JsonWriterOptions options = indent is null
            ? default
            : new() { Indented = true, IndentCharacter = indent[0], IndentSize = indent.Length, NewLine = "\n" };
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, options)) Write(writer, softArgmax);
        string json = Encoding.UTF8.GetString(buffer.WrittenSpan);
        return Encoding.UTF8.GetBytes(json.Replace("\n", "\n" + indent, StringComparison.Ordinal));
    }

    private static void Write(Utf8JsonWriter writer, SoftArgmaxConfig softArgmax)
    {
        writer.WriteStartObject();
        writer.WriteNumber("temperature", softArgmax.Temperature);
        WriteInterval(writer, "interval", softArgmax.Low, softArgmax.High);
        if (softArgmax.Degree != SoftArgmaxConfig.DefaultDegree) writer.WriteNumber("degree", softArgmax.Degree);
        if (softArgmax.Iterations is { } iterations) writer.WriteNumber("iterations", iterations);
        if (softArgmax.Release is { } release) writer.WriteString("release", ReleaseName.Of(release));
        if (softArgmax.Calibration is { } calibration)
        {
            writer.WriteStartObject("calibration");
            writer.WriteString("data", calibration.Data);
            writer.WriteNumber("samples", calibration.SampleCount);
            writer.WriteNumber("initial_temperature", calibration.InitialTemperature);
            writer.WriteNumber("loss_before", calibration.Before.Loss);
            writer.WriteNumber("loss_after", calibration.After.Loss);
            writer.WriteNumber("entropy_before", calibration.Before.EntropyBits);
            writer.WriteNumber("entropy_after", calibration.After.EntropyBits);
            writer.WriteNumber("calibration_error_before", calibration.Before.CalibrationError);
            writer.WriteNumber("calibration_error_after", calibration.After.CalibrationError);
            writer.WriteNumber("accuracy", calibration.Accuracy);
            WriteInterval(writer, "reached", calibration.ReachedLow, calibration.ReachedHigh);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteInterval(Utf8JsonWriter writer, string name, double low, double high)
    {
        writer.WriteStartArray(name);
        writer.WriteNumberValue(low);
        writer.WriteNumberValue(high);
        writer.WriteEndArray();
    }
}
