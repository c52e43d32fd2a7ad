using System.Numerics;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Core.Tests.Backends;

/// <summary>
/// What every backend must do, to the bit, against naive twins. A backend's test class inherits this and says how to create it.
/// </summary>
/// <remarks>This part: setting up, transfers. The others: arithmetic, transforms, bases, refusals.</remarks>
public abstract partial class RingBackendContract : IDisposable
{
    private readonly Lazy<RingBackend> _backend;
    private readonly List<RnsPolynomial> _polynomials = [];

    protected RingBackendContract() => _backend = new(CreateBackend);

    /// <summary>Ring degree and limb count; one limb is level 0.</summary>
    public static TheoryData<int, int> Shapes => new()
    {
        { 1, 1 }, { 1, 3 }, { 2, 1 }, { 2, 2 }, { 4, 4 }, { 8, 1 }, { 8, 8 }, { 16, 3 }, { 32, 2 }, { 64, 5 }, { 1024, 2 },
    };

    protected RingBackend Backend => _backend.Value;

    protected abstract RingBackend CreateBackend();

    /// <summary>Called once per test; override it when <see cref="CreateBackend"/> hands out a shared backend.</summary>
    protected virtual void ReleaseBackend(RingBackend backend) => backend.Dispose();

    public void Dispose()
    {
        _polynomials.ForEach(p => p.Dispose());
        if (_backend.IsValueCreated)
        {
            ReleaseBackend(_backend.Value);
        }

        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Download_ReturnsWhatWasUploaded(int degree, int limbCount)
    {
        SeededRandom random = Seeded(degree, limbCount, 1);
        RnsBasis basis = Basis(degree, limbCount);
        foreach (ulong[] residues in Patterns(random, basis))
        {
            AssertHolds(residues, New(basis, residues), "round trip", random);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void UploadIntegers_ReducesModuloEveryPrime(int degree, int limbCount)
    {
        SeededRandom random = Seeded(degree, limbCount, 2);
        RnsBasis basis = Basis(degree, limbCount);
        double[] special =
        [
            0, -0.0, 1, -1, 562949953421312.0, -1125899906842624.0, 4503599627370497.0, -9007199254740992.0, 8.999999999999999e15,
            9.0e15, -9.0e15, 9.000000000000002e15, long.MaxValue, long.MinValue, Math.ScaleB(1, 64), Math.ScaleB(-1, 80), Math.ScaleB(1, 120), Math.ScaleB(-1, 120),
            Math.BitDecrement(Math.ScaleB(1, 120)),
        ];
        for (int start = 0; start < special.Length + 200; start += degree)
        {
            double[] values = [.. Enumerable.Range(start, degree).Select(i => i < special.Length ? special[i] : RandomInteger(random))];
            RnsPolynomial polynomial = New(basis);
            Backend.UploadIntegers(values, polynomial.Block);
            AssertHolds(Expect(basis, (_, _, k) => new BigInteger(values[k])), polynomial, "integers", random);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void CopyAndClear_WriteExactlyTheirBlocks(int degree, int limbCount)
    {
        SeededRandom random = Seeded(degree, limbCount, 3);
        RnsBasis whole = Basis(degree, limbCount + 2);
        RnsBasis middle = whole.Slice(1, limbCount);
        ulong[] source = RandomResidues(random, whole);
        ulong[] old = RandomResidues(random, whole);
        RnsPolynomial from = New(whole, source);
        RnsPolynomial copied = New(whole, old);
        RnsPolynomial cleared = New(whole, old);
        Backend.Copy([from.Slice(1, middle)], [copied.Slice(1, middle)]);
        Backend.Clear([cleared.Slice(1, middle)]);
        Range inside = degree..((limbCount + 1) * degree);
        ulong[] expected = [.. old];
        source[inside].CopyTo(expected, degree);
        AssertHolds(expected, copied, "copy", random);
        expected.AsSpan(inside).Clear();
        AssertHolds(expected, cleared, "clear", random);
        AssertHolds(source, from, "source of the copy", random);
    }

    [Fact]
    public void Copy_MovesSeveralBlocksOfDifferentBuffers()
    {
        SeededRandom random = Seeded(4);
        RnsBasis basis = Basis(16, 3);
        ulong[][] residues = Patterns(random, basis);
        RnsPolynomial[] from = [.. residues.Select(r => New(basis, r))];
        RnsPolynomial[] to = [.. residues.Select(_ => New(basis))];
        Backend.Copy(Blocks(from), Blocks(to));
        for (int i = 0; i < to.Length; i++)
        {
            AssertHolds(residues[i], to[i], $"block {i}", random);
        }
    }

    /// <summary>A polynomial that this test disposes; uninitialised without residues.</summary>
    protected RnsPolynomial New(RnsBasis basis, ulong[]? residues = null)
    {
        RnsPolynomial polynomial = residues is null ? new(Backend, basis, Domain.Coefficient) : Upload(Backend, basis, residues);
        _polynomials.Add(polynomial);
        return polynomial;
    }

    protected static LimbBlock[] Blocks(params RnsPolynomial[] polynomials) => [.. polynomials.Select(p => p.Block)];

    protected static void AssertHolds(ulong[] expected, RnsPolynomial actual, string what, SeededRandom random) =>
        AssertResidues(actual.Basis, expected, actual.ToResidues(), what, random);

    // A random mantissa of 53 bits times a power of two, |x| ≤ 2^120, an integer.
    private static double RandomInteger(Random random) =>
        Math.Round(Math.ScaleB(random.NextDouble() * 2 - 1, random.Next(121)), MidpointRounding.ToEven);
}
