using Heann.Core.Backends;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Core.Tests.Backends;

/// <summary>Key switching against its definition in BigInteger, and what it refuses.</summary>
public abstract partial class RingBackendContract
{
    // 31 bits may be held in four bytes, 33 may not; the largest primes of 32 bits lie on both sides of what may.
    private static readonly int[] SizesOfKeys = [32, 50, 31, 33, 25];

    /// <summary>Degree, limbs of each digit, special primes, limbs and digits that the key has beyond the plan.</summary>
    public static TheoryData<int, int[], int, int> Switches => new()
    {
        { 1, [1], 1, 0 }, { 1, [2], 1, 0 }, { 1, [2, 1], 2, 1 }, { 2, [1, 1], 1, 1 }, { 8, [2, 1], 2, 0 }, { 16, [1], 1, 0 }, { 16, [2, 2, 1], 2, 2 }, { 16, [12, 3], 9, 1 },
        { 32, [3, 1, 2], 1, 0 }, { 64, [1, 1, 1], 1, 3 }, { 64, [3, 3, 2], 2, 0 }, { 128, [2], 9, 1 }, { 256, [1, 2], 1, 0 },
    };

    [Theory]
    [MemberData(nameof(Switches))]
    public void SwitchKeys_IsTheRoundedQuotientOfTheInnerProduct(int degree, int[] digits, int specialCount, int extra)
    {
        SeededRandom random = Seeded(degree, digits.Length, specialCount, 60);
        for (int pattern = degree > 64 ? 5 : 0; pattern < 7; pattern++)
        {
            KeySwitchScene scene = new(degree, digits, (specialCount, extra, degree > 16 ? 2 : degree == 8 ? 17 : 6, pattern), random, pattern);
            foreach (bool isSum in (bool[])[false, true])
            {
                AssertAll(scene, scene.Twin(isSum), scene.Run(Backend, isSum), $"pattern {pattern}, sum: {isSum}", random);
            }
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(128)]
    public void SwitchKeys_WritesToOperandsOfOneTerm(int degree)
    {
        SeededRandom random = Seeded(degree, 61);
        for (int kind = 0; kind < 6; kind++)
        {
            KeySwitchScene scene = new(degree, [2, 1], (2, 1, 1, kind), random);
            ulong[][] expected = scene.RunInPlace(Backend, "--");
            foreach (string destinations in (string[])["x-", "-x", "ab", "ba", "a-", "-a", "b-", "-b", "xa", "bx"])
            {
                AssertAll(scene, expected, scene.RunInPlace(Backend, destinations), $"kind {kind}, destinations {destinations}", random);
            }
        }
    }

    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(8, 3, 2, 2)]
    [InlineData(64, 1, 4, 5)]
    [InlineData(4096, 2, 1, 3)]
    public void SwitchingMatrix_KeepsWhatIsWritten(int degree, int keptCount, int specialCount, int digitCount)
    {
        SeededRandom random = Seeded(degree, keptCount, 62);
        RnsBasis basis = BasisOfSizes(degree, [.. Enumerable.Range(0, keptCount + specialCount).Select(i => SizesOfKeys[i % SizesOfKeys.Length])]);
        RnsBasis kept = basis.Take(keptCount);
        using SwitchingMatrix matrix = Backend.CreateSwitchingMatrix(kept, basis.Slice(keptCount, specialCount), digitCount);
        long wide = 16L * basis.Count * degree * digitCount;
        Assert.InRange(matrix.ByteCount, wide / 2, wide);
        Assert.Equal((digitCount, keptCount, specialCount), (matrix.DigitCount, matrix.Kept.Count, matrix.Special.Count));
        ulong[][] patterns = Patterns(random, basis);
        ulong[][] entries = [.. Enumerable.Range(0, 2 * digitCount).Select(i => i < patterns.Length ? patterns[i] : RandomResidues(random, basis))];
        for (int i = 0; i < entries.Length; i++)
        {
            matrix.Write(i % 2, i / 2, New(basis, entries[i]).Block);
        }

        for (int i = 0; i < entries.Length; i++)
        {
            RnsPolynomial read = New(basis);
            matrix.Read(i % 2, i / 2, read.Block);
            AssertHolds(entries[i], read, $"entry ({i % 2}, {i / 2})", random);
        }
    }

