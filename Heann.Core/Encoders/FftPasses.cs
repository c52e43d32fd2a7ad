using System.Runtime.CompilerServices;

namespace Heann.Core.Encoders;

/// <summary>The passes of <see cref="CanonicalFft"/>, written once for every vector width.</summary>
/// <remarks>
/// n complex values lie in two arrays re, im. The array w holds the twiddles ω_(h,j) = exp(iπ·5^j/4h), 0 ≤ j &lt; h: the real part at h + j,
/// the imaginary part at n + h + j. All widths do the same operations on the same operands, so they agree to the bit: a product of complex
/// numbers is two real products and one sum per part, in the order written in <see cref="Times"/> and <see cref="TimesConjugate"/>, and
/// nothing is fused.
/// </remarks>
internal static class FftPasses<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Coefficients in natural order → stages h = 1, 2, 4 → blocks of eight values, the blocks in bit-reversed order.</summary>
    /// <param name="coefficients">2n doubles: n real parts, n imaginary parts.</param>
    /// <param name="re">n values, written.</param>
    /// <param name="im">n values, written.</param>
    /// <param name="w">The twiddles.</param>
    /// <param name="blocks">The bit reversal of log2(n/8) bits: n/8 values, a multiple of the lanes.</param>
    public static void ForwardHead(ref double coefficients, ref double re, ref double im, ref double w, ReadOnlySpan<int> blocks)
    {
        Span<double> scratch = stackalloc double[128];
        int m = blocks.Length;
        ref double imaginary = ref Unsafe.Add(ref coefficients, 8 * m);
        ref double wi = ref Unsafe.Add(ref w, 8 * m);
        for (int k = 0; k < m; k += TLanes.Count)
        {
            Pair p0 = Load(ref coefficients, ref imaginary, k), p1 = Load(ref coefficients, ref imaginary, k + 4 * m);
            Pair p2 = Load(ref coefficients, ref imaginary, k + 2 * m), p3 = Load(ref coefficients, ref imaginary, k + 6 * m);
            Pair p4 = Load(ref coefficients, ref imaginary, k + m), p5 = Load(ref coefficients, ref imaginary, k + 5 * m);
            Pair p6 = Load(ref coefficients, ref imaginary, k + 3 * m), p7 = Load(ref coefficients, ref imaginary, k + 7 * m);
            Pair f = Broadcast(ref w, ref wi, 1);
            (p0, p1) = Join(p0, p1, f);
            (p2, p3) = Join(p2, p3, f);
            (p4, p5) = Join(p4, p5, f);
            (p6, p7) = Join(p6, p7, f);
            f = Broadcast(ref w, ref wi, 2);
            (p0, p2) = Join(p0, p2, f);
            (p4, p6) = Join(p4, p6, f);
            f = Broadcast(ref w, ref wi, 3);
            (p1, p3) = Join(p1, p3, f);
            (p5, p7) = Join(p5, p7, f);
            (p0, p4) = Join(p0, p4, Broadcast(ref w, ref wi, 4));
            (p1, p5) = Join(p1, p5, Broadcast(ref w, ref wi, 5));
            (p2, p6) = Join(p2, p6, Broadcast(ref w, ref wi, 6));
            (p3, p7) = Join(p3, p7, Broadcast(ref w, ref wi, 7));
            StoreColumns(ref scratch[0], p0, p1, p2, p3, p4, p5, p6, p7);
            for (int i = 0; i < TLanes.Count; i++)
            {
                ScatterBlock(ref Unsafe.Add(ref scratch[0], i), ref Unsafe.Add(ref re, 8 * blocks[k + i]));
                ScatterBlock(ref Unsafe.Add(ref scratch[64], i), ref Unsafe.Add(ref im, 8 * blocks[k + i]));
            }
        }
    }

    /// <summary>The inverse of <see cref="ForwardHead"/>, each coefficient multiplied by 1/n, which is exact.</summary>
    public static void InverseTail(ref double re, ref double im, ref double coefficients, ref double w, ReadOnlySpan<int> blocks)
    {
        Span<double> scratch = stackalloc double[128];
        int m = blocks.Length;
        TVector factor = TLanes.Broadcast(1.0 / (8 * m));
        ref double imaginary = ref Unsafe.Add(ref coefficients, 8 * m);
        ref double wi = ref Unsafe.Add(ref w, 8 * m);
        for (int k = 0; k < m; k += TLanes.Count)
        {
            for (int i = 0; i < TLanes.Count; i++)
            {
                GatherBlock(ref Unsafe.Add(ref re, 8 * blocks[k + i]), ref Unsafe.Add(ref scratch[0], i));
                GatherBlock(ref Unsafe.Add(ref im, 8 * blocks[k + i]), ref Unsafe.Add(ref scratch[64], i));
            }

            (Pair p0, Pair p4) = Split(Column(ref scratch[0], 0), Column(ref scratch[0], 4), Broadcast(ref w, ref wi, 4));
            (Pair p1, Pair p5) = Split(Column(ref scratch[0], 1), Column(ref scratch[0], 5), Broadcast(ref w, ref wi, 5));
            (Pair p2, Pair p6) = Split(Column(ref scratch[0], 2), Column(ref scratch[0], 6), Broadcast(ref w, ref wi, 6));
            (Pair p3, Pair p7) = Split(Column(ref scratch[0], 3), Column(ref scratch[0], 7), Broadcast(ref w, ref wi, 7));
            Pair f = Broadcast(ref w, ref wi, 2);
            (p0, p2) = Split(p0, p2, f);
            (p4, p6) = Split(p4, p6, f);
            f = Broadcast(ref w, ref wi, 3);
            (p1, p3) = Split(p1, p3, f);
            (p5, p7) = Split(p5, p7, f);
            f = Broadcast(ref w, ref wi, 1);
            (p0, p1) = Split(p0, p1, f);
            (p2, p3) = Split(p2, p3, f);
            (p4, p5) = Split(p4, p5, f);
            (p6, p7) = Split(p6, p7, f);
            Store(Scale(p0, factor), ref coefficients, ref imaginary, k);
            Store(Scale(p4, factor), ref coefficients, ref imaginary, k + m);
            Store(Scale(p2, factor), ref coefficients, ref imaginary, k + 2 * m);
            Store(Scale(p6, factor), ref coefficients, ref imaginary, k + 3 * m);
            Store(Scale(p1, factor), ref coefficients, ref imaginary, k + 4 * m);
            Store(Scale(p5, factor), ref coefficients, ref imaginary, k + 5 * m);
            Store(Scale(p3, factor), ref coefficients, ref imaginary, k + 6 * m);
            Store(Scale(p7, factor), ref coefficients, ref imaginary, k + 7 * m);
        }
    }

    /// <summary>Stage h over n values: (a, b) ← (a + ωb, a − ωb).</summary>
    public static void Forward2(ref double re, ref double im, ref double w, int n, int h)
    {
        ref double wi = ref Unsafe.Add(ref w, n);
        for (int block = 0; block < n; block += 2 * h)
        {
            for (int j = 0; j < h; j += TLanes.Count)
            {
                (Pair a, Pair b) = Join(Load(ref re, ref im, block + j), Load(ref re, ref im, block + j + h), Load(ref w, ref wi, h + j));
                Store(a, ref re, ref im, block + j);
                Store(b, ref re, ref im, block + j + h);
            }
        }
    }

    /// <summary>Stage h undone: (a, b) ← (a + b, (a − b)·conj ω).</summary>
    public static void Inverse2(ref double re, ref double im, ref double w, int n, int h)
    {
        ref double wi = ref Unsafe.Add(ref w, n);
        for (int block = 0; block < n; block += 2 * h)
        {
            for (int j = 0; j < h; j += TLanes.Count)
            {
                (Pair a, Pair b) = Split(Load(ref re, ref im, block + j), Load(ref re, ref im, block + j + h), Load(ref w, ref wi, h + j));
                Store(a, ref re, ref im, block + j);
                Store(b, ref re, ref im, block + j + h);
            }
        }
    }

    /// <summary>Stages h and 2h; ω_(2h, j+h) = −i·ω_(2h, j), exactly so in the tables.</summary>
    public static void Forward4(ref double re, ref double im, ref double w, int n, int h)
    {
        ref double wi = ref Unsafe.Add(ref w, n);
        for (int block = 0; block < n; block += 4 * h)
        {
            for (int j = 0; j < h; j += TLanes.Count)
            {
                int at = block + j;
                Pair f = Load(ref w, ref wi, h + j);
                (Pair x0, Pair x1) = Join(Load(ref re, ref im, at), Load(ref re, ref im, at + h), f);
                (Pair x2, Pair x3) = Join(Load(ref re, ref im, at + 2 * h), Load(ref re, ref im, at + 3 * h), f);
                f = Load(ref w, ref wi, 2 * h + j);
                (Pair y0, Pair y2) = Join(x0, x2, f);
                Pair t = Times(x3, f);
                Store(y0, ref re, ref im, at);
                Store(new(TLanes.Add(x1.Re, t.Im), TLanes.Subtract(x1.Im, t.Re)), ref re, ref im, at + h);
                Store(y2, ref re, ref im, at + 2 * h);
                Store(new(TLanes.Subtract(x1.Re, t.Im), TLanes.Add(x1.Im, t.Re)), ref re, ref im, at + 3 * h);
            }
        }
    }

    /// <summary>Stages 2h and h undone.</summary>
    public static void Inverse4(ref double re, ref double im, ref double w, int n, int h)
    {
        ref double wi = ref Unsafe.Add(ref w, n);
        for (int block = 0; block < n; block += 4 * h)
        {
            for (int j = 0; j < h; j += TLanes.Count)
            {
                int at = block + j;
                Pair f = Load(ref w, ref wi, 2 * h + j);
                (Pair x0, Pair x2) = Split(Load(ref re, ref im, at), Load(ref re, ref im, at + 2 * h), f);
                (Pair x1, Pair t) = Split(Load(ref re, ref im, at + h), Load(ref re, ref im, at + 3 * h), f);
                f = Load(ref w, ref wi, h + j);
                (Pair y0, Pair y1) = Split(x0, x1, f);
                Pair sum = new(TLanes.Subtract(x2.Re, t.Im), TLanes.Add(x2.Im, t.Re));
                Pair difference = new(TLanes.Add(x2.Re, t.Im), TLanes.Subtract(x2.Im, t.Re));
                Store(y0, ref re, ref im, at);
                Store(y1, ref re, ref im, at + h);
                Store(sum, ref re, ref im, at + 2 * h);
                Store(TimesConjugate(difference, f), ref re, ref im, at + 3 * h);
            }
        }
    }

    /// <summary>(a + ωb, a − ωb).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Pair Sum, Pair Difference) Join(Pair a, Pair b, Pair w)
    {
        Pair t = Times(b, w);
        return (new(TLanes.Add(a.Re, t.Re), TLanes.Add(a.Im, t.Im)), new(TLanes.Subtract(a.Re, t.Re), TLanes.Subtract(a.Im, t.Im)));
    }

    /// <summary>(a + b, (a − b)·conj ω).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Pair Even, Pair Odd) Split(Pair a, Pair b, Pair w) =>
        (new(TLanes.Add(a.Re, b.Re), TLanes.Add(a.Im, b.Im)), TimesConjugate(new(TLanes.Subtract(a.Re, b.Re), TLanes.Subtract(a.Im, b.Im)), w));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair Times(Pair x, Pair w) => new(
        TLanes.Subtract(TLanes.Multiply(x.Re, w.Re), TLanes.Multiply(x.Im, w.Im)),
        TLanes.Add(TLanes.Multiply(x.Re, w.Im), TLanes.Multiply(x.Im, w.Re)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair TimesConjugate(Pair x, Pair w) => new(
        TLanes.Add(TLanes.Multiply(x.Re, w.Re), TLanes.Multiply(x.Im, w.Im)),
        TLanes.Subtract(TLanes.Multiply(x.Im, w.Re), TLanes.Multiply(x.Re, w.Im)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair Scale(Pair x, TVector factor) => new(TLanes.Multiply(x.Re, factor), TLanes.Multiply(x.Im, factor));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair Load(ref double re, ref double im, int offset) => new(TLanes.Load(ref re, offset), TLanes.Load(ref im, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair Broadcast(ref double re, ref double im, int index) =>
        new(TLanes.Broadcast(Unsafe.Add(ref re, index)), TLanes.Broadcast(Unsafe.Add(ref im, index)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Pair x, ref double re, ref double im, int offset)
    {
        TLanes.Store(x.Re, ref re, offset);
        TLanes.Store(x.Im, ref im, offset);
    }

    /// <summary>Column p of the scratch: real parts at 8p, imaginary parts at 64 + 8p, one lane per block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair Column(ref double scratch, int p) => new(TLanes.Load(ref scratch, 8 * p), TLanes.Load(ref scratch, 64 + 8 * p));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreColumns(ref double scratch, Pair p0, Pair p1, Pair p2, Pair p3, Pair p4, Pair p5, Pair p6, Pair p7)
    {
        ref double imaginary = ref Unsafe.Add(ref scratch, 64);
        Store(p0, ref scratch, ref imaginary, 0);
        Store(p1, ref scratch, ref imaginary, 8);
        Store(p2, ref scratch, ref imaginary, 16);
        Store(p3, ref scratch, ref imaginary, 24);
        Store(p4, ref scratch, ref imaginary, 32);
        Store(p5, ref scratch, ref imaginary, 40);
        Store(p6, ref scratch, ref imaginary, 48);
        Store(p7, ref scratch, ref imaginary, 56);
    }

    /// <summary>block[p] = lane[8p], 0 ≤ p &lt; 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ScatterBlock(ref double lane, ref double block)
    {
        for (int p = 0; p < 8; p++)
        {
            Unsafe.Add(ref block, p) = Unsafe.Add(ref lane, 8 * p);
        }
    }

    /// <summary>lane[8p] = block[p], 0 ≤ p &lt; 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GatherBlock(ref double block, ref double lane)
    {
        for (int p = 0; p < 8; p++)
        {
            Unsafe.Add(ref lane, 8 * p) = Unsafe.Add(ref block, p);
        }
    }

    /// <summary>Lanes of complex numbers.</summary>
    private readonly struct Pair
    {
        public readonly TVector Re;
        public readonly TVector Im;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Pair(TVector re, TVector im)
        {
            Re = re;
            Im = im;
        }
    }
}
