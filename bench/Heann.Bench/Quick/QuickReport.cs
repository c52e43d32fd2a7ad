using System.Text.Json;

namespace Heann.Bench.Quick;

/// <summary>Prints what was measured.</summary>
internal static class QuickReport
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>One JSON array.</summary>
    public static string ToJson(IEnumerable<QuickResult> results) => JsonSerializer.Serialize(results.Select(Rounded), Json);

    private static QuickResult Rounded(QuickResult r) =>
        r with { MinUs = Math.Round(r.MinUs, 2), MedianUs = Math.Round(r.MedianUs, 2), ToScalarNtt = Math.Round(r.ToScalarNtt, 4) };
}
