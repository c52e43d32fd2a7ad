using System.Text.Json;
using Hnn.Model.Text;

namespace Hnn.Model.Plain;

/// <summary>Reads Hugging Face's tokenizer_config.json: cased or uncased; whatever else changes the tokens is refused.</summary>
internal static class TokenizerOptions
{
    private const int MaxByteCount = 1 << 20;
    private const string File = DistilBertDirectory.TokenizerConfigFileName;

    /// <summary>Reads the file.</summary>
    /// <param name="path">A tokenizer_config.json.</param>
    /// <returns>do_lower_case, true where it is absent, as upstream has it.</returns>
    /// <exception cref="InvalidDataException">Not JSON; accents that are not stripped exactly where letters are lowered; ideographs that
    /// are not split; special tokens other than BERT's.</exception>
    public static bool ReadLowerCase(string path)
    {
        using FileStream stream = System.IO.File.OpenRead(path);
        using JsonDocument document = JsonText.ParseObject(BoundedRead.ToEnd(stream, MaxByteCount, File), File);
        return JsonText.Guard(File, () => Read(document.RootElement));
    }

    private static bool Read(JsonElement root)
    {
        bool isLower = Flag(root, "do_lower_case", whenAbsent: true);
        if (Flag(root, "strip_accents", whenAbsent: isLower) != isLower)
            throw Invalid(root, "strip_accents", $"null or {Name(isLower)}, with do_lower_case {Name(isLower)}");
        if (!Flag(root, "tokenize_chinese_chars", whenAbsent: true)) throw Invalid(root, "tokenize_chinese_chars", "true");
        RequirePiece(root, "unk_token", Vocabulary.UnknownPiece);
        RequirePiece(root, "cls_token", Vocabulary.ClassificationPiece);
        RequirePiece(root, "sep_token", Vocabulary.SeparatorPiece);
        return isLower;
    }

    private static bool Flag(JsonElement root, string name, bool whenAbsent) =>
        !root.TryGetProperty(name, out JsonElement value) ? whenAbsent : value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Null => whenAbsent,
            _ => throw Invalid(root, name, "true and false"),
        };

    /// <summary>A special token is a string, or an object whose field content is one.</summary>
    private static void RequirePiece(JsonElement root, string name, string piece)
    {
        if (!root.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return;
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("content", out JsonElement content)) value = content;
        if (value.ValueKind != JsonValueKind.String || value.GetString() != piece) throw Invalid(root, name, $"\"{piece}\"");
    }

    private static InvalidDataException Invalid(JsonElement root, string name, string allowed) =>
        new($"{File}: {name} is {JsonText.Describe(root, name)}; supported: {allowed}.");

    private static string Name(bool value) => value ? "true" : "false";
}
