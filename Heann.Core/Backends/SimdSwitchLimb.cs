using Heann.Core.Arithmetic;

namespace Heann.Core.Backends;

/// <summary>One limb of one product with a key: the ends of transforms, product and division go block by block, each of which stays in cache.</summary>
internal unsafe ref struct SimdSwitchLimb
{
    // What keeps memory busy without holding up the loads of the transform.
    private const int MaxLines = 16;

    public SimdKernels Kernels;
    public SimdTables Tables;
    public Modulus Modulus;

    /// <summary>The digits of this limb.</summary>
    public double** Digits;
    public int DigitCount;

    /// <summary>Those among digits and lifts whose blocks are not yet transformed.</summary>
    public double** Transforms;
    public int TransformCount;

    public SimdKeyLimb Key;

    /// <summary>Where the product goes.</summary>
    public double* Product0;
    public double* Product1;

    /// <summary>What is subtracted before the division; null where none follows.</summary>
    public double* Lift0;
    public double* Lift1;

    /// <summary>1/P mod q, balanced.</summary>
    public double Inverse;

    /// <summary>What is added after the division; null for zero.</summary>
    public double* Addend0;
    public double* Addend1;

    /// <summary>Where the quotient goes; may be the product's place.</summary>
    public double* Quotient0;
    public double* Quotient1;

    /// <summary>Whether transforms modulo a prime end lazily here.</summary>
    public static bool IsLazy(Modulus q) => q.Value < SimdKernels.LazyLimit;

    /// <summary>The levels that a transform modulo a prime begins with.</summary>
    public static int LevelsOf(Modulus q) => IsLazy(q) ? SimdKernels.LazyLevels : SimdKernels.FreshLevels;

    /// <summary>Block after block.</summary>
    public readonly void Run(int logDegree)
    {
        int log = Kernels.BlockLog(logDegree);
        int levels = LevelsOf(Modulus) - (logDegree - log);
        for (int block = 0; block < 1 << (logDegree - log); block++)
        {
            Block(log, (1 << (logDegree - log)) + block, block << log, levels);
        }
    }

    private readonly void Block(int log, int k, int offset, int levels)
    {
        SimdKeyLimb key = Key;
        key.Start = offset;
        key.Count = 1 << log;
        SimdStream ahead = new() { IsLazy = IsLazy(Modulus) };
        if (TransformCount > 0)
        {
            // The block's part of the key in equal shares, but not more lines at a time than can be under way.
            int lines = 2 * key.DigitCount * SimdStream.TailValues * key.BytesPerValue / SimdPages.Line;
            ahead.Next = (double*)(key.Values + 2L * key.DigitCount * offset * key.BytesPerValue);
            ahead.LinesPerTail = Math.Min(MaxLines, (lines / TransformCount + 3) & ~3);
        }

        for (int i = 0; i < TransformCount; i++)
        {
            Kernels.ForwardBlock(Transforms[i] + offset, log, k, levels, Tables, ahead);
            ahead.Next += (long)ahead.LinesPerTail * SimdStream.Line * (key.Count / SimdStream.TailValues);
        }

        Kernels.KeyProduct(Digits, DigitCount, key, Product0, Product1, Modulus);
        if (Lift0 != null)
        {
            Divide(Product0 + offset, Lift0 + offset, Addend0 == null ? null : Addend0 + offset, Quotient0 + offset, key.Count);
            Divide(Product1 + offset, Lift1 + offset, Addend1 == null ? null : Addend1 + offset, Quotient1 + offset, key.Count);
        }
    }

    private readonly void Divide(double* product, double* lift, double* addend, double* quotient, int count)
    {
        if (addend == null)
        {
            Kernels.SubtractMultiply(product, lift, Inverse, quotient, count, Modulus);
        }
        else
        {
            Kernels.SubtractMultiplyAdd(product, lift, Inverse, addend, quotient, count, Modulus);
        }
    }
}
