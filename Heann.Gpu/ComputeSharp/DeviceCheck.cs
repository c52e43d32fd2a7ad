using Heann.Core.Arithmetic;
using Heann.Core.Backends;
using Heann.Core.Rings;

namespace Heann.Gpu.Direct3D;

/// <summary>What a device must compute before it is used: each shader once, on a small ring, against the reference.</summary>
internal static class DeviceCheck
{
    private const int RingDegree = 64;

    /// <summary>Compares.</summary>
    /// <exception cref="GpuException">A residue differs.</exception>
    public static void Run(RingBackend backend)
    {
        using ScalarBackend reference = new();
        RnsBasis source = new(RingDegree, PrimeSearch.Descending(50, RingDegree, 2, new HashSet<ulong>()));
        RnsBasis target = new(RingDegree, PrimeSearch.Descending(25, RingDegree, 2, new HashSet<ulong>()));
        BasisConversion conversion = new(source, target);
        if (!Compute(backend, conversion).AsSpan().SequenceEqual(Compute(reference, conversion)))
        {
            throw new GpuException(
                $"{backend.Name} computes other residues than the reference does: its driver or the shader compiler is at fault. "
                + "Use another device or driver.");
        }
    }

    // A little of everything: products, sums, transforms, both automorphisms, a conversion.
    private static ulong[] Compute(RingBackend backend, BasisConversion conversion)
    {
        using RnsPolynomial x = new(backend, conversion.Source, Domain.Coefficient);
        using RnsPolynomial y = new(backend, conversion.Source, Domain.Evaluation);
        using RnsPolynomial z = new(backend, conversion.Target, Domain.Coefficient);
        ulong[] residues = new ulong[2 * RingDegree];
        ulong state = 1;
        for (int i = 0; i < residues.Length; i++)
        {
            residues[i] = Next(ref state) % conversion.Source[i / RingDegree].Value;
        }

        backend.Upload(residues, x.Block);
        backend.ForwardNtt([x.Block]);
        backend.Automorphism(Domain.Evaluation, GaloisElement.Rotation(3), [x.Block], [y.Block]);
        backend.MultiplyAdd([x.Block], [y.Block], [x.Block]);
        backend.Subtract([y.Block], [x.Block], [y.Block]);
        backend.MultiplyScalarAdd([x.Block], [conversion.Source[0].Value - 1, 12345], [y.Block]);
        backend.InverseNtt([y.Block]);
        backend.Automorphism(Domain.Coefficient, GaloisElement.Conjugation, [y.Block], [x.Block]);
        backend.ConvertBasis(conversion, [x.Block], [z.Block]);
        return [.. x.ToResidues(), .. z.ToResidues()];
    }

    // Knuth's linear congruential generator, its upper bits.
    private static ulong Next(ref ulong state)
    {
        state = (state * 6364136223846793005) + 1442695040888963407;
        return state >> 12;
    }
}
