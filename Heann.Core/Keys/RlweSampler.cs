using System.Buffers;
using Heann.Core.Arithmetic;
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
        RnsPolynomial polynomial = new(backend, basis, Domain.Evaluation);
        UniformInto(seed, index, polynomial.Block);
        return polynomial;
    }

    /// <summary>destination ← what <see cref="Uniform"/> gives. On as many threads as the backend uses.</summary>
    public void UniformInto(byte[] seed, int index, LimbBlock destination)
    {
        int count = destination.LimbCount * destination.RingDegree;
        ulong[] residues = ArrayPool<ulong>.Shared.Rent(count); // public values: need no wiping
        try
        {
            if (backend.ThreadCount > 1 && destination.LimbCount > 1)
            {
                Expand(seed, index, destination.Basis, residues, backend.ThreadCount);
            }
            else
            {
                Expand(seed, index, destination.Basis, residues);
            }

            backend.Upload(residues.AsSpan(0, count), destination);
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(residues);
        }
    }

    /// <summary>Discrete Gaussian coefficients, σ = 3.2.</summary>
    public RnsPolynomial Gaussian(RnsBasis basis, SeededStream stream, bool isSecret = true) =>
        Sample(basis, stream, GaussianSampler.Sample, isSecret);

    /// <summary>destination ← discrete Gaussian coefficients, σ = 3.2, in Evaluation form.</summary>
    public void GaussianInto(SeededStream stream, LimbBlock destination) => SampleInto(stream, GaussianSampler.Sample, destination);

    /// <summary>Uniform ternary coefficients.</summary>
    public RnsPolynomial Ternary(RnsBasis basis, SeededStream stream, bool isSecret = true) =>
        Sample(basis, stream, TernarySampler.Sample, isSecret);

    /// <summary>destination ← uniform ternary coefficients, in Evaluation form.</summary>
    public void TernaryInto(SeededStream stream, LimbBlock destination) => SampleInto(stream, TernarySampler.Sample, destination);

    // The small coefficients are secret: never moved, so never copied, by the garbage collector; wiped after use, whatever happens.
    private RnsPolynomial Sample(RnsBasis basis, SeededStream stream, Sampler sampler, bool isSecret)
    {
        using SecretArray<double> coefficients = SecretArray<double>.Rent(basis.RingDegree);
        sampler(stream, coefficients.Span);
        return Upload(backend, basis, coefficients.Span, isSecret);
    }

    private void SampleInto(SeededStream stream, Sampler sampler, LimbBlock destination)
    {
        using SecretArray<double> coefficients = SecretArray<double>.Rent(destination.RingDegree);
        sampler(stream, coefficients.Span);
        backend.UploadIntegers(coefficients.Span, destination);
        backend.ForwardNtt([destination]);
    }

    private static void Expand(byte[] seed, int index, RnsBasis basis, ulong[] residues)
    {
        using SeededStream stream = new(seed, StreamOf(index, basis[0]));
        for (int limb = 0; limb < basis.Count; limb++)
        {
            stream.SwitchTo(StreamOf(index, basis[limb]));
            UniformSampler.Sample(stream, basis[limb], residues.AsSpan(limb * basis.RingDegree, basis.RingDegree));
        }
    }

    private static void Expand(byte[] seed, int index, RnsBasis basis, ulong[] residues, int threadCount) =>
        Parallel.For(0, basis.Count, new ParallelOptions { MaxDegreeOfParallelism = threadCount }, limb =>
        {
            using SeededStream stream = new(seed, StreamOf(index, basis[limb]));
            UniformSampler.Sample(stream, basis[limb], residues.AsSpan(limb * basis.RingDegree, basis.RingDegree));
        });

    private static ulong StreamOf(int index, Modulus q) => ((ulong)index << 52) + q.Value;

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
