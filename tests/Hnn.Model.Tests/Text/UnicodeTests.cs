using System.Globalization;
using System.Text;
using System.Text.Json;
using Hnn.Model.Text;

namespace Hnn.Model.Tests.Text;

/// <summary>Every scalar value of the generator's Unicode version (15.1, less one that 16.0 changed; .NET 10 knows a newer one), against
/// Python's unicodedata by digest.</summary>
public sealed class UnicodeTests
{
    private static readonly JsonElement Digests = TestData.Vectors("tokenizer.digests.json");

    [Fact]
    public void CanonicalDecomposition_MatchesUnicodeDataForEveryScalar() => Check("nfd", cp =>
        Hexes(CanonicalDecomposition.Decompose([.. $"a\u0301{new Rune(cp)}\u0327\u302e\u0345".EnumerateRunes()])));

    [Fact]
    public void SplitWords_MatchesIndependentImplementationForEveryScalar()
    {
        var normalizer = new BertNormalizer();
        Check("words", cp =>
            $"{cp:X4} " + string.Join('|', normalizer.SplitWords($"Xa{new Rune(cp)}B").Select(w => Hexes(w.EnumerateRunes()))));
    }

    [Fact]
    public void SplitWords_RefusesNullAtOnce() => Assert.Throws<ArgumentNullException>(() => new BertNormalizer().SplitWords(null!));

    private static void Check(string kind, Func<int, string> line)
    {
        JsonElement expected = Digests.GetProperty("unicode");
        string[] lines = [.. Scalars().Select(line)];
        Assert.Equal(expected.GetProperty("count").GetInt32(), lines.Length);
        Assert.Equal(expected.GetProperty(kind + "_chunks").EnumerateArray().Select(e => e.GetString()!),
            lines.Chunk(10_000).Select(TestData.Digest));
        Assert.Equal(expected.GetProperty(kind).GetString(), TestData.Digest(lines));
    }

    private static IEnumerable<int> Scalars()
    {
        foreach (JsonElement range in Digests.GetProperty("assigned").EnumerateArray())
        {
            int[] ends = [.. range.GetString()!.Split('-').Select(h => int.Parse(h, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
            for (int cp = ends[0]; cp <= ends[1]; cp++) yield return cp;
        }
    }

    private static string Hexes(IEnumerable<Rune> runes) =>
        string.Join(' ', runes.Select(r => r.Value.ToString("X4", CultureInfo.InvariantCulture)));

    private static string Hexes(StringRuneEnumerator runes) => Hexes((IEnumerable<Rune>)runes);
}