    [Fact]
    public void SwitchingMatrix_RefusesEntriesThatItHasNot()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Backend.CreateSwitchingMatrix(Small.Take(2), Small.Slice(2, 1), 0));
        Assert.Throws<ArgumentNullException>(() => Backend.CreateSwitchingMatrix(null!, Small, 1));
        Assert.Throws<ArgumentNullException>(() => Backend.CreateSwitchingMatrix(Small, null!, 1));
        Assert.Throws<ArgumentException>(() => Backend.CreateSwitchingMatrix(Small, Small.Take(1), 1));
        using SwitchingMatrix matrix = Backend.CreateSwitchingMatrix(Small.Take(2), Small.Slice(2, 1), 2);
        LimbBlock good = New(Small, new ulong[24]).Block;
        foreach ((int row, int digit) in ((int, int)[])[(-1, 0), (2, 0), (0, -1), (0, 2)])
        {
            AssertThrows<ArgumentOutOfRangeException>(() => matrix.Write(row, digit, good), $"write to ({row}, {digit})");
            AssertThrows<ArgumentOutOfRangeException>(() => matrix.Read(row, digit, good), $"read of ({row}, {digit})");
        }

        foreach (LimbBlock bad in (LimbBlock[])[default, New(Small.Take(2)).Block, New(Basis(8, 4)).Block, New(Basis(16, 3)).Block])
        {
            AssertThrows<ArgumentException>(() => matrix.Write(0, 0, bad), "write of a misfit");
            AssertThrows<ArgumentException>(() => matrix.Read(0, 0, bad), "read of a misfit");
        }
    }

    [Fact]
    public void SwitchKeys_RefusesOperandsThatDoNotFit()
    {
        KeySwitchPlan plan = new(Small.Take(2), Small.Slice(2, 1), [0..1, 1..2]);
        LimbBlock good = New(plan.Kept, new ulong[16]).Block;
        using SwitchingMatrix key = Zero(plan.Kept, plan.Special, 2);
        LimbBlock[] misfits =
            [New(Small.Take(1)).Block, New(Small).Block, New(new(8, [Small[1].Value, Small[0].Value])).Block, New(plan.Kept.Subring(4)).Block];
        foreach (LimbBlock bad in misfits)
        {
            AssertRefused<ArgumentException>(plan, bad, Term(key, good), "x");
            AssertRefused<ArgumentException>(plan, good, Term(key, good) with { Destination0 = bad }, "destination 0");
            AssertRefused<ArgumentException>(plan, good, Term(key, good) with { Destination1 = bad }, "destination 1");
            AssertRefused<ArgumentException>(plan, good, Term(key, good) with { Addend0 = bad }, "addend 0");
            AssertRefused<ArgumentException>(plan, good, Term(key, good) with { Addend1 = bad }, "addend 1");
        }

        AssertRefused<ArgumentException>(plan, default, Term(key, good), "no x");
        AssertRefused<ArgumentException>(plan, good, Term(key, good) with { Destination0 = default }, "no destination");
        AssertRefused<ArgumentNullException>(null!, good, Term(key, good), "no plan");
        AssertThrows<ArgumentOutOfRangeException>(() => Backend.SumSwitchedKeys(plan, good, []), "a sum without terms");
        Backend.SwitchKeys(plan, good, []);
        KeySwitchTerm other = Term(key, good) with { Destination1 = New(plan.Kept).Block };
        AssertThrows<ArgumentException>(() => Backend.SumSwitchedKeys(plan, good, [Term(key, good), other]), "a sum with two destinations");
    }

    [Fact]
    public void SwitchKeys_RefusesKeysThatDoNotServe()
    {
        KeySwitchPlan plan = new(Small.Take(2), Small.Slice(2, 1), [0..1, 1..2]);
        LimbBlock good = New(plan.Kept, new ulong[16]).Block;
        RnsBasis four = Basis(8, 4);
        AssertRefused<ArgumentNullException>(plan, good, Term(null!, good), "no key");
        foreach ((RnsBasis kept, RnsBasis special, int digits) in ((RnsBasis, RnsBasis, int)[])[
            (plan.Kept, plan.Special, 1), (Small.Take(1), plan.Special, 2), (plan.Kept, four.Slice(2, 2), 2),
            (plan.Kept, four.Slice(3, 1), 2), (new(8, [Small[1].Value, Small[0].Value]), plan.Special, 2)])
        {
            using SwitchingMatrix bad = Zero(kept, special, digits);
            AssertRefused<ArgumentException>(plan, good, Term(bad, good), $"a key of {digits} digits over {kept} and {special}");
        }

        RingBackend other = Backend is ScalarBackend ? new SimdBackend(1) : new ScalarBackend();
        using (other)
        using (SwitchingMatrix foreign = other.CreateSwitchingMatrix(plan.Kept, plan.Special, 2))
        {
            AssertRefused<ArgumentException>(plan, good, Term(foreign, good), "a foreign key");
        }

        SwitchingMatrix gone = Zero(plan.Kept, plan.Special, 2);
        gone.Dispose();
        gone.Dispose();
        AssertRefused<ObjectDisposedException>(plan, good, Term(gone, good), "a disposed key");
        AssertThrows<ObjectDisposedException>(() => gone.Write(0, 0, New(Small, new ulong[24]).Block), "write to a disposed key");
        AssertThrows<ObjectDisposedException>(() => gone.Read(0, 0, New(Small).Block), "read of a disposed key");
        using SwitchingMatrix key = Zero(plan.Kept, plan.Special, 2);
        Backend.SwitchKeys(plan, good, [Term(key, good)]);
        Assert.All(Download(good), residue => Assert.Equal(0UL, residue));
    }

    private static KeySwitchTerm Term(SwitchingMatrix key, LimbBlock destination) =>
        new() { Key = key, Destination0 = destination, Destination1 = destination };

    private SwitchingMatrix Zero(RnsBasis kept, RnsBasis special, int digitCount)
    {
        SwitchingMatrix matrix = Backend.CreateSwitchingMatrix(kept, special, digitCount);
        RnsPolynomial zero = New(matrix.Basis, new ulong[matrix.Basis.Count * matrix.Basis.RingDegree]);
        for (int i = 0; i < 2 * digitCount; i++)
        {
            matrix.Write(i % 2, i / 2, zero.Block);
        }

        return matrix;
    }

    private ulong[] Download(LimbBlock block)
    {
        ulong[] residues = new ulong[block.LimbCount * block.RingDegree];
        Backend.Download(block, residues);
        return residues;
    }

    private void AssertRefused<TException>(KeySwitchPlan plan, LimbBlock x, KeySwitchTerm term, string what)
        where TException : Exception
    {
        AssertThrows<TException>(() => Backend.SwitchKeys(plan, x, [term]), $"SwitchKeys, {what}");
        AssertThrows<TException>(() => Backend.SumSwitchedKeys(plan, x, [term]), $"SumSwitchedKeys, {what}");
    }

    private static void AssertAll(KeySwitchScene scene, ulong[][] expected, ulong[][] actual, string what, SeededRandom random)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            AssertResidues(scene.Kept, expected[i], actual[i], $"{what}, block {i}", random);
        }
    }
}
