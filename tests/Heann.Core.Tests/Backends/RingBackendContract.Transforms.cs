using System.Numerics;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Core.Tests.Backends;

/// <summary>The transform and the automorphisms.</summary>
public abstract partial class RingBackendContract
{
    [Theory]
    [MemberData(nameof(Shapes))]
    public void ForwardNtt_EvaluatesAtOddPowersOfPsiInBitReversedOrder(int degree, int limbCount)
    {
        SeededRandom random = Seeded(degree, limbCount, 30);
        RnsBasis basis = Basis(degree, limbCount);
        ulong[][] patterns = Patterns(random, basis);
        RnsPolynomial[] polynomials = [.. patterns.Select(a => New(basis, a))];
        Backend.ForwardNtt(Blocks(polynomials));
        for (int i = 0; i < patterns.Length; i++)
        {
            AssertHolds(EvaluateAtRoots(basis, patterns[i]), polynomials[i], $"transform, pattern {i}", random);
        }
    }

    [Theory]
    [InlineData(128, 4)]
    [InlineData(256, 4)]
    [InlineData(512, 4)]
    [InlineData(2048, 3)]
    [InlineData(4096, 2)]
    [InlineData(8192, 2)]
    [InlineData(16384, 2)]
    [InlineData(32768, 1)]
    [InlineData(65536, 1)]
    public void ForwardNtt_EvaluatesRightAtSamplesOfLargeDegrees(int degree, int limbCount)
    {
        SeededRandom random = Seeded(degree, limbCount, 31);
        RnsBasis basis = BasisOfSizes(degree, [.. ((int[])[50, 26, 45, 36])[..limbCount]]);
        foreach (ulong[] coefficients in (ulong[][])[Expect(basis, (_, _, _) => -1), RandomResidues(random, basis)])
        {
            RnsPolynomial polynomial = New(basis, coefficients);
            Backend.ForwardNtt([polynomial.Block]);
            ulong[] values = polynomial.ToResidues();
            for (int limb = 0; limb < limbCount; limb++)
            {
                ulong[] a = Limb(basis, coefficients, limb);
                foreach (int i in (int[])[0, degree - 1, random.Next(degree), random.Next(degree)])
                {
                    Assert.True(
                        EvaluateAtRoot(basis[limb].Value, a, i) == values[limb * degree + i],
                        $"value {i} of limb {limb}, q = {basis[limb]}; seed {random.Seed}");
                }
            }

            Backend.InverseNtt([polynomial.Block]);
            AssertHolds(coefficients, polynomial, "there and back", random);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void InverseNtt_UndoesForwardNttAndTheOtherWayRound(int degree, int limbCount)
    {
        SeededRandom random = Seeded(degree, limbCount, 32);
        RnsBasis basis = Basis(degree, limbCount);
        ulong[][] patterns = Patterns(random, basis);
        RnsPolynomial[] there = [.. patterns.Select(a => New(basis, a))];
        RnsPolynomial[] back = [.. patterns.Select(a => New(basis, a))];
        Backend.ForwardNtt(Blocks(there));
        Backend.InverseNtt(Blocks(there));
        Backend.InverseNtt(Blocks(back));
        Backend.ForwardNtt(Blocks(back));
        for (int i = 0; i < patterns.Length; i++)
        {
            AssertHolds(patterns[i], there[i], $"forward, then inverse, pattern {i}", random);
            AssertHolds(patterns[i], back[i], $"inverse, then forward, pattern {i}", random);
        }
    }

    [Fact]
    public void ForwardNtt_AndInverseNttTouchTheirBlockOnly()
    {
        SeededRandom random = Seeded(33);
        RnsBasis whole = Basis(64, 5);
        RnsBasis middle = whole.Slice(2, 2);
        ulong[] residues = RandomResidues(random, whole);
        RnsPolynomial polynomial = New(whole, residues);
        Backend.ForwardNtt([polynomial.Slice(2, middle)]);
        ulong[] expected = [.. residues];
        EvaluateAtRoots(middle, residues[128..256]).CopyTo(expected, 128);
        AssertHolds(expected, polynomial, "transform of the middle limbs", random);
        Backend.InverseNtt([polynomial.Slice(2, middle)]);
        AssertHolds(residues, polynomial, "inverse transform of the middle limbs", random);
    }

    [Fact]
    public void Ntt_TakesBlocksOfDifferentBases()
    {
        SeededRandom random = Seeded(34);
        RnsBasis[] bases = [Basis(16, 1), Basis(64, 3), Basis(64, 2).Slice(1, 1), Basis(1, 2), Basis(256, 2)];
        ulong[][] residues = [.. bases.Select(b => RandomResidues(random, b))];
        RnsPolynomial[] polynomials = [.. bases.Select((b, i) => New(b, residues[i]))];
        Backend.ForwardNtt(Blocks(polynomials));
        for (int i = 0; i < bases.Length; i++)
        {
            AssertHolds(EvaluateAtRoots(bases[i], residues[i]), polynomials[i], $"transform of block {i}", random);
        }

        Backend.InverseNtt(Blocks(polynomials));
        for (int i = 0; i < bases.Length; i++)
        {
            AssertHolds(residues[i], polynomials[i], $"there and back, block {i}", random);
        }
    }

    [Theory]
    [MemberData(nameof(Subrings))]
    public void ForwardNtt_OfASubringPolynomialIsConstantOnRuns(int degree, int compactDegree)
    {
        SeededRandom random = Seeded(degree, compactDegree, 35);
        RnsBasis basis = Basis(degree, 2);
        RnsBasis compact = basis.Subring(compactDegree);
        ulong[] small = RandomResidues(random, compact);
        int run = degree / compactDegree;
        ulong[] spread = new ulong[2 * degree];
        for (int i = 0; i < small.Length; i++)
        {
            spread[i * run] = small[i];
        }

        RnsPolynomial compactPolynomial = New(compact, small);
        RnsPolynomial polynomial = New(basis, spread);
        Backend.ForwardNtt([compactPolynomial.Block]);
        Backend.ForwardNtt([polynomial.Block]);
        AssertHolds(Expand(compact, compactPolynomial.ToResidues(), degree), polynomial, $"a polynomial in X^{run}", random);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Multiply_OfTransformsIsTheNegacyclicProduct(int degree, int limbCount)
    {
        SeededRandom random = Seeded(degree, limbCount, 36);
        RnsBasis basis = Basis(degree, limbCount);
        ulong[] largest = Expect(basis, (_, _, _) => -1);
        foreach ((ulong[] x, ulong[] y) in ((ulong[], ulong[])[])
            [(RandomResidues(random, basis), RandomResidues(random, basis)), (largest, largest), (largest, RandomResidues(random, basis))])
        {
            RnsPolynomial left = New(basis, x);
            RnsPolynomial right = New(basis, y);
            Backend.ForwardNtt(Blocks(left, right));
            Backend.Multiply([left.Block], [right.Block], [left.Block]);
            Backend.InverseNtt([left.Block]);
            AssertHolds(Schoolbook(basis, x, y), left, "product modulo X^N + 1", random);
        }
    }

    /// <summary>Degree, rotation, conjugation: nothing, one step either way, the last steps before the period, beyond it.</summary>
    public static TheoryData<int, int, bool> Automorphisms =>
    [
        .. from degree in (int[])[1, 2, 4, 8, 32, 64, 1024]
           from steps in ((int[])[0, 1, -1, 2, 3, degree / 2 - 1, degree / 2, degree + 5, int.MinValue, int.MaxValue]).Distinct()
           from isConjugation in (bool[])[false, true]
           select (degree, steps, isConjugation),
    ];

    [Theory]
    [MemberData(nameof(Automorphisms))]
    public void Automorphism_SubstitutesAPowerOfXInBothDomains(int degree, int steps, bool isConjugation)
    {
        SeededRandom random = Seeded(degree, steps, isConjugation ? 1 : 0, 37);
        RnsBasis basis = Basis(degree, 2);
        GaloisElement element = new(steps, isConjugation);
        BigInteger g = Exponent(degree, steps, isConjugation);
        ulong[][] xs = [RandomResidues(random, basis), RandomResidues(random, basis)];
        RnsPolynomial[] operands = [.. xs.Select(x => New(basis, x))];
        RnsPolynomial[] coefficients = [.. xs.Select(_ => New(basis, RandomResidues(random, basis)))];
        RnsPolynomial[] evaluations = [.. xs.Select(_ => New(basis, RandomResidues(random, basis)))];
        Backend.Automorphism(Domain.Coefficient, element, Blocks(operands), Blocks(coefficients));
        AssertHolds(xs[1], operands[1], "the operand", random);
        Backend.ForwardNtt(Blocks(operands));
        Backend.Automorphism(Domain.Evaluation, element, Blocks(operands), Blocks(evaluations));
        Backend.InverseNtt(Blocks(evaluations));
        for (int i = 0; i < xs.Length; i++)
        {
            ulong[] expected = Substitute(basis, xs[i], g);
            AssertHolds(expected, coefficients[i], $"{element}, coefficients, block {i}", random);
            AssertHolds(expected, evaluations[i], $"{element}, evaluations, block {i}", random);
        }
    }

    [Theory]
    [InlineData(4096, 1, false)]
    [InlineData(16384, -1, true)]
    [InlineData(65536, 32767, false)]
    public void Automorphism_OfLargeDegreesAgreesInBothDomains(int degree, int steps, bool isConjugation)
    {
        SeededRandom random = Seeded(degree, steps, 38);
        RnsBasis basis = BasisOfSizes(degree, 50);
        GaloisElement element = new(steps, isConjugation);
        ulong[] x = RandomResidues(random, basis);
        ulong[] expected = Substitute(basis, x, Exponent(degree, steps, isConjugation));
        RnsPolynomial operand = New(basis, x);
        RnsPolynomial destination = New(basis);
        Backend.Automorphism(Domain.Coefficient, element, [operand.Block], [destination.Block]);
        AssertHolds(expected, destination, $"{element}, coefficients", random);
        Backend.ForwardNtt([operand.Block]);
        Backend.Automorphism(Domain.Evaluation, element, [operand.Block], [destination.Block]);
        Backend.InverseNtt([destination.Block]);
        AssertHolds(expected, destination, $"{element}, evaluations", random);
    }

    // Calls on different buffers from several threads at once; scratch space shared by mistake shows here.
    [Fact]
    public void Calls_FromSeveralThreadsDoNotDisturbEachOther()
    {
        const int Threads = 8;
        SeededRandom random = Seeded(39);
        RnsBasis whole = Basis(256, 4);
        RnsBasis kept = whole.Take(3);
        LimbDivision division = new(kept, whole.Slice(3, 1));
        ulong[][] xs = [.. Enumerable.Range(0, Threads).Select(_ => RandomResidues(random, whole))];
        RnsPolynomial[] operands = [.. xs.Select(x => New(whole, x))];
        RnsPolynomial[] quotients = [.. xs.Select(_ => New(kept))];
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, i =>
        {
            for (int round = 0; round < 5; round++)
            {
                Backend.ForwardNtt([operands[i].Block]);
                Backend.Divide(division, [operands[i].Block], [quotients[i].Block]);
                Backend.InverseNtt([operands[i].Block]);
            }
        });
        for (int i = 0; i < Threads; i++)
        {
            AssertHolds(xs[i], operands[i], $"operand of thread {i}", random);
            ulong[] expected = EvaluateAtRoots(kept, Reduce(kept, RoundedQuotients(whole, division.Dropped, xs[i])));
            AssertHolds(expected, quotients[i], $"quotient of thread {i}", random);
        }
    }

    // 5^k or −5^k modulo 2N; the order of 5 is N/2.
    private static BigInteger Exponent(int degree, int steps, bool isConjugation)
    {
        int period = Math.Max(1, degree / 2);
        int k = (int)(((long)steps % period + period) % period);
        BigInteger g = 1;
        for (int i = 0; i < k; i++)
        {
            g = g * 5 % (2 * degree);
        }

        return isConjugation ? 2 * degree - g : g;
    }
}
