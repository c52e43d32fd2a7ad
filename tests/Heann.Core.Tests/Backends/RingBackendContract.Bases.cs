using System.Numerics;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Core.Tests.Backends;

/// <summary>Basis conversion, digit extension, division by the last primes.</summary>
public abstract partial class RingBackendContract
{
    /// <summary>Degree, number of source primes, number of target primes.</summary>
    public static TheoryData<int, int, int> Conversions => new()
    {
        { 1, 1, 1 }, { 2, 1, 4 }, { 4, 2, 1 }, { 8, 3, 5 }, { 16, 1, 3 }, { 32, 8, 2 }, { 64, 4, 4 }, { 64, 12, 3 }, { 1024, 2, 2 },
    };

    [Theory]
    [MemberData(nameof(Conversions))]
    public void ConvertBasis_IsTheCentredLift(int degree, int sourceCount, int targetCount)
    {
        SeededRandom random = Seeded(degree, sourceCount, targetCount, 40);
        RnsBasis whole = Basis(degree, sourceCount + targetCount);
        RnsBasis source = whole.Take(sourceCount);
        RnsBasis target = whole.Slice(sourceCount, targetCount);
        ulong[][] xs = [.. Enumerable.Range(0, 3).Select(_ => RandomResidues(random, source))];
        RnsPolynomial[] operands = [.. xs.Select(x => New(source, x))];
        RnsPolynomial[] destination = [.. xs.Select(_ => New(target))];
        Backend.ConvertBasis(new(source, target), Blocks(operands), Blocks(destination));
        for (int i = 0; i < xs.Length; i++)
        {
            AssertHolds(Reduce(target, LiftAsDefined(source, xs[i])), destination[i], $"conversion, block {i}", random);
            AssertHolds(xs[i], operands[i], $"x after the conversion, block {i}", random);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(20)]
    public void ConvertBasis_KeepsSmallIntegersOfEitherSign(int sourceCount)
    {
        SeededRandom random = Seeded(sourceCount, 41);
        RnsBasis whole = Basis(64, sourceCount + 3);
        RnsBasis source = whole.Take(sourceCount);
        RnsBasis target = whole.Slice(sourceCount, 3);
        BigInteger[] integers = [.. Enumerable.Range(0, 64).Select(i => i < 8 ? i - 4 : new BigInteger(random.Next(-(1 << 23), 1 << 23)))];
        RnsPolynomial destination = New(target);
        Backend.ConvertBasis(new(source, target), [New(source, Reduce(source, integers)).Block], [destination.Block]);
        AssertHolds(Reduce(target, integers), destination, "small integers", random);
    }

    // Around ±D/2 the quotient is what the rounded sum says: bit for bit the definition, and never further than one D from the centred
    // lift.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(24)]
    public void ConvertBasis_FollowsItsDefinitionAtTheBoundary(int sourceCount)
    {
        const int Degree = 256;
        SeededRandom random = Seeded(sourceCount, 42);
        RnsBasis whole = Basis(Degree, sourceCount + 2);
        RnsBasis source = whole.Take(sourceCount);
        RnsBasis target = whole.Slice(sourceCount, 2);
        BigInteger product = source.Product;
        BigInteger[] integers = [.. Enumerable.Range(0, Degree).Select(i =>
        {
            BigInteger near = i < 8 ? i - 4 : (product * random.Next(-1000, 1000)) >> random.Next(40, 64);
            return i % 16 == 15 ? near : (i % 2 == 0 ? product / 2 : -(product / 2)) + near;
        })];
        ulong[] x = Reduce(source, integers);
        RnsPolynomial destination = New(target);
        Backend.ConvertBasis(new(source, target), [New(source, x).Block], [destination.Block]);
        BigInteger[] lift = LiftAsDefined(source, x);
        AssertHolds(Reduce(target, lift), destination, "conversion near ±D/2", random);
        BigInteger[] centred = Lift(source, x);
        int crossed = lift.Zip(centred).Count(pair => pair.First != pair.Second);

        // With one prime the quotient is always exact; with several the cases at hand do cross.
        Assert.Equal(sourceCount > 1, crossed > 0);
        Assert.True(crossed < Degree / 2, $"{crossed} of {Degree} cases crossed; seed {random.Seed}");
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 3)]
    [InlineData(1, 2)]
    [InlineData(4, 1)]
    [InlineData(0, 5)]
    public void ConvertBasis_ReturnsTheResidueOfASharedPrime(int first, int count)
    {
        SeededRandom random = Seeded(first, count, 43);
        RnsBasis target = Basis(32, 5);
        RnsBasis source = target.Slice(first, count);
        foreach (ulong[] x in Patterns(random, source))
        {
            RnsPolynomial destination = New(target);
            Backend.ConvertBasis(new(source, target), [New(source, x).Block], [destination.Block]);
            AssertHolds(Reduce(target, LiftAsDefined(source, x)), destination, "conversion into a larger basis", random);
            AssertResidues(source, x, destination.ToResidues()[(first * 32)..((first + count) * 32)], "shared limbs", random);
        }
    }

    [Fact]
    public void ConvertBasis_FindsSharedPrimesInAnyOrder()
    {
        SeededRandom random = Seeded(44);
        RnsBasis source = Basis(32, 4);
        RnsBasis target = new(32, [source[3].Value, Basis(32, 5)[4].Value, source[0].Value]);
        ulong[] x = RandomResidues(random, source);
        RnsPolynomial destination = New(target);
        Backend.ConvertBasis(new(source, target), [New(source, x).Block], [destination.Block]);
        AssertHolds(Reduce(target, LiftAsDefined(source, x)), destination, "conversion into permuted primes", random);
    }

