using System.Globalization;
using System.Numerics;

namespace Heann.Examples;

/// <summary>Numbers as the chapters print them: rounded well above the error of the encryption, so that all runs print the same.</summary>
internal static class Numbers
{
    /// <summary>The first values, separated by blanks.</summary>
    public static string Format(IEnumerable<double> values, int count = 4, int decimals = 4) =>
        string.Join(" ", values.Take(count).Select(x => Format(x, decimals)));

    /// <summary>The first complex values.</summary>
    public static string Format(IEnumerable<Complex> values, int count = 4, int decimals = 4) =>
        string.Join(" ", values.Take(count).Select(z => Format(z.Real, decimals) + Signed(z.Imaginary, decimals) + "i"));

    // Adding zero turns −0 into 0.
    private static string Format(double x, int decimals) =>
        (Math.Round(x, decimals) + 0.0).ToString("F" + decimals, CultureInfo.InvariantCulture);

    private static string Signed(double x, int decimals) => (Math.Round(x, decimals) < 0 ? "" : "+") + Format(x, decimals);
}
