using System.Text.Json;

namespace Hnn.Model;

/// <summary>Reads small JSON files that others wrote: their errors become <see cref="InvalidDataException"/>, their text is shown
/// safely.</summary>
internal static class JsonText
{
    /// <summary>Parses an object without repeated names.</summary>
    /// <param name="json">UTF-8, bounded by the caller.</param>
    /// <param name="what">The file's name, for messages.</param>
    /// <returns>The document; the caller disposes it.</returns>
    /// <exception cref="InvalidDataException">Not JSON, or no object.</exception>
    public static JsonDocument ParseObject(byte[] json, string what) => Guard(what, () =>
    {
        JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
        JsonValueKind kind = document.RootElement.ValueKind;
        document.Dispose();
        throw new InvalidDataException($"{what} holds {kind}; an object is needed.");
    });

    /// <summary>Runs what reads a document.</summary>
    /// <param name="what">The file's name, for messages.</param>
    /// <param name="read">May meet strings that are not Unicode, as an escaped lone surrogate.</param>
    /// <returns>What was read.</returns>
    /// <exception cref="InvalidDataException">In place of the parser's errors.</exception>
    public static T Guard<T>(string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{what} is not valid JSON with distinct names: {e.Message}", e);
        }
    }

    /// <summary>A field as the file writes it, or <c>missing</c>.</summary>
    public static string Describe(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) ? Shown(value) : "missing";

    /// <summary>At most 64 characters, without line ends or other controls: the text is a stranger's.</summary>
    public static string Shown(JsonElement value)
    {
        string text = value.GetRawText();
        string clean = string.Concat(text.Take(64).Select(c => char.IsControl(c) ? ' ' : c));
        return text.Length <= 64 ? clean : clean + "…";
    }
}
