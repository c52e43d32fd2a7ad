using System.Numerics;
using Heann.Core.Arithmetic;
using Heann.Core.Backends;
using Heann.Core.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Core.Tests.Rings;

/// <summary>Bases, their tables, and the constants made from them.</summary>
public sealed class RnsBasisTests
{
    [Fact]
    public void Constructor_KeepsTheOrderOfThePrimes()
    {
        ulong[] primes = [97, 193, 17, 113];
        RnsBasis basis = new(8, primes);
        Assert.Equal(primes, basis.Moduli.Select(q => q.Value));
        Assert.Equal((8, 4, 17UL), (basis.RingDegree, basis.Count, basis[2].Value));
        Assert.Equal(new BigInteger(97 * 193 * 17 * 113), basis.Product);
        Assert.Equal(Math.Log2(97.0 * 193 * 17 * 113), basis.Log2, 10);
    }

    [Fact]
    public void Constructor_RefusesRepeatedCompositeAndUnsuitablePrimes()
    {
        Assert.Contains("97 occurs twice", Assert.Throws<ArgumentException>(() => new RnsBasis(8, [97, 17, 97])).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RnsBasis(8, [97, 33]));
        string message = Assert.Throws<ArgumentException>(() => new RnsBasis(16, [97, 17])).Message;
        Assert.Contains("17", message, StringComparison.Ordinal);
        Assert.Contains("2N = 32", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(-8)]
    [InlineData(1 << 21)]
    public void Constructor_RefusesDegreesThatAreNoPowerOfTwo(int degree)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RnsBasis(degree, [97]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RnsBasis(8, [97]).Subring(degree));
    }

