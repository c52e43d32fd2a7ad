using System.Globalization;

namespace Heann.Core.Noise;

/// <summary>What the error of decrypted values is, measured against what they should be.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
/// <param name="Count">Number of values compared.</param>
/// <param name="MaxError">Largest |error|.</param>
/// <param name="MeanError">Mean |error|.</param>
/// <param name="Sigma">Root mean square error.</param>
public sealed record PrecisionReport(int Count, double MaxError, double MeanError, double Sigma)
{
    /// <summary>−log2 of the largest error: bits of every value that can be trusted.</summary>
    public double MinBits => -Math.Log2(MaxError);

    /// <summary>−log2 of the root mean square error.</summary>
    public double SigmaBits => -Math.Log2(Sigma);

    /// <summary>Compares values with what was expected.</summary>
    /// <exception cref="ArgumentException">The counts differ or are 0.</exception>
    public static PrecisionReport Measure(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual)
    {
        if (expected.Length != actual.Length || expected.IsEmpty)
        {
            throw new ArgumentException($"{actual.Length} values cannot be compared with {expected.Length}; both must be the same number, at least one.");
        }

        double max = 0;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs(expected[i] - actual[i]);
            max = double.IsNaN(error) ? double.PositiveInfinity : Math.Max(max, error);
            sum += error;
            squares += error * error;
        }

        return new(expected.Length, max, sum / expected.Length, Math.Sqrt(squares / expected.Length));
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Count} values: error max {MaxError:E2}, mean {MeanError:E2}, σ {Sigma:E2} ({SigmaBits:F1} bits)");
}
