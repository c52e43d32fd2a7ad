using System.Globalization;
using System.Text.Json;

namespace Heann.Core.Tests;

/// <summary>Reads tests/vectors.</summary>
internal static class TestVectors
{
    /// <summary>Parses tests/vectors/<paramref name="name"/>.</summary>
    public static JsonElement Read(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Heann.sln")))
            {
                return JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(Path.Combine(folder.FullName, "tests", "vectors", name)));
            }
        }

        throw new DirectoryNotFoundException($"No Heann.sln above {AppContext.BaseDirectory}; run the tests from a checkout.");
    }

    /// <summary>Reads a hex float as Python writes it: [-]0xh.hhhp±e, at most 53 significant bits.</summary>
    public static double HexFloat(JsonElement element)
    {
        string text = element.GetString()!;
        bool isNegative = text[0] == '-';
        string[] parts = text[(isNegative ? 3 : 2)..].Split('.', 'p');
        int exponent = int.Parse(parts[^1], CultureInfo.InvariantCulture) - 4 * parts[1].Length;
        long mantissa = long.Parse(parts[0] + parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        double value = Math.ScaleB(mantissa, exponent);
        return isNegative ? -value : value;
    }
}
