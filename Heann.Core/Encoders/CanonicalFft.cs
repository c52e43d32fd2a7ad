using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Heann.Core.Rings;

namespace Heann.Core.Encoders;

/// <summary>The special FFT of the canonical embedding: z_j = m(ζ^(5^j)), ζ = exp(iπ/N), for a real polynomial m of N coefficients.</summary>
/// <remarks>
/// <para>n = max(1, N/2) slots. With the complex coefficients c_k = m_k + i·m_(k+n), and as ζ^(n·5^j) = i, z_j = Σ_(k&lt;n) c_k ζ^(5^j·k).
/// N = 1 is the real constant m_0 (imaginary part 0); N = 2 is z = m_0 + i·m_1.</para>
/// <para>Decimation in time: z_j = e_j + ω_j o_j and z_(j+n/2) = e_j − ω_j o_j, where e and o are the transforms of the even and odd
/// coefficients and ω_j = ζ^(5^j), j &lt; n/2. Stages h = 1, 2, 4 in one pass of eight points over the coefficients in natural order, the
/// others two at a time.</para>
/// <para><b>The same to the bit everywhere</b>: twiddles from <see cref="RootTable"/>, one fixed order of IEEE operations for every
/// vector width, none fused. There and back loses 2^(−53)·√(log2 n) of the root mean square (measured: 3.8·2^(−53) at N = 2^16).</para>
/// <para>Immutable and thread-safe. Source: Cheon, Kim, Kim, Song, "Homomorphic Encryption for Arithmetic of Approximate Numbers",
/// eprint 2016/421, section 3.2, for the embedding.</para>
/// </remarks>
internal sealed class CanonicalFft
{
    private const int MinPassSize = 8;
    private readonly double[] _twiddles;
    private readonly int[] _blocks;

    /// <summary>Prepares the transform for degree N: N doubles of twiddles and n/8 integers.</summary>
    /// <param name="ringDegree">N, a power of two, 1 to 2^17.</param>
    /// <exception cref="ArgumentOutOfRangeException">N is something else.</exception>
    public CanonicalFft(int ringDegree)
        : this(ringDegree, WidestWidth())
    {
    }

    /// <summary>The same with a chosen vector width, which changes the speed and nothing else.</summary>
    public CanonicalFft(int ringDegree, FftWidth width)
    {
        if (!BitOperations.IsPow2(ringDegree) || ringDegree > MaxRingDegree)
        {
            throw new ArgumentOutOfRangeException(
                nameof(ringDegree), ringDegree, $"A ring degree is a power of two from 1 to 2^17; got {ringDegree}.");
        }

        RingDegree = ringDegree;
        Width = width;
        _twiddles = Twiddles(ringDegree);
        int blockCount = SlotCount / MinPassSize;
        int logBlocks = BitOperations.Log2((uint)Math.Max(1, blockCount));
        _blocks = new int[blockCount];
        for (int i = 0; i < blockCount; i++)
        {
            _blocks[i] = NttTables.ReverseBits(i, logBlocks);
        }
    }

    /// <summary>Largest N: 2^17.</summary>
    public const int MaxRingDegree = 1 << 17;

    /// <summary>N.</summary>
    public int RingDegree { get; }

    /// <summary>n = max(1, N/2).</summary>
    public int SlotCount => Math.Max(1, RingDegree / 2);

    /// <summary>The vector width.</summary>
    public FftWidth Width { get; }

    /// <summary>ω_(h,j) = exp(iπ·5^j/4h), stage h = 1, 2, 4 … n/2, 0 ≤ j &lt; h.</summary>
    public (double Re, double Im) Twiddle(int h, int j) => (_twiddles[h + j], _twiddles[SlotCount + h + j]);

    /// <summary>The real polynomial m with m(ζ^(5^j)) = re_j + i·im_j: the inverse of <see cref="Forward"/>, 1/n included.</summary>
    /// <param name="re">n real parts; <b>overwritten</b>.</param>
    /// <param name="im">n imaginary parts; <b>overwritten</b>. Ignored for N = 1.</param>
    /// <param name="coefficients">N doubles, not rounded and not multiplied by any scale; may not overlap the others.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public void Inverse(Span<double> re, Span<double> im, Span<double> coefficients)
    {
        RequireLengths(re.Length, im.Length, coefficients.Length);
        Debug.Assert(!coefficients.Overlaps(re) && !coefficients.Overlaps(im) && !re.Overlaps(im), "The transform is not in place.");
        if (SlotCount < MinPassSize)
        {
            InverseSmall(re, im, coefficients);
            return;
        }

        switch (Width)
        {
            case FftWidth.Vector512:
                Inverse<Lanes512, Vector512<double>>(re, im, coefficients);
                break;
            case FftWidth.Vector256:
                Inverse<Lanes256, Vector256<double>>(re, im, coefficients);
                break;
            case FftWidth.Vector128:
                Inverse<Lanes128, Vector128<double>>(re, im, coefficients);
                break;
            default:
                Inverse<ScalarLanes, double>(re, im, coefficients);
                break;
        }
    }

