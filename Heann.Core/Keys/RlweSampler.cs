using System.Buffers;
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
        ulong[] residues = ArrayPool<ulong>.Shared.Rent(basis.Count * degree); // public values: need no wiping
        Parallel.For(0, basis.Count, limb =>
        {
            using SeededStream stream = new(seed, ((ulong)index << 52) + basis[limb].Value);
            UniformSampler.Sample(stream, basis[limb], residues.AsSpan(limb * degree, degree));
        });
        RnsPolynomial polynomial = new(backend, basis, Domain.Evaluation);
        backend.Upload(residues.AsSpan(0, basis.Count * degree), polynomial.Block);
        ArrayPool<ulong>.Shared.Return(residues);
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
        try
        {
            sampler(stream, coefficients);
            return Upload(backend, basis, coefficients, isSecret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(coefficients.AsSpan()));
        }
    }

    /// <summary>Small coefficients → Evaluation form modulo every prime. The caller wipes them.</summary>
    public static RnsPolynomial Upload(RingBackend backend, RnsBasis basis, ReadOnlySpan<double> coefficients, bool isSecret = true)
    {
        RnsPolynomial polynomial = new(backend, basis, Domain.Evaluation) { IsSecret = isSecret };
        try
        {
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
    }

    private delegate void Sampler(SeededStream stream, Span<double> destination);
}
