using System.Runtime.InteropServices;
using System.Security.Cryptography;
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
    public RnsPolynomial Gaussian(RnsBasis basis, SeededStream stream, bool isSecret = true) =>
        Sample(basis, stream, GaussianSampler.Sample, isSecret);

    /// <summary>Uniform ternary coefficients.</summary>
    public RnsPolynomial Ternary(RnsBasis basis, SeededStream stream, bool isSecret = true) =>
        Sample(basis, stream, TernarySampler.Sample, isSecret);

    // The small coefficients are secret: never moved, so never copied, by the garbage collector; wiped after use, whatever happens.
    private RnsPolynomial Sample(RnsBasis basis, SeededStream stream, Sampler sampler, bool isSecret)
    {
        double[] coefficients = GC.AllocateArray<double>(basis.RingDegree, pinned: true);
        RnsPolynomial polynomial = new(backend, basis, Domain.Evaluation) { IsSecret = isSecret };
        try
        {
            sampler(stream, coefficients);
            backend.UploadIntegers(coefficients, polynomial.Block);
            backend.ForwardNtt([polynomial.Block]);
            return polynomial;
        }
        catch
        {
            backend.Clear([polynomial.Block]);
            polynomial.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(coefficients.AsSpan()));
        }
    }

    private delegate void Sampler(SeededStream stream, Span<double> destination);
}
