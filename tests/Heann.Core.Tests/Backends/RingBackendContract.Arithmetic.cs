using System.Numerics;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Core.Tests.Backends;

/// <summary>Sums, products and matrix products, value by value.</summary>
public abstract partial class RingBackendContract
{
    /// <summary>The operations of two operands, one of which may be compact.</summary>
    public enum Operation
    {
        Add,
        Subtract,
        Multiply,
        MultiplyAdd,
    }

    /// <summary>Which operands the destination is.</summary>
    public enum Alias
    {
        X,
        Y,
        Both,
    }

    public static TheoryData<Operation, int, int> OperationsAndShapes =>
        [.. from operation in Enum.GetValues<Operation>() from shape in Shapes select (operation, shape.Data.Item1, shape.Data.Item2)];

    /// <summary>N and M | N: every divisor of small degrees, and the two ends of a large one.</summary>
    public static TheoryData<Operation, int, int> OperationsAndSubrings =>
        [.. from operation in Enum.GetValues<Operation>() from degrees in Subrings
            select (operation, degrees.Data.Item1, degrees.Data.Item2)];

    public static TheoryData<int, int> Subrings => new()
    {
        { 1, 1 }, { 2, 1 }, { 2, 2 }, { 8, 1 }, { 8, 2 }, { 8, 4 }, { 8, 8 }, { 64, 1 }, { 64, 2 }, { 64, 4 }, { 64, 8 }, { 64, 16 },
        { 64, 32 }, { 64, 64 }, { 1024, 1 }, { 1024, 2 }, { 1024, 4 }, { 1024, 64 }, { 1024, 512 },
    };

    public static TheoryData<Operation, Alias> OperationsAndAliases =>
        [.. from operation in Enum.GetValues<Operation>() from alias in Enum.GetValues<Alias>() select (operation, alias)];

    [Theory]
    [MemberData(nameof(OperationsAndShapes))]
    public void Operation_EqualsBigInteger(Operation operation, int degree, int limbCount)
    {
        SeededRandom random = Seeded(degree, limbCount, (int)operation, 10);
        RnsBasis basis = Basis(degree, limbCount);
        (ulong[] X, ulong[] Y)[] pairs = [.. from x in Patterns(random, basis) from y in Patterns(random, basis) select (x, y)];
        ulong[][] old = [.. pairs.Select(_ => RandomResidues(random, basis))];
        RnsPolynomial[] xs = [.. pairs.Select(p => New(basis, p.X))];
        RnsPolynomial[] ys = [.. pairs.Select(p => New(basis, p.Y))];
        RnsPolynomial[] destination = [.. old.Select(d => New(basis, d))];
        Call(operation, Blocks(xs), Blocks(ys), Blocks(destination));
        for (int i = 0; i < pairs.Length; i++)
        {
            AssertHolds(Twin(operation, basis, pairs[i].X, pairs[i].Y, old[i]), destination[i], $"{operation}, block {i}", random);
            AssertHolds(pairs[i].X, xs[i], $"x after {operation}, block {i}", random);
            AssertHolds(pairs[i].Y, ys[i], $"y after {operation}, block {i}", random);
        }
    }

    [Theory]
    [MemberData(nameof(OperationsAndSubrings))]
    public void Operation_ReadsACompactOperandAsRuns(Operation operation, int degree, int compactDegree)
    {
        SeededRandom random = Seeded(degree, compactDegree, (int)operation, 11);
        RnsBasis basis = Basis(degree, 3);
        RnsBasis compact = basis.Subring(compactDegree);
        ulong[][] xs = Patterns(random, basis);
        ulong[][] ys = [.. xs.Select(_ => RandomResidues(random, compact))];
        ulong[][] old = [.. xs.Select(_ => RandomResidues(random, basis))];
        RnsPolynomial[] destination = [.. old.Select(d => New(basis, d))];
        Call(operation, Blocks([.. xs.Select(x => New(basis, x))]), Blocks([.. ys.Select(y => New(compact, y))]), Blocks(destination));
        for (int i = 0; i < xs.Length; i++)
        {
            AssertHolds(
                Twin(operation, basis, xs[i], Expand(compact, ys[i], degree), old[i]),
                destination[i],
                $"{operation} with M = {compactDegree}, block {i}", random);
        }
    }

