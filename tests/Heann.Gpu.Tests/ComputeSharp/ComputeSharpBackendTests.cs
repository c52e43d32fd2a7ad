using System.Reflection;
using Heann.Core.Backends;
using Heann.Core.Rings;
using Heann.Core.Tests.Backends;
using Heann.Core.Tests.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Gpu.Tests.Direct3D;

/// <summary>Where the backend under test comes from: the stand-in, or on Windows the first device, if there is one.</summary>
internal static class Device
{
    public static ComputeSharpBackend Open()
    {
        IReadOnlyList<GpuDevice> devices = ComputeSharpBackend.Devices();
        Assert.SkipUnless(devices.Any(d => d.IsAvailable), string.Join("; ", devices));
        return ComputeSharpBackend.Open();
    }
}

/// <summary>The contract of every backend, against the naive twins.</summary>
public sealed class ComputeSharpContractTests : RingBackendContract
{
    protected override RingBackend CreateBackend() => Device.Open();
}

/// <summary>What the contract does not ask for: larger rings, tiny primes, devices, lifetimes.</summary>
public sealed class ComputeSharpBackendTests
{
    [Fact]
    public void Transforms_OfALargeRingEqualTheReference()
    {
        SeededRandom random = Seeded(900);
        RnsBasis basis = BasisOfSizes(1 << 12, 50, 36);
        AssertSame(basis, RandomResidues(random, basis), "NTT", random, static (b, x) => b.ForwardNtt([x]));
        AssertSame(basis, RandomResidues(random, basis), "inverse NTT", random, static (b, x) => b.InverseNtt([x]));
    }

    // The smallest primes that these rings allow; q = 3 is the smallest modulus there is.
    [Theory]
    [InlineData(1, 3, 5)]
    [InlineData(1, 7, 11)]
    [InlineData(2, 5, 13)]
    [InlineData(4, 17, 41)]
    [InlineData(64, 257, 641)]
    public void EveryOperation_HoldsForTinyPrimes(int degree, int first, int second)
    {
        SeededRandom random = Seeded(degree, first, 901);
        RnsBasis basis = new(degree, [(ulong)first, (ulong)second]);
        RnsBasis other = BasisOfSizes(degree, 50);
        foreach (ulong[] x in Patterns(random, basis))
        {
            AssertSame(basis, x, "square", random, static (b, x) => b.Multiply([x], [x], [x]));
            AssertSame(basis, x, "multiply-add", random, static (b, x) => b.MultiplyAdd([x], [x], [x]));
            AssertSame(basis, x, "NTT", random, static (b, x) => b.ForwardNtt([x]));
            AssertSame(basis, x, "inverse NTT", random, static (b, x) => b.InverseNtt([x]));
            AssertSame(basis, x, "conversion", random, (b, x) =>
            {
                using RnsPolynomial up = new(b, other, Domain.Coefficient);
                b.ConvertBasis(new(basis, other), [x], [up.Block]);
                b.ConvertBasis(new(other, basis), [up.Block], [x]);
            });
        }
    }

    [Fact]
    public void ConvertBasis_OfALargeRingEqualsTheReference()
    {
        SeededRandom random = Seeded(902);
        RnsBasis all = Basis(1 << 10, 12);
        RnsBasis source = all.Slice(2, 7);
        ulong[] x = RandomResidues(random, source);
        BasisConversion conversion = new(source, all);
        using ScalarBackend reference = new();
        using ComputeSharpBackend backend = Device.Open();
        AssertResidues(all, Convert(reference), Convert(backend), "conversion", random);

        ulong[] Convert(RingBackend b)
        {
            using RnsPolynomial from = Upload(b, source, x);
            using RnsPolynomial to = new(b, all, Domain.Coefficient);
            b.ConvertBasis(conversion, [from.Block], [to.Block]);
            return to.ToResidues();
        }
    }

    [Fact]
    public void Open_NamesTheDeviceAndRefusesOnesThatAreNotThere()
    {
        using ComputeSharpBackend backend = Device.Open();
        IReadOnlyList<GpuDevice> devices = ComputeSharpBackend.Devices();
        Assert.Equal(Enumerable.Range(0, devices.Count), devices.Select(d => d.Index));
        Assert.All(devices, d => Assert.True(d.IsAvailable && d.Api == GpuApi.ComputeSharp && d.MemoryBytes > 0, d.ToString()));
        Assert.True(devices[^1].IsProcessor, "the software device is the last");
        Assert.Contains(devices[0].Name, backend.Name, StringComparison.Ordinal);
        GpuException refusal = Assert.Throws<GpuException>(() => ComputeSharpBackend.Open(1000));
        Assert.Contains("1000", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ComputeSharpBackend.Open(-1));
    }

    // Not in PublicApi.Heann.Gpu.approved.txt, since not every build has it.
    [Fact]
    public void PublicApi_AddsOpenToThatOfBackends()
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        MemberInfo[] members = typeof(ComputeSharpBackend).GetMembers(Declared);
        Assert.Equal(
            ["Heann.Gpu.ComputeSharpBackend Open(Int32)"],
            members.Where(m => m is not PropertyInfo && !(m is MethodInfo method && method.GetBaseDefinition() != method)).Select(m => $"{m}"));
    }

    [Fact]
    public void Allocate_RefusesMoreThanABufferHolds()
    {
        using ComputeSharpBackend backend = Device.Open();
        Assert.Throws<GpuException>(() => backend.Allocate(1 << 17, 1 << 13));
    }

    [Fact]
    public void SecretBuffers_AreWipedBeforeTheyAreReused()
    {
        RnsBasis basis = Basis(64, 7); // a size that the self-test leaves none of
        using ComputeSharpBackend backend = Device.Open();
        using (RnsPolynomial secret = new(backend, basis, Domain.Coefficient) { IsSecret = true })
        {
            backend.Upload([.. Enumerable.Repeat(1UL, 448)], secret.Block);
        }

        using RnsPolynomial next = new(backend, basis, Domain.Coefficient); // the same storage
        Assert.All(next.ToResidues(), residue => Assert.Equal(0UL, residue));
    }

    [Fact]
    public void Buffers_MayOutliveTheBackendAndGoBackTwice()
    {
        ComputeSharpBackend backend = Device.Open();
        RingBuffer buffer = backend.Allocate(8, 2);
        backend.Dispose();
        buffer.Dispose();
        buffer.Dispose();
        backend.Dispose();
        Assert.Throws<ObjectDisposedException>(() => backend.Allocate(8, 2));
    }

    private static void AssertSame(
        RnsBasis basis, ulong[] residues, string what, SeededRandom random, Action<RingBackend, LimbBlock> operation)
    {
        using ScalarBackend reference = new();
        using ComputeSharpBackend backend = Device.Open();
        using RnsPolynomial expected = Upload(reference, basis, residues);
        using RnsPolynomial actual = Upload(backend, basis, residues);
        operation(reference, expected.Block);
        operation(backend, actual.Block);
        AssertResidues(basis, expected.ToResidues(), actual.ToResidues(), what, random);
    }
}