    [Fact]
    public void Take_ReturnsTheSamePrefixEveryTime()
    {
        RnsBasis basis = Basis(16, 5);
        Assert.Same(basis, basis.Take(5));
        Assert.Same(basis.Take(3), basis.Take(3));
        Assert.Equal(basis.Moduli.Take(3), basis.Take(3).Moduli);
        Assert.Same(basis.Tables(2), basis.Take(3).Tables(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => basis.Take(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => basis.Take(6));
    }

    [Fact]
    public void Slice_AndConcatAreInverse()
    {
        RnsBasis basis = Basis(16, 5);
        Assert.Equal(basis.Moduli.Skip(1).Take(3), basis.Slice(1, 3).Moduli);
        Assert.Same(basis.Tables(3), basis.Slice(1, 3).Tables(2));
        Assert.Equal(basis.Moduli, basis.Slice(0, 2).Concat(basis.Slice(2, 3)).Moduli);
        Assert.ThrowsAny<ArgumentException>(() => basis.Slice(3, 3));
        Assert.ThrowsAny<ArgumentException>(() => basis.Slice(-1, 2));
        Assert.Throws<ArgumentException>(() => basis.Concat(basis.Slice(4, 1)));
        Assert.Throws<ArgumentException>(() => basis.Concat(Basis(32, 1)));
    }

    [Fact]
    public void Subring_HasThePrimesOfTheRingAndPowersOfItsRoots()
    {
        RnsBasis basis = Basis(64, 3);
        Assert.Same(basis, basis.Subring(64));
        Assert.Same(basis.Subring(8), basis.Subring(8));
        for (int degree = 1; degree < 64; degree *= 2)
        {
            RnsBasis subring = basis.Subring(degree);
            Assert.Equal(basis.Moduli, subring.Moduli);
            Assert.Equal(degree, subring.RingDegree);
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal(BigInteger.ModPow(basis.Tables(i).Root, 64 / degree, basis[i].Value), subring.Tables(i).Root);
            }
        }

        Assert.Contains("128", Assert.Throws<ArgumentException>(() => basis.Subring(128)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(256)]
    public void Tables_HoldPowersOfPsiInBitReversedOrder(int degree)
    {
        RnsBasis basis = Basis(degree, 2);
        int logN = BitOperations.Log2((uint)degree);
        for (int limb = 0; limb < 2; limb++)
        {
            NttTables tables = basis.Tables(limb);
            BigInteger q = basis[limb].Value;
            BigInteger root = Root(q, degree);
            Assert.Equal((ulong)root, tables.Root);
            Assert.Equal(BigInteger.One, (BigInteger)tables.DegreeInverse * degree % q);
            for (int i = 0; i < degree; i++)
            {
                Assert.Equal(ReverseBits(i, logN), NttTables.ReverseBits(i, logN));
                BigInteger power = BigInteger.ModPow(root, ReverseBits(i, logN), q);
                Assert.Equal((ulong)power, tables.Forward[i]);
                Assert.Equal(BigInteger.One, power * tables.Inverse[i] % q);
            }
        }
    }

    [Fact]
    public void BasisConversion_HoldsItsConstants()
    {
        RnsBasis source = Basis(8, 4);
        RnsBasis target = new(8, [source[1].Value, 97, 17]);
        BasisConversion conversion = new(source, target);
        BigInteger product = source.Product;
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(BigInteger.One, product / source[i].Value * conversion.PuncturedInverses[i] % source[i].Value);
            for (int j = 0; j < 3; j++)
            {
                Assert.Equal(Mod(product / source[i].Value, target[j].Value), conversion.Punctured(j)[i]);
            }
        }

        Assert.Equal([1, -1, -1], Enumerable.Range(0, 3).Select(conversion.SharedSource));
        Assert.Equal([0, Mod(product, 97), Mod(product, 17)], conversion.Products.ToArray());
    }

    [Fact]
    public void BasisConversion_AndLimbDivisionRefuseBasesThatDoNotFit()
    {
        Assert.Throws<ArgumentException>(() => new BasisConversion(Basis(8, 2), Basis(16, 2)));
        Assert.Throws<ArgumentException>(() => new LimbDivision(Basis(8, 2), new(16, [97])));
        Assert.Throws<ArgumentException>(() => new LimbDivision(Basis(8, 2), Basis(8, 2).Slice(1, 1)));
        Assert.Throws<ArgumentNullException>(() => new BasisConversion(null!, Basis(8, 2)));
        Assert.Throws<ArgumentNullException>(() => new LimbDivision(Basis(8, 2), null!));
    }

    [Fact]
    public void LimbDivision_HoldsTheInversesOfTheDroppedProduct()
    {
        RnsBasis whole = Basis(8, 5);
        LimbDivision division = new(whole.Take(3), whole.Slice(3, 2));
        for (int j = 0; j < 3; j++)
        {
            Assert.Equal(BigInteger.One, whole.Slice(3, 2).Product * division.Inverses[j] % whole[j].Value);
        }

        Assert.Same(division.Dropped, division.Conversion.Source);
        Assert.Same(division.Kept, division.Conversion.Target);
    }

    [Fact]
    public void LimbBlock_RefusesLimbsOutsideTheBuffer()
    {
        using ScalarBackend backend = new();
        using RingBuffer buffer = backend.Allocate(8, 3);
        RnsBasis two = Basis(8, 2);
        Assert.Equal((1, 2, 8, false), Describe(new(buffer, 1, two)));
        Assert.True(default(LimbBlock).IsZero);
        foreach (int first in (int[])[2, 3, -1, int.MinValue, int.MaxValue, int.MaxValue - 1])
        {
            Assert.Throws<ArgumentException>(() => new LimbBlock(buffer, first, two));
        }

        Assert.Throws<ArgumentException>(() => new LimbBlock(buffer, 0, Basis(16, 2)));
        Assert.Throws<ArgumentNullException>(() => new LimbBlock(null!, 0, two));
        Assert.Throws<ArgumentNullException>(() => new LimbBlock(buffer, 0, null!));

        static (int, int, int, bool) Describe(LimbBlock block) => (block.FirstLimb, block.LimbCount, block.RingDegree, block.IsZero);
    }

    [Fact]
    public void RnsPolynomial_DescribesItsBuffer()
    {
        using ScalarBackend backend = new();
        RnsBasis basis = Basis(8, 4);
        SeededRandom random = Seeded(1);
        ulong[] residues = RandomResidues(random, basis);
        RnsPolynomial polynomial = Upload(backend, basis, residues, Domain.Evaluation);
        Assert.Equal((8, 4, 256L, Domain.Evaluation),
            (polynomial.RingDegree, polynomial.LimbCount, polynomial.ByteCount, polynomial.Domain));
        Assert.Same(backend, polynomial.Backend);
        Assert.Equal(residues, polynomial.ToResidues());
        ulong[] part = new ulong[16];
        backend.Download(polynomial.Prefix(basis.Take(2)), part);
        Assert.Equal(residues[..16], part);
        backend.Download(polynomial.Slice(1, basis.Slice(1, 2)), part);
        Assert.Equal(residues[8..24], part);
        polynomial.Dispose();
        Assert.Throws<ObjectDisposedException>(polynomial.ToResidues);
    }
}
