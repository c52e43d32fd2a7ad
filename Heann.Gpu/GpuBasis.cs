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
    private readonly Lazy<GpuTable> _transforms;
    private readonly List<GpuTable> _powers = [];

    public GpuBasis(GpuBackend backend, RnsBasis basis)
    {
        (_backend, _basis) = (backend, basis);
        _moduli = new(() => Create((_, _) => default), LazyThreadSafetyMode.PublicationOnly);
        _transforms = new(() => Create(AddPowers), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>The first word, for kernels without transforms.</summary>
    public ulong Moduli => _transforms.IsValueCreated ? _transforms.Value.First : _moduli.Value.First;

    /// <summary>The first word, for transforms.</summary>
    public ulong Transforms => _transforms.Value.First;

    private GpuTable Create(Func<GpuBasis, int, (double Forward, double Inverse, double DegreeInverse)> powers)
    {
        double[] words = new double[WordsPerLimb * _basis.Count];
        for (int i = 0; i < _basis.Count; i++)
        {
            Span<double> limb = words.AsSpan(WordsPerLimb * i, WordsPerLimb);
            limb[0] = _basis[i].Value;
            limb[1] = _basis[i].Reciprocal;
            (limb[2], limb[3], limb[4]) = powers(this, i);
        }

        return new(_backend, words);
    }

    // Bases that share primes share their powers: they hang on the tables of the prime.
    private static (double Forward, double Inverse, double DegreeInverse) AddPowers(GpuBasis self, int limb)
    {
        NttTables tables = self._basis.Tables(limb);
        (GpuTable forward, GpuTable inverse) = self._backend.PowersOf(tables);
        self._powers.AddRange([forward, inverse]);
        return (GpuTable.Word(forward.First), GpuTable.Word(inverse.First), tables.Modulus.Center(tables.DegreeInverse));
    }
}
