using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Hnn.Model.Text;

/// <summary>Unicode normalisation form D over sequences of code points, from a table that travels with the assembly.</summary>
/// <remarks>
/// <c>string.Normalize</c> cannot serve: where the process runs in invariant-globalization mode (this repository's default, so that
/// nothing but the .NET SDK is needed) it returns non-ASCII text unchanged, without an error. The table,
/// <c>CanonicalDecomposition.txt</c>, is written by <c>tools/unicode/decomposition.py</c> and names its Unicode version.
/// Source: The Unicode Standard, sections 3.11 (canonical ordering) and 3.12 (Hangul syllables).
/// </remarks>
internal static class CanonicalDecomposition
{
    private const int HangulFirst = 0xAC00, HangulCount = 11172, LeadFirst = 0x1100, VowelFirst = 0x1161, TrailFirst = 0x11A7;
    private const int VowelCount = 21, TrailCount = 28;

    private static readonly Lazy<Tables> Loaded = new(Load);

    /// <summary>Replaces each code point by its full canonical decomposition, then sorts marks into canonical order.</summary>
    /// <param name="source">Scalar values in any order and number.</param>
    /// <returns>A new list: NFD of <paramref name="source"/>. Time O(n log n), whatever the text.</returns>
    public static List<Rune> Decompose(IReadOnlyList<Rune> source)
    {
        Tables tables = Loaded.Value;
        var result = new List<Rune>(source.Count);
        foreach (Rune rune in source)
        {
            int hangul = rune.Value - HangulFirst;
            if (rune.IsAscii) result.Add(rune);
            else if ((uint)hangul < HangulCount) AddHangul(hangul, result);
            else if (tables.Decompositions.TryGetValue(rune.Value, out Rune[]? parts)) result.AddRange(parts);
            else result.Add(rune);
        }

        Reorder(result, tables.CombiningClasses);
        return result;
    }

    private static void AddHangul(int index, List<Rune> result)
    {
        result.Add(new Rune(LeadFirst + index / (VowelCount * TrailCount)));
        result.Add(new Rune(VowelFirst + index % (VowelCount * TrailCount) / TrailCount));
        if (index % TrailCount != 0) result.Add(new Rune(TrailFirst + index % TrailCount));
    }

    /// <summary>Sorts every run of code points of class ≠ 0 by class, keeping the order of equals.</summary>
    private static void Reorder(List<Rune> runes, FrozenDictionary<int, byte> classes)
    {
        for (int start = 0; start < runes.Count; start++)
        {
            int end = start;
            while (end < runes.Count && classes.ContainsKey(runes[end].Value)) end++;
            if (end - start > 1)
            {
                Rune[] sorted = [.. runes.GetRange(start, end - start).OrderBy(r => classes[r.Value])]; // OrderBy is stable
                for (int i = 0; i < sorted.Length; i++) runes[start + i] = sorted[i];
            }

            start = end; // runes[end] is a starter: never part of the next run
        }
    }

    private static Tables Load()
    {
        using Stream stream = typeof(CanonicalDecomposition).Assembly.GetManifestResourceStream("CanonicalDecomposition.txt")
            ?? throw new InvalidOperationException(
                "The resource CanonicalDecomposition.txt is missing from the assembly; rebuild Hnn.Model.");
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var decompositions = new Dictionary<int, Rune[]>();
        var classes = new Dictionary<int, byte>();
        while (reader.ReadLine() is { } line)
        {
            string[] fields = line.Split(' ');
            if (fields[0] == "D") decompositions.Add(Hex(fields[1]), [.. fields.Skip(2).Select(f => new Rune(Hex(f)))]);
            if (fields[0] != "C") continue;
            byte value = byte.Parse(fields[3], CultureInfo.InvariantCulture);
            for (int cp = Hex(fields[1]); cp <= Hex(fields[2]); cp++) classes.Add(cp, value);
        }

        return new Tables(decompositions.ToFrozenDictionary(), classes.ToFrozenDictionary());
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private sealed record Tables(FrozenDictionary<int, Rune[]> Decompositions, FrozenDictionary<int, byte> CombiningClasses);
}
