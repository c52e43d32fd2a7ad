using Heann.Core.Rings;
using Heann.Core.Sampling;

namespace Heann.Core.Keys;

/// <summary>Polynomials with the distributions of RLWE, in Evaluation form.</summary>
internal sealed class RlweSampler(RingBackend backend)
{
    /// <summary>Uniform modulo every prime, expanded from a seed: limb by limb, so that a key can be read up to any level.</summary>
    /// <remarks>
    /// The stream of polynomial d and prime q has index d·2^52 + q. The residues are those of the Evaluation form directly: uniform there is
    /// uniform everywhere. Part of the file formats.
    /// </remarks>
    public RnsPolynomial Uniform(RnsBasis basis, byte[] seed, int index)
    {
        int degree = basis.RingDegree;
        ulong[] residues = GC.AllocateUninitializedArray<ulong>(basis.Count * degree);
        Parallel.For(0, basis.Count, limb =>
        {
            using SeededStream stream = new(seed, ((ulong)index << 52) + basis[limb].Value);
            UniformSampler.Sample(stream, basis[limb], residues.AsSpan(limb * degree, degree));
        });
        RnsPolynomial polynomial = new(backend, basis, Domain.Evaluation);
        backend.Upload(residues, polynomial.Block);
        return polynomial;
    }

    /// <summary>Discrete Gaussian coefficients, σ = 3.2.</summary>
    public RnsPolynomial Gaussian(RnsBasis basis, SeededStream stream, bool isSecret = true)
    {
        double[] coefficients = new double[basis.RingDegree];
        GaussianSampler.Sample(stream, coefficients);
        return Upload(basis, coefficients, isSecret);
    }

    /// <summary>Uniform ternary coefficients.</summary>
    public RnsPolynomial Ternary(RnsBasis basis, SeededStream stream, bool isSecret = true)
    {
        double[] coefficients = new double[basis.RingDegree];
        TernarySampler.Sample(stream, coefficients);
        return Upload(basis, coefficients, isSecret);
    }

    // The small coefficients are secret: wiped after use.
    private RnsPolynomial Upload(RnsBasis basis, double[] coefficients, bool isSecret)
    {
        RnsPolynomial polynomial = new(backend, basis, Domain.Evaluation) { IsSecret = isSecret };
        backend.UploadIntegers(coefficients, polynomial.Block);
        Array.Clear(coefficients);
        backend.ForwardNtt([polynomial.Block]);
        return polynomial;
    }
}