    /// <summary>The slots of m: re_j + i·im_j = m(ζ^(5^j)).</summary>
    /// <param name="coefficients">N doubles.</param>
    /// <param name="re">n real parts, written; may not overlap the coefficients.</param>
    /// <param name="im">n imaginary parts, written.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public void Forward(ReadOnlySpan<double> coefficients, Span<double> re, Span<double> im)
    {
        RequireLengths(re.Length, im.Length, coefficients.Length);
        Debug.Assert(!coefficients.Overlaps(re) && !coefficients.Overlaps(im) && !re.Overlaps(im), "The transform is not in place.");
        if (SlotCount < MinPassSize)
        {
            ForwardSmall(coefficients, re, im);
            return;
        }

        switch (Width)
        {
            case FftWidth.Vector512:
                Forward<Lanes512, Vector512<double>>(coefficients, re, im);
                break;
            case FftWidth.Vector256:
                Forward<Lanes256, Vector256<double>>(coefficients, re, im);
                break;
            case FftWidth.Vector128:
                Forward<Lanes128, Vector128<double>>(coefficients, re, im);
                break;
            default:
                Forward<ScalarLanes, double>(coefficients, re, im);
                break;
        }
    }

    private static FftWidth WidestWidth() =>
        Vector512.IsHardwareAccelerated ? FftWidth.Vector512
        : Vector256.IsHardwareAccelerated ? FftWidth.Vector256
        : Vector128.IsHardwareAccelerated ? FftWidth.Vector128
        : FftWidth.Scalar;

    private void Forward<TLanes, TVector>(ReadOnlySpan<double> coefficients, Span<double> re, Span<double> im)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref double source = ref MemoryMarshal.GetReference(coefficients);
        ref double w = ref _twiddles[0];
        if (_blocks.Length >= TLanes.Count)
        {
            FftPasses<TLanes, TVector>.ForwardHead(ref source, ref re[0], ref im[0], ref w, _blocks);
        }
        else
        {
            FftPasses<ScalarLanes, double>.ForwardHead(ref source, ref re[0], ref im[0], ref w, _blocks);
        }

        int h = MinPassSize;
        if (BitOperations.Log2((uint)(SlotCount / h)) % 2 != 0)
        {
            FftPasses<TLanes, TVector>.Forward2(ref re[0], ref im[0], ref w, SlotCount, h);
            h *= 2;
        }

        for (; h < SlotCount; h *= 4)
        {
            FftPasses<TLanes, TVector>.Forward4(ref re[0], ref im[0], ref w, SlotCount, h);
        }
    }

    private void Inverse<TLanes, TVector>(Span<double> re, Span<double> im, Span<double> coefficients)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref double w = ref _twiddles[0];
        int h = SlotCount / 4;
        for (; h >= MinPassSize; h /= 4)
        {
            FftPasses<TLanes, TVector>.Inverse4(ref re[0], ref im[0], ref w, SlotCount, h);
        }

        if (h == MinPassSize / 2)
        {
            FftPasses<TLanes, TVector>.Inverse2(ref re[0], ref im[0], ref w, SlotCount, MinPassSize);
        }

        if (_blocks.Length >= TLanes.Count)
        {
            FftPasses<TLanes, TVector>.InverseTail(ref re[0], ref im[0], ref coefficients[0], ref w, _blocks);
        }
        else
        {
            FftPasses<ScalarLanes, double>.InverseTail(ref re[0], ref im[0], ref coefficients[0], ref w, _blocks);
        }
    }

    /// <summary>n = 1, 2, 4: the same butterflies, one by one.</summary>
    private void ForwardSmall(ReadOnlySpan<double> coefficients, Span<double> re, Span<double> im)
    {
        int n = SlotCount;
        int logN = BitOperations.Log2((uint)n);
        for (int i = 0; i < n; i++)
        {
            int k = NttTables.ReverseBits(i, logN);
            re[i] = coefficients[k];
            im[i] = RingDegree == 1 ? 0.0 : coefficients[n + k];
        }

        for (int h = 1; h < n; h *= 2)
        {
            FftPasses<ScalarLanes, double>.Forward2(ref re[0], ref im[0], ref _twiddles[0], n, h);
        }
    }

    private void InverseSmall(Span<double> re, Span<double> im, Span<double> coefficients)
    {
        int n = SlotCount;
        int logN = BitOperations.Log2((uint)n);
        for (int h = n / 2; h >= 1; h /= 2)
        {
            FftPasses<ScalarLanes, double>.Inverse2(ref re[0], ref im[0], ref _twiddles[0], n, h);
        }

        double scale = 1.0 / n;
        for (int i = 0; i < n; i++)
        {
            int k = NttTables.ReverseBits(i, logN);
            coefficients[k] = re[i] * scale;
            if (RingDegree > 1)
            {
                coefficients[n + k] = im[i] * scale;
            }
        }
    }

    /// <summary>ω_(h,j): real parts at h + j, imaginary parts at n + h + j.</summary>
    private static double[] Twiddles(int ringDegree)
    {
        int n = Math.Max(1, ringDegree / 2);
        double[] twiddles = new double[2 * n];
        if (n == 1)
        {
            return twiddles;
        }

        RootTable roots = new(ringDegree);
        for (int h = 1; h < n; h *= 2)
        {
            int power = 1;
            for (int j = 0; j < h; j++)
            {
                (twiddles[h + j], twiddles[n + h + j]) = roots[power * (ringDegree / (4 * h))]; // power < 8h: the index stays below 2N
                power = 5 * power & (8 * h - 1);
            }
        }

        return twiddles;
    }

    private void RequireLengths(int re, int im, int coefficients)
    {
        if (re != SlotCount || im != SlotCount || coefficients != RingDegree)
        {
            throw new ArgumentException(
                $"Degree {RingDegree} takes {SlotCount} slots and {RingDegree} coefficients; got {re} and {im} parts and {coefficients} coefficients.");
        }
    }
}
