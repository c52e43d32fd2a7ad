using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Heann.Core.Sampling;

/// <summary>The discrete Gaussian on the integers, P(x) ∝ exp(−x²/2σ²), σ = 3.2: encryption errors.</summary>
/// <remarks>
/// <para>Definition: one 64-bit little-endian word a sample. With u its upper 63 bits and t_k = ⌊2^63·P(|x| ≤ k)⌉, |x| is the number of
/// k ≥ 0 with u ≥ t_k; the lowest bit is the sign (1: negative; for 0 it says nothing). The table ends where t_k = 2^63: |x| ≤ 29 =
/// <see cref="MaxMagnitude"/>, nine standard deviations; what lies beyond has probability below 2^(−65).</para>
/// <para>Every |x| has its probability within 2^(−63), so the statistical distance from the true distribution is below
/// 31·2^(−64) &lt; 2^(−59) a sample. Thresholds come from 256-bit integer arithmetic at start, the same on every machine.</para>
/// <para><b>Security</b>: every sample is compared with the whole table, in vectors: time and addresses are independent of the values.
/// The words are zeroed afterwards; the caller zeroes the destination when done with it.</para>
/// <para>Source: Peikert, "An Efficient and Parallel Gaussian Sampler for Lattices", eprint 2010/088, section 4.1 (inversion).</para>
/// </remarks>
internal static class GaussianSampler
{
    /// <summary>σ = 3.2.</summary>
    public const double StandardDeviation = 3.2;

    /// <summary>Largest |x| that can occur: 29.</summary>
    public const int MaxMagnitude = 29;

    private const int ChunkCount = 512;
    private static readonly long[] Thresholds = CreateThresholds();

    /// <summary>The next <c>destination.Length</c> samples of the stream.</summary>
    /// <param name="stream">Where the words come from: exactly one a sample.</param>
    /// <param name="destination">Any number of doubles: integers of [−29, 29], zero always +0.0.</param>
    public static void Sample(SeededStream stream, Span<double> destination)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<ulong> words = stackalloc ulong[ChunkCount];
        Span<double> samples = stackalloc double[ChunkCount];
        words.Clear();
        while (!destination.IsEmpty)
        {
            int count = Math.Min(ChunkCount, destination.Length);
            stream.Fill(words[..count]);

            // ChunkCount is a multiple of four vectors of any length: lanes beyond the count are computed and dropped.
            Convert(MemoryMarshal.Cast<ulong, Vector<ulong>>(words), MemoryMarshal.Cast<double, Vector<double>>(samples));
            samples[..count].CopyTo(destination);
            destination = destination[count..];
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(samples));
    }

    /// <summary>t_k, k = 0 … MaxMagnitude − 1, each in (0, 2^63).</summary>
    internal static ReadOnlySpan<long> ThresholdTable => Thresholds;

    /// <summary>Words to samples; both counts a multiple of four, so that a threshold is fetched once for four vectors.</summary>
    private static void Convert(ReadOnlySpan<Vector<ulong>> words, Span<Vector<double>> samples)
    {
        for (int i = 0; i + 4 <= samples.Length; i += 4)
        {
            Vector<long> u0 = Magnitude(words[i]), u1 = Magnitude(words[i + 1]), u2 = Magnitude(words[i + 2]), u3 = Magnitude(words[i + 3]);

            // |x| = (number of thresholds) − (number above u); a comparison that holds is −1
            Vector<long> x0 = new(Thresholds.Length), x1 = x0, x2 = x0, x3 = x0;
            foreach (long threshold in Thresholds)
            {
                Vector<long> t = new(threshold);
                x0 += Vector.GreaterThan(t, u0);
                x1 += Vector.GreaterThan(t, u1);
                x2 += Vector.GreaterThan(t, u2);
                x3 += Vector.GreaterThan(t, u3);
            }

            samples[i] = WithSign(x0, words[i]);
            samples[i + 1] = WithSign(x1, words[i + 1]);
            samples[i + 2] = WithSign(x2, words[i + 2]);
            samples[i + 3] = WithSign(x3, words[i + 3]);
        }
    }

    private static Vector<long> Magnitude(Vector<ulong> word) => Vector.AsVectorInt64(word >>> 1);

    /// <summary>±x by the lowest bit of the word, through an integer conversion: zero is +0.0.</summary>
    private static Vector<double> WithSign(Vector<long> x, Vector<ulong> word)
    {
        Vector<long> sign = Vector<long>.Zero - Vector.AsVectorInt64(word & Vector<ulong>.One);
        return Vector.ConvertToDouble((x ^ sign) - sign);
    }

    /// <summary>⌊2^63·P(|x| ≤ k)⌉ as long as it is below 2^63, in fixed point of 256 bits.</summary>
    private static long[] CreateThresholds()
    {
        const int bits = 256;
        const int tail = 90; // exp(−90²/2σ²) < 2^(−570): beyond the last bit
        BigInteger one = BigInteger.One << bits;

        // ρ(k) = exp(−k²/2σ²) = r^(k²) with r = exp(−25/512), as 2σ² = 512/25; r by its series, whose terms fall by 20 and more.
        BigInteger r = BigInteger.Zero;
        BigInteger term = one;
        for (int i = 1; !term.IsZero; i++)
        {
            r += term;
            term = -term * 25 / (512 * i);
        }

        var rho = new BigInteger[tail];
        BigInteger step = r; // r^(2k + 1)
        rho[0] = one;
        for (int k = 0; k + 1 < tail; k++)
        {
            rho[k + 1] = (rho[k] * step) >> bits;
            step = (step * r * r) >> (2 * bits);
        }

        BigInteger total = -one;
        foreach (BigInteger weight in rho)
        {
            total += 2 * weight;
        }

        List<long> thresholds = [];
        BigInteger sum = -one;
        for (int k = 0; k < tail; k++)
        {
            sum += 2 * rho[k];
            BigInteger threshold = (((sum << 64) / total) + 1) >> 1;
            if (threshold >> 63 >= 1)
            {
                break;
            }

            thresholds.Add((long)threshold);
        }

        return [.. thresholds];
    }
}