    [Theory]
    [InlineData(1, 3, 0, 1)]
    [InlineData(2, 2, 1, 1)]
    [InlineData(8, 4, 0, 4)]
    [InlineData(16, 5, 0, 2)]
    [InlineData(16, 5, 2, 2)]
    [InlineData(16, 5, 3, 2)]
    [InlineData(64, 6, 4, 1)]
    [InlineData(1024, 3, 1, 1)]
    public void ModUp_ExtendsAndTransformsADigit(int degree, int limbCount, int first, int count)
    {
        SeededRandom random = Seeded(degree, first, count, 45);
        RnsBasis target = Basis(degree, limbCount);
        RnsBasis digit = target.Slice(first, count);
        ulong[][] xs = [.. Enumerable.Range(0, 3).Select(_ => RandomResidues(random, digit))];
        RnsPolynomial[] coefficients = [.. xs.Select(x => New(digit, x))];
        RnsPolynomial[] evaluations = [.. xs.Select(x => New(digit, EvaluateAtRoots(digit, x)))];
        RnsPolynomial[] destination = [.. xs.Select(_ => New(target))];
        Backend.ModUp(new(digit, target), Blocks(coefficients), Blocks(evaluations), Blocks(destination));
        for (int i = 0; i < xs.Length; i++)
        {
            AssertHolds(EvaluateAtRoots(target, Reduce(target, LiftAsDefined(digit, xs[i]))), destination[i], $"digit {i}", random);
            AssertHolds(xs[i], coefficients[i], $"coefficients of digit {i} afterwards", random);
        }
    }

    /// <summary>Degree, kept primes, dropped primes: Rescale drops one, ModDown several.</summary>
    public static TheoryData<int, int, int> Divisions => new()
    {
        { 1, 1, 1 }, { 1, 2, 2 }, { 1, 1, 3 }, { 2, 3, 1 }, { 4, 1, 2 }, { 8, 4, 3 }, { 16, 1, 1 }, { 64, 5, 1 }, { 64, 2, 6 }, { 1024, 2, 1 },
    };

    [Theory]
    [MemberData(nameof(Divisions))]
    public void Divide_RoundsTheQuotientToTheNearestInteger(int degree, int keptCount, int droppedCount)
    {
        SeededRandom random = Seeded(degree, keptCount, droppedCount, 46);
        RnsBasis whole = Basis(degree, keptCount + droppedCount);
        RnsBasis kept = whole.Take(keptCount);
        LimbDivision division = new(kept, whole.Slice(keptCount, droppedCount));
        ulong[][] xs = Patterns(random, whole)[(degree > 64 ? 4 : 0)..]; // the twin is slow
        ulong[][] values = [.. xs.Select(x => EvaluateAtRoots(whole, x))];
        RnsPolynomial[] operands = [.. values.Select(v => New(whole, v))];
        RnsPolynomial[] destination = [.. xs.Select(_ => New(kept))];
        Backend.Divide(division, Blocks(operands), Blocks(destination));
        for (int i = 0; i < xs.Length; i++)
        {
            AssertHolds(values[i], operands[i], $"x after the division, block {i}", random);
        }

        Backend.Divide(division, Blocks(operands), [.. operands.Select(p => p.Prefix(kept))]);
        for (int i = 0; i < xs.Length; i++)
        {
            ulong[] expected = EvaluateAtRoots(kept, Reduce(kept, RoundedQuotients(whole, division.Dropped, xs[i])));
            AssertHolds(expected, destination[i], $"quotient, block {i}", random);
            AssertResidues(kept, expected, operands[i].ToResidues()[..expected.Length], $"quotient onto x, block {i}", random);
        }
    }

    [Fact]
    public void Divide_OfAMultipleIsExactAndTiesAreFarAway()
    {
        SeededRandom random = Seeded(47);
        RnsBasis whole = Basis(64, 5);
        RnsBasis kept = whole.Take(3);
        RnsBasis dropped = whole.Slice(3, 2);
        BigInteger divisor = dropped.Product;
        // m·D + r rounds to m for every |r| < D/2: r = 0, ±1 and a random tenth of D.
        BigInteger[] quotients = [.. Enumerable.Range(0, 64).Select(_ => new BigInteger(random.NextInt64(-(1L << 60), 1L << 60)))];
        BigInteger[] x = [.. quotients.Select((m, i) => m * divisor + (i % 4 < 3 ? i % 4 - 1 : divisor * random.Next(-400, 400) / 1000))];
        RnsPolynomial operand = New(whole, EvaluateAtRoots(whole, Reduce(whole, x)));
        RnsPolynomial destination = New(kept);
        Backend.Divide(new(kept, dropped), [operand.Block], [destination.Block]);
        AssertHolds(EvaluateAtRoots(kept, Reduce(kept, quotients)), destination, "quotients", random);
    }

    // (x − [x]_D)/D with the remainder of least magnitude: ⌊x/D⌉, which is ⌊(x + (D − 1)/2)/D⌋ for odd D, except where a remainder as
    // good as ±D/2 may go to either side.
    private static BigInteger[] RoundedQuotients(RnsBasis whole, RnsBasis dropped, ulong[] x)
    {
        BigInteger divisor = dropped.Product;
        ulong[] last = x[^(dropped.Count * whole.RingDegree)..];
        BigInteger[] remainders = LiftAsDefined(dropped, last);
        BigInteger[] centred = Lift(dropped, last);
        return [.. Lift(whole, x).Select((value, k) =>
        {
            BigInteger shifted = value + (divisor - 1) / 2;
            BigInteger floor = BigInteger.Divide(shifted - ((shifted % divisor) + divisor) % divisor, divisor);
            Assert.Equal(floor, (value - centred[k]) / divisor);
            return floor + (centred[k] - remainders[k]) / divisor;
        })];
    }
}
