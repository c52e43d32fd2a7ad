using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <summary>Limbs of several polynomials: those of blocks, or of working memory.</summary>
internal readonly unsafe ref struct SimdLimbs
{
    private readonly ReadOnlySpan<LimbBlock> _blocks;
    private readonly double* _memory;
    private readonly int _limbCount;
    private readonly int _degree;
    private readonly int _firstLimb;

    /// <summary>The limbs of blocks from <paramref name="firstLimb"/> on.</summary>
    public SimdLimbs(ReadOnlySpan<LimbBlock> blocks, int firstLimb = 0)
    {
        _blocks = blocks;
        _firstLimb = firstLimb;
    }

    /// <summary>Consecutive limbs, <paramref name="limbCount"/> for each polynomial.</summary>
    public SimdLimbs(double* memory, int limbCount, int degree)
    {
        _memory = memory;
        _limbCount = limbCount;
        _degree = degree;
    }

    /// <summary>The values of a limb of a polynomial.</summary>
    public double* this[int block, int limb] => _memory is null
        ? SimdBackend.Limb(_blocks[block], _firstLimb + limb)
        : _memory + ((long)block * _limbCount + limb) * _degree;
}
