using Heann.Core;
using Heann.Core.Backends;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Tests.Backends;
using Heann.Core.Tests.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Gpu.Tests;

/// <summary>Rings of the sizes that are used, too large for naive twins: against the processor's backends, residue by residue.</summary>
public sealed class GpuComparisonTests(ITestOutputHelper output)
{
    public static TheoryData<int> LogDegrees => [10, 11, 12, 13, 14, 15, 16, 17];

    [Theory]
    [InlineData(8)]
    [InlineData(256)]
    [InlineData(4096)]
    public void EveryOperation_EqualsTheReference(int degree)
    {
        RnsBasis basis = BasisOfSizes(degree, 50, 26, 36, 49, 40, 25);
        using ScalarBackend scalar = new();
        new BackendComparison(Devices.Shared, scalar, basis, Seeded(degree, 80)).RunAll();
    }

    [Theory]
    [MemberData(nameof(LogDegrees))]
    public void Transforms_EqualTheProcessors(int logDegree)
    {
        int degree = 1 << logDegree;
        RnsBasis basis = BasisOfSizes(degree, 50, 26, 49);
        GpuBackend gpu = Devices.Shared;
        using SimdBackend simd = new();
        SeededRandom random = Seeded(degree, 81);
        foreach (ulong[] pattern in Patterns(random, basis))
        {
            Run("forward", b => b.ForwardNtt, pattern);
            Run("inverse", b => b.InverseNtt, pattern);
        }

        void Run(string what, Func<RingBackend, Transform> transform, ulong[] residues)
        {
            using RnsPolynomial expected = Upload(simd, basis, residues), actual = Upload(gpu, basis, residues);
            transform(simd)([expected.Block]);
            transform(gpu)([actual.Block]);
            AssertResidues(basis, expected.ToResidues(), actual.ToResidues(), $"{what}, N = {degree}", random);
        }
    }

    // Keys and operands are made by the processor; the GPU reads them and must write the same bytes, at every level.
    [Theory]
    [InlineData(10, 1)]
    [InlineData(12, 2)]
    [InlineData(13, 3)]
    [InlineData(16, 2)]
    public void Ciphertexts_AreTheSameBytesAtEveryLevel(int logDegree, int digitCount)
    {
        CkksParameters parameters = CkksParameters.CreateInsecure(
            logDegree, [50, 40, 40, 36, 31, 40], [.. Enumerable.Repeat(50, 6 / digitCount)], digitCount, Scale.FromLog2(40));
        using SimdBackend simd = new();
        using CkksContext cpu = CkksContext.Create(parameters, simd);
        using CkksContext gpu = CkksContext.Create(parameters, Devices.Shared);
        using SecretKey secret = cpu.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = cpu.KeyGenerator.CreateEvaluationKeys(
            secret, KeyRequest.ForRotations([1, -3], parameters.MaxLevel, withConjugation: true));
        using EvaluationKeys gpuKeys = gpu.Codecs.EvaluationKeys.Read(cpu.Codecs.EvaluationKeys.ToBytes(keys));
        double[] values = [.. Enumerable.Range(0, parameters.SlotCount).Select(i => Math.Sin(i))];
        using Ciphertext x = cpu.Encrypt(secret, values);
        byte[] bytes = cpu.Codecs.Ciphertext.ToBytes(x);
        using Ciphertext gpuX = gpu.Codecs.Ciphertext.Read(bytes);
        Assert.Equal(bytes, gpu.Codecs.Ciphertext.ToBytes(gpuX));
        CkksEvaluator onCpu = cpu.CreateEvaluator(keys), onGpu = gpu.CreateEvaluator(gpuKeys);
        for (int level = parameters.MaxLevel; level >= 1; level--)
        {
            List<byte[]> expected = Run(cpu, onCpu, x, level), actual = Run(gpu, onGpu, gpuX, level);
            for (int i = 0; i < expected.Count; i++)
            {
                Assert.True(expected[i].AsSpan().SequenceEqual(actual[i]), $"level {level}, result {i}");
            }
        }

        output.WriteLine($"{Devices.Shared.Name}: {parameters}");

        static List<byte[]> Run(CkksContext context, CkksEvaluator e, Ciphertext top, int level)
        {
            using Ciphertext x = e.DropLevel(top, level);
            using Ciphertext square = e.Multiply(x, x);
            using Ciphertext rescaled = e.Rescale(square);
            using Ciphertext rotated = e.Rotate(x, 1);
            using Ciphertext conjugated = e.Conjugate(rescaled);
            Ciphertext[] hoisted = e.RotateMany(x, [1, -3]);
            List<byte[]> bytes =
                [.. new[] { square, rescaled, rotated, conjugated, hoisted[0], hoisted[1] }.Select(c => context.Codecs.Ciphertext.ToBytes(c))];
            Array.ForEach(hoisted, c => c.Dispose());
            return bytes;
        }
    }

    private delegate void Transform(ReadOnlySpan<LimbBlock> x);
}
