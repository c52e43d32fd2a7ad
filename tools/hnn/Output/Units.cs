using System.Globalization;

namespace Hnn.Tool.Output;

/// <summary>Numbers for people.</summary>
internal static class Units
{
    /// <summary>12.3 MB, in powers of ten.</summary>
    public static string Bytes(double count) => count switch
    {
        >= 1e9 => Format($"{count / 1e9:F2} GB"),
        >= 1e6 => Format($"{count / 1e6:F1} MB"),
        >= 1e3 => Format($"{count / 1e3:F1} kB"),
        _ => Format($"{count:F0} B"),
    };

    /// <summary>12.3 s or 45 ms.</summary>
    public static string Milliseconds(double milliseconds) =>
        milliseconds >= 1000 ? Format($"{milliseconds / 1000:F2} s") : Format($"{milliseconds:F1} ms");

    /// <summary>0.1234, 0.5678: to four decimals.</summary>
    public static string List(IEnumerable<double> values) => string.Join(", ", values.Select(value => Format($"{value:F4}")));

    /// <summary>Formats without regard to the machine's language.</summary>
    public static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
