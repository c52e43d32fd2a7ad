using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <summary>The operations of <see cref="SimdBackend"/> on one limb, or a piece of one, in native memory; one instance per width.</summary>
/// <remarks>Operands and results satisfy the invariant of <see cref="SimdBuffer"/>. Stateless.</remarks>
internal abstract unsafe class SimdKernels
{
    /// <summary>Degrees below this one are left to the portable kernels: pieces are then whole multiples of eight vectors.</summary>
    public const int SmallestDegree = 64;

    /// <summary>The lift of two primes is cut at 2^50.</summary>
    public const int PairBits = 50;

    /// <summary>Levels for which stored values may grow; the proof is beside the transforms.</summary>
    public const int FreshLevels = 8;

    /// <summary>2^46: a forward transform modulo a prime below it needs no reduction on the way, and may leave values below 16q.</summary>
    /// <remarks>
    /// 16q is below 2^50, so a product adds at most q·(1/2 + 2^50·2^(−53)) = 5q/8, or with the general estimate q·(1/2 + 3·2^50·2^(−53)) = 7q/8:
    /// from q/2 + 2, at most 17 levels, three of the latter kind, stay below 12q. Every intermediate is below 2^53.
    /// </remarks>
    public const double LazyLimit = 1L << 46;

    /// <summary>More levels than any transform has: none of its passes reduces.</summary>
    public const int LazyLevels = 64;

    /// <summary>Magnitude of lazy values in units of q.</summary>
    public const int LazyBound = 16;

    /// <summary>Rows of the largest tile: as many as the registers hold the sums of. A power of two; so are the smaller tiles.</summary>
    public abstract int MaxTileRows { get; }

    /// <summary>Residues per operation.</summary>
    public abstract int LaneCount { get; }

    /// <summary>Whether <see cref="SimdSum"/> applies.</summary>
    public abstract bool IsFused { get; }

    /// <summary>The twiddles in this width's order.</summary>
    public abstract SimdTables CreateTables(NttTables tables);

    /// <summary>x ← NTT(x).</summary>
    public abstract void ForwardNtt(double* x, SimdTables tables);

    /// <summary>log2 of the blocks in which a forward transform of 2^log values ends.</summary>
    public abstract int BlockLog(int log);

    /// <summary>The passes of a forward transform above its blocks, of log2 N − <see cref="BlockLog"/> levels: at most five, for values that
    /// may grow for so many.</summary>
    public abstract void ForwardUpper(double* x, int levels, SimdTables tables);

    /// <summary>x ← <see cref="ForwardUpper"/> of the source reduced modulo the prime, for integers |source| ≤ 2^53.</summary>
    public abstract void ForwardUpperFrom(double* source, double* x, int levels, SimdTables tables);

    /// <summary>All levels of block k − 2^(log2 N − log), of 2^log values, while something else is fetched.</summary>
    public abstract void ForwardBlock(double* x, int log, int k, int levels, SimdTables tables, SimdStream ahead);

    /// <summary>x ← NTT^(−1)(x).</summary>
    public void InverseNtt(double* x, SimdTables tables) => InverseNttFrom(x, x, tables);

    /// <summary>x ← NTT^(−1)(source).</summary>
    public abstract void InverseNttFrom(double* source, double* x, SimdTables tables);

    /// <summary>Doubles from canonical residues.</summary>
    public abstract void Upload(ulong* residues, double* destination, int count, Modulus q);

    /// <summary>Doubles from integers of magnitude at most 2^49·q; each extra round of reduction allows 2^50 times more. Fused widths
    /// only.</summary>
    public abstract void UploadIntegers(double* integers, double* destination, int count, Modulus q, int extraRounds);

    /// <summary>Canonical residues from doubles.</summary>
    public abstract void Download(double* source, ulong* residues, int count, Modulus q);

    /// <summary>destination ← operation(x, y, destination) for values start … start + count − 1; y_k stands at k &gt;&gt; shift.</summary>
    public abstract void Apply(
        SimdOperation operation, double* x, double* y, int shift, double* destination, int start, int count, Modulus q);

    /// <summary>destination ← s·x, added to destination if asked; s balanced.</summary>
    public abstract void MultiplyScalar(double* x, double s, double* destination, int count, Modulus q, bool isAdded);

    /// <summary>(d_0, d_1, d_2) ← (x_0·y_0, x_0·y_1 + x_1·y_0, x_1·y_1).</summary>
    public abstract void TensorProduct(
        double* x0, double* x1, double* y0, double* y1, double* d0, double* d1, double* d2, int start, int count, Modulus q);

    /// <summary>The rows of one tile (at most <see cref="MaxTileRows"/>) of a matrix product, for one piece.</summary>
    public abstract void MatrixTile(in SimdTile tile, Modulus q);

    /// <summary>y_i and the quotient v of a basis conversion for one piece; see <see cref="BasisConversion"/>.</summary>
    public abstract void Puncture(double** x, int start, int count, SimdConversion conversion, double* y);

    /// <summary>Two source primes, fused widths only: the centred lift itself as low + 2^50·high, |low| &lt; 2^51; first all lows, then all highs.</summary>
    public abstract void PuncturePair(double** x, int start, int count, SimdConversion conversion, double* y);

    /// <summary>z_j from low and high, for one piece and target j.</summary>
    public abstract void RecombinePair(double* y, int count, SimdConversion conversion, int target, double* destination);

    /// <summary>z_j from the y_i and v, for one piece and target j.</summary>
    public abstract void Recombine(double* y, int count, SimdConversion conversion, int target, double* destination);

    /// <summary>Asks for values to be brought into the second cache; they need not exist.</summary>
    public abstract void Fetch(double* x, int count);

    /// <summary>x ← its representative of magnitude below q/2, exactly.</summary>
    public abstract void Center(double* x, int count, Modulus q);

    /// <summary>destination ← x mod q for integers |x| ≤ 2^53.</summary>
    public abstract void Reduce(double* x, int count, Modulus q, double* destination);

    /// <summary>destination ← (x − t)·s, s balanced.</summary>
    public abstract void SubtractMultiply(double* x, double* t, double s, double* destination, int count, Modulus q);

    /// <summary>destination_i ← x_(permutation(i)) for values start … start + count − 1.</summary>
    public abstract void Permute(double* x, SimdPermutation permutation, double* destination, int start, int count);

    /// <summary>(u_0, u_1) ← (Σ x_d·b_d, Σ x_d·a_d) for one piece of a limb and the first digits of a key.</summary>
    public abstract void KeyProduct(double** x, int digitCount, in SimdKeyLimb key, double* u0, double* u1, Modulus q);

    /// <summary>destination ← addend + (x − t)·s, s balanced.</summary>
    public abstract void SubtractMultiplyAdd(double* x, double* t, double s, double* addend, double* destination, int count, Modulus q);
}
