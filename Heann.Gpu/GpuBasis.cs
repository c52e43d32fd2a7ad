using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Gpu;

/// <summary>A basis's primes on a device, eight words a limb: q, 1/q, first words of the powers of psi and of its inverse, 1/N.</summary>
/// <remarks>Powers are there from the first transform on; until then their words are zero.</remarks>
internal sealed class GpuBasis
{
    private const int WordsPerLimb = 8;

    private readonly GpuBackend _backend;
    private readonly RnsBasis _basis;
    private readonly Lazy<GpuTable> _moduli;
    private readonly Lazy<(GpuTable Words, GpuTable[] Powers)> _transforms;

    public GpuBasis(GpuBackend backend, RnsBasis basis)
    {
        (_backend, _basis) = (backend, basis);

        // A failure for want of memory is not kept; threads that come at once may make two, of which one stays.
        _moduli = new(() => Create([]), LazyThreadSafetyMode.PublicationOnly);
        _transforms = new(CreateTransforms, LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>The first word, for kernels without transforms.</summary>
    public ulong Moduli => _transforms.IsValueCreated ? Transforms : _moduli.Value.First;

    /// <summary>The first word, for transforms.</summary>
    public ulong Transforms => _transforms.Value.Words.First;

    // Bases that share primes share their powers: they hang on the tables of the prime. References to them are kept here.
    private (GpuTable Words, GpuTable[] Powers) CreateTransforms()
    {
        (GpuTable Forward, GpuTable Inverse)[] powers = [.. Enumerable.Range(0, _basis.Count).Select(i => _backend.PowersOf(_basis.Tables(i)))];
        return (Create(powers), [.. powers.SelectMany(p => (GpuTable[])[p.Forward, p.Inverse])]);
    }

    private GpuTable Create(ReadOnlySpan<(GpuTable Forward, GpuTable Inverse)> powers)
    {
        double[] words = new double[WordsPerLimb * _basis.Count];
        for (int i = 0; i < _basis.Count; i++)
        {
            Span<double> limb = words.AsSpan(WordsPerLimb * i, WordsPerLimb);
            limb[0] = _basis[i].Value;
            limb[1] = _basis[i].Reciprocal;
            if (!powers.IsEmpty)
            {
                NttTables tables = _basis.Tables(i);
                limb[2] = GpuTable.Word(powers[i].Forward.First);
                limb[3] = GpuTable.Word(powers[i].Inverse.First);
                limb[4] = tables.Modulus.Center(tables.DegreeInverse);
            }
        }

        return new(_backend, words);
    }
}