    [Theory]
    [MemberData(nameof(OperationsAndAliases))]
    public void Operation_MayOverwriteItsOperand(Operation operation, Alias alias)
    {
        SeededRandom random = Seeded((int)operation, (int)alias, 12);
        foreach (int degree in (int[])[1, 4, 32, 256])
        {
            RnsBasis basis = Basis(degree, 3);
            ulong[] x = RandomResidues(random, basis);
            ulong[] y = alias == Alias.Both ? x : RandomResidues(random, basis);
            RnsPolynomial left = New(basis, x);
            RnsPolynomial right = alias == Alias.Both ? left : New(basis, y);
            RnsPolynomial destination = alias == Alias.Y ? right : left;
            Call(operation, [left.Block], [right.Block], [destination.Block]);
            AssertHolds(Twin(operation, basis, x, y, alias == Alias.Y ? y : x), destination, $"{operation} onto {alias}, N = {degree}",
                random);
        }
    }

    [Theory]
    [MemberData(nameof(OperationsAndSubrings))]
    public void Operation_WithACompactOperandMayOverwriteX(Operation operation, int degree, int compactDegree)
    {
        SeededRandom random = Seeded(degree, compactDegree, (int)operation, 13);
        RnsBasis basis = Basis(degree, 2);
        RnsBasis compact = basis.Subring(compactDegree);
        ulong[] x = RandomResidues(random, basis);
        ulong[] y = RandomResidues(random, compact);
        RnsPolynomial left = New(basis, x);
        Call(operation, [left.Block], [New(compact, y).Block], [left.Block]);
        AssertHolds(Twin(operation, basis, x, Expand(compact, y, degree), x), left, $"{operation} with M = {compactDegree} onto x", random);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Negate_EqualsBigInteger(int degree, int limbCount)
    {
        SeededRandom random = Seeded(degree, limbCount, 14);
        RnsBasis basis = Basis(degree, limbCount);
        ulong[][] xs = Patterns(random, basis);
        RnsPolynomial[] operands = [.. xs.Select(x => New(basis, x))];
        RnsPolynomial[] destination = [.. xs.Select(_ => New(basis))];
        Backend.Negate(Blocks(operands), Blocks(destination));
        Backend.Negate(Blocks(operands), Blocks(operands));
        for (int i = 0; i < xs.Length; i++)
        {
            ulong[] expected = Expect(basis, (_, limb, k) => -(BigInteger)xs[i][limb * degree + k]);
            AssertHolds(expected, destination[i], $"negation, block {i}", random);
            AssertHolds(expected, operands[i], $"negation in place, block {i}", random);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void MultiplyScalar_TakesOneScalarPerLimb(int degree, int limbCount)
    {
        SeededRandom random = Seeded(degree, limbCount, 15);
        RnsBasis basis = Basis(degree, limbCount);
        ulong[][] xs = Patterns(random, basis);
        for (int extreme = 0; extreme < 6; extreme++)
        {
            ulong[] scalars = [.. basis.Moduli.Select(q =>
                extreme < 5 ? Extremes(q.Value)[extreme] : (ulong)random.NextInt64((long)q.Value))];
            ulong[][] old = [.. xs.Select(_ => RandomResidues(random, basis))];
            RnsPolynomial[] operands = [.. xs.Select(x => New(basis, x))];
            RnsPolynomial[] sums = [.. old.Select(d => New(basis, d))];
            RnsPolynomial[] products = [.. xs.Select(_ => New(basis))];
            Backend.MultiplyScalarAdd(Blocks(operands), scalars, Blocks(sums));
            Backend.MultiplyScalar(Blocks(operands), scalars, Blocks(products));
            for (int i = 0; i < xs.Length; i++)
            {
                AssertHolds(Scaled(i, scalars, null), products[i], $"scalar product, block {i}, scalars {extreme}", random);
                AssertHolds(Scaled(i, scalars, old[i]), sums[i], $"scalar product and sum, block {i}, scalars {extreme}", random);
                AssertHolds(xs[i], operands[i], $"x after the scalar products, block {i}", random);
            }

            Backend.MultiplyScalarAdd(Blocks(sums[0]), scalars, Blocks(sums[0]));
            Backend.MultiplyScalar(Blocks(operands), scalars, Blocks(operands));
            ulong[] once = Scaled(0, scalars, old[0]);
            AssertHolds(
                Expect(basis, (_, limb, k) => once[limb * degree + k] * (1 + (BigInteger)scalars[limb])), sums[0], "s·x + x", random);
            AssertHolds(Scaled(6, scalars, null), operands[6], "s·x in place", random);
        }

        ulong[] Scaled(int i, ulong[] scalars, ulong[]? old) => Expect(
            basis, (_, limb, k) => (BigInteger)xs[i][limb * degree + k] * scalars[limb] + (old is null ? 0 : old[limb * degree + k]));
    }

    [Theory]
    [MemberData(nameof(Subrings))]
    public void MatrixProduct_SumsProductsAndSkipsZeroWeights(int degree, int compactDegree)
    {
        const int Rows = 3;
        const int Columns = 4;
        SeededRandom random = Seeded(degree, compactDegree, 16);
        RnsBasis basis = Basis(degree, 3);
        RnsBasis compact = basis.Subring(compactDegree);
        ulong[][] xs = [.. Enumerable.Range(0, Columns).Select(_ => RandomResidues(random, basis))];
        // Row 0 is full, row 1 has zeros at both ends, row 2 is zero throughout.
        ulong[]?[] weights = [.. Enumerable.Range(0, Rows * Columns)
            .Select(i => i is < Columns or 5 or 6 ? RandomResidues(random, compact) : null)];
        RnsPolynomial[] operands = [.. xs.Select(x => New(basis, x))];
        RnsPolynomial[] destination = [.. Enumerable.Range(0, Rows).Select(_ => New(basis, RandomResidues(random, basis)))];
        Backend.MatrixProduct([.. weights.Select(w => w is null ? default : New(compact, w).Block)], Blocks(operands), Blocks(destination));
        for (int row = 0; row < Rows; row++)
        {
            ulong[] expected = new ulong[basis.Count * degree];
            for (int column = 0; column < Columns; column++)
            {
                if (weights[row * Columns + column] is ulong[] weight)
                {
                    expected = Twin(Operation.MultiplyAdd, basis, xs[column], Expand(compact, weight, degree), expected);
                }
            }

            AssertHolds(expected, destination[row], $"row {row}, M = {compactDegree}", random);
        }

        AssertHolds(xs[1], operands[1], "an operand after the matrix product", random);
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(8, 1)]
    [InlineData(64, 16)]
    [InlineData(1, 1)]
    public void MatrixProduct_SumsManyLargestProductsExactly(int degree, int compactDegree)
    {
        SeededRandom random = Seeded(degree, compactDegree, 17);
        RnsBasis basis = BasisOfSizes(degree, 50, 49, 36, 25, 26, 27);
        RnsBasis compact = basis.Subring(compactDegree);
        Func<BigInteger, BigInteger>[] values = [_ => -1, q => (q - 1) / 2, q => (q + 1) / 2]; // the last two: the largest of either sign
        foreach (int columns in (int[])[1, 2, 7, 16, 33, 64, 130, 600])
        {
            foreach ((Func<BigInteger, BigInteger> left, Func<BigInteger, BigInteger> right) in values.SelectMany(a => values.Select(b => (a, b))))
            {
                RnsPolynomial x = New(basis, Expect(basis, (q, _, _) => left(q)));
                RnsPolynomial weight = New(compact, Expect(compact, (q, _, _) => right(q)));
                RnsPolynomial[] destination = [New(basis), New(basis), New(basis)];
                Backend.MatrixProduct(
                    Enumerable.Repeat(weight.Block, 3 * columns).ToArray(), Enumerable.Repeat(x.Block, columns).ToArray(), Blocks(destination));
                foreach (RnsPolynomial row in destination)
                {
                    AssertHolds(Expect(basis, (q, _, _) => columns * left(q) * right(q)), row, $"{columns} columns", random);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void IntegerMatrixProduct_TakesSignedWeights(int degree, int limbCount)
    {
        const int Rows = 4;
        const int Columns = 5;
        SeededRandom random = Seeded(degree, limbCount, 18);
        RnsBasis basis = Basis(degree, limbCount);
        long[] special = [0, 1, -1, (1L << 62) - 1, -(1L << 62) + 1, (long)basis[0].Value, -(long)basis[0].Value, 1L << 40, -(1L << 27)];
        long[] weights = [.. Enumerable.Range(0, Rows * Columns).Select(i => i < special.Length
            ? special[i]
            : random.NextInt64(-(1L << 62) + 1, 1L << 62) >> random.Next(62))];
        ulong[][] xs = [.. Enumerable.Range(0, Columns).Select(_ => RandomResidues(random, basis))];
        RnsPolynomial[] operands = [.. xs.Select(x => New(basis, x))];
        RnsPolynomial[] destination = [.. Enumerable.Range(0, Rows).Select(_ => New(basis, RandomResidues(random, basis)))];
        Backend.IntegerMatrixProduct(weights, Blocks(operands), Blocks(destination));
        for (int row = 0; row < Rows; row++)
        {
            AssertHolds(
                Expect(basis, (_, limb, k) => Enumerable.Range(0, Columns)
                    .Aggregate(BigInteger.Zero, (sum, c) => sum + (BigInteger)weights[row * Columns + c] * xs[c][limb * degree + k])),
                destination[row], $"row {row}", random);
        }

        AssertHolds(xs[1], operands[1], "an operand after the integer matrix product", random);
    }

    [Fact]
    public void IntegerMatrixProduct_SumsManyLargestProductsExactly()
    {
        SeededRandom random = Seeded(19);
        RnsBasis basis = BasisOfSizes(16, 50, 25, 49, 36, 26);
        long[] halves = [.. Enumerable.Range(0, basis.Count).Select(limb => (long)basis[limb].Value / 2)]; // the largest of their limb
        foreach (int columns in (int[])[1, 2, 7, 16, 33, 64, 130, 600])
        {
            foreach (long weight in (long[])[(1L << 62) - 1, -(1L << 62) + 1, (1L << 27) - 1, -(1L << 27), (long)basis[0].Value - 1, -1, .. halves])
            {
                foreach (bool isHalf in (bool[])[false, true])
                {
                    BigInteger Value(BigInteger q) => isHalf ? (q - 1) / 2 : -1;
                    RnsPolynomial x = New(basis, Expect(basis, (q, _, _) => Value(q)));
                    RnsPolynomial destination = New(basis);
                    long[] weights = [.. Enumerable.Repeat(weight, columns)];
                    Backend.IntegerMatrixProduct(weights, Enumerable.Repeat(x.Block, columns).ToArray(), [destination.Block]);
                    AssertHolds(Expect(basis, (q, _, _) => Value(q) * weight * columns), destination, $"{columns} columns of {weight}", random);
                }
            }
        }
    }

    [Fact]
    public void TensorProduct_IsTheProductOfTwoPairs()
    {
        SeededRandom random = Seeded(20);
        foreach ((int degree, int limbCount) in ((int, int)[])[(1, 1), (2, 3), (8, 1), (64, 4), (1024, 2)])
        {
            RnsBasis basis = Basis(degree, limbCount);
            ulong[][] x = [RandomResidues(random, basis), RandomResidues(random, basis)];
            ulong[][] y = [RandomResidues(random, basis), RandomResidues(random, basis)];
            RnsPolynomial[] destination = [New(basis), New(basis), New(basis)];
            Backend.TensorProduct(Blocks(New(basis, x[0]), New(basis, x[1])), Blocks(New(basis, y[0]), New(basis, y[1])),
                Blocks(destination));
            ulong[] cross = Twin(Operation.Multiply, basis, x[0], y[1], []);
            AssertHolds(Twin(Operation.Multiply, basis, x[0], y[0], []), destination[0], $"d0, N = {degree}", random);
            AssertHolds(Twin(Operation.MultiplyAdd, basis, x[1], y[0], cross), destination[1], $"d1, N = {degree}", random);
            AssertHolds(Twin(Operation.Multiply, basis, x[1], y[1], []), destination[2], $"d2, N = {degree}", random);
            RnsPolynomial[] both = [New(basis, x[0]), New(basis, x[1])];
            Backend.TensorProduct(Blocks(both), Blocks(both), Blocks(destination));
            AssertHolds(Twin(Operation.Multiply, basis, x[1], x[1], []), destination[2], $"d2 of a square, N = {degree}", random);
            ulong[] half = Twin(Operation.Multiply, basis, x[0], x[1], []);
            AssertHolds(Twin(Operation.Add, basis, half, half, []), destination[1], $"d1 of a square, N = {degree}", random);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(256)]
    public void Operations_LeaveNeighbouringLimbsAlone(int degree)
    {
        SeededRandom random = Seeded(degree, 21);
        RnsBasis whole = Basis(degree, 5);
        RnsBasis middle = whole.Slice(1, 3);
        RnsBasis odd = whole.Slice(2, 3);
        ulong[] x = RandomResidues(random, whole);
        ulong[] y = RandomResidues(random, whole);
        ulong[] old = RandomResidues(random, whole);
        foreach (Operation operation in Enum.GetValues<Operation>())
        {
            RnsPolynomial destination = New(whole, old);
            Call(operation, [New(whole, x).Slice(1, middle)], [New(whole, y).Slice(1, middle)], [destination.Slice(1, middle)]);
            ulong[] expected = [.. old];
            Twin(operation, whole, x, y, old).AsSpan(degree..(4 * degree)).CopyTo(expected.AsSpan(degree));
            AssertHolds(expected, destination, $"{operation} between neighbours", random);
        }

        // Different offsets: limbs 2, 3, 4 of one buffer times limbs 0, 1, 2 of another into limbs 1, 2, 3 of a third, all modulo the same
        // primes.
        ulong[] shifted = RandomResidues(random, odd);
        RnsPolynomial left = New(whole, x);
        RnsPolynomial right = New(odd, shifted);
        RnsPolynomial target = New(whole, new ulong[old.Length]);
        Backend.Multiply([left.Slice(2, odd)], [right.Block], [target.Slice(1, odd)]);
        ulong[] product = Twin(Operation.Multiply, odd, x[(2 * degree)..], shifted, []);

        // A limb is read modulo the prime that it was written with: only that is defined, a backend may keep residues balanced.
        ulong[] written = new ulong[product.Length];
        Backend.Download(target.Slice(1, odd), written);
        AssertResidues(odd, product, written, "blocks at different offsets", random);
        foreach (int limb in (int[])[0, 4])
        {
            ulong[] neighbour = new ulong[degree];
            Backend.Download(target.Slice(limb, whole.Slice(limb, 1)), neighbour);
            Assert.All(neighbour, residue => Assert.Equal(0UL, residue));
        }
    }

    private void Call(Operation operation, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination)
    {
        switch (operation)
        {
            case Operation.Add:
                Backend.Add(x, y, destination);
                break;
            case Operation.Subtract:
                Backend.Subtract(x, y, destination);
                break;
            case Operation.Multiply:
                Backend.Multiply(x, y, destination);
                break;
            default:
                Backend.MultiplyAdd(x, y, destination);
                break;
        }
    }

    private static ulong[] Twin(Operation operation, RnsBasis basis, ulong[] x, ulong[] y, ulong[] old) => Expect(basis, (_, limb, k) =>
    {
        int i = limb * basis.RingDegree + k;
        BigInteger left = x[i];
        return operation switch
        {
            Operation.Add => left + y[i],
            Operation.Subtract => left - y[i],
            Operation.Multiply => left * y[i],
            _ => old[i] + left * y[i],
        };
    });
}
