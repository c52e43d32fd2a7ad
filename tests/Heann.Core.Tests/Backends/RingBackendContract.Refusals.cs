using Heann.Core.Backends;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Core.Tests.Backends;

/// <summary>What must be refused, and how.</summary>
public abstract partial class RingBackendContract
{
    private static readonly RnsBasis Small = Basis(8, 3);

    [Fact]
    public void Upload_RefusesResiduesNotBelowTheirPrime()
    {
        RnsPolynomial polynomial = New(Small, new ulong[24]);
        for (int limb = 0; limb < 3; limb++)
        {
            foreach (ulong value in (ulong[])[Small[limb].Value, Small[limb].Value + 1, ulong.MaxValue])
            {
                ulong[] residues = new ulong[24];
                residues[limb * 8 + 5] = value;
                string message = Assert.Throws<ArgumentException>(() => Backend.Upload(residues, polynomial.Block)).Message;
                Assert.Contains($"{value}", message, StringComparison.Ordinal);
                Assert.Contains($"limb {limb}", message, StringComparison.Ordinal);
            }
        }

        Assert.All(polynomial.ToResidues(), residue => Assert.Equal(0UL, residue));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(-1e-300)]
    [InlineData(4503599627370495.5)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void UploadIntegers_RefusesWhatIsNoInteger(double value)
    {
        RnsPolynomial polynomial = New(Small);
        for (int position = 0; position < 8; position++)
        {
            double[] values = new double[8];
            values[position] = value;
            Assert.ThrowsAny<ArgumentException>(() => Backend.UploadIntegers(values, polynomial.Block));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(23)]
    [InlineData(25)]
    public void Transfers_RefuseTheWrongNumberOfValues(int count)
    {
        RnsPolynomial polynomial = New(Small);
        Assert.ThrowsAny<ArgumentException>(() => Backend.Upload(new ulong[count], polynomial.Block));
        Assert.ThrowsAny<ArgumentException>(() => Backend.Download(polynomial.Block, new ulong[count]));
        if (count != 8)
        {
            Assert.ThrowsAny<ArgumentException>(() => Backend.UploadIntegers(new double[count], polynomial.Block));
        }
    }

    /// <summary>
    /// Shapes that do not fit an operand of three limbs of degree 8: fewer limbs, more limbs, other primes, other degree.
    /// </summary>
    public static TheoryData<string> Misfits => ["fewer limbs", "more limbs", "other order", "larger degree", "smaller degree", "nothing"];

    [Theory]
    [MemberData(nameof(Misfits))]
    public void Operations_RefuseBlocksThatDoNotFit(string misfit)
    {
        LimbBlock good = New(Small, new ulong[24]).Block;
        LimbBlock bad = misfit switch
        {
            "fewer limbs" => New(Small.Take(2)).Block,
            "more limbs" => New(Basis(8, 4)).Block,
            "other order" => New(new(8, [Small[0].Value, Small[2].Value, Small[1].Value])).Block,
            "larger degree" => New(new RnsBasis(16, Basis(16, 3).Moduli.Select(q => q.Value))).Block,
            "smaller degree" => New(Small.Subring(4)).Block,
            _ => default,
        };
        // A compact second operand is of smaller degree, and default is a zero weight: both are allowed there.
        bool isCompact = misfit == "smaller degree";
        foreach ((string name, Role role, Action<LimbBlock> call) in Calls(good))
        {
            if (role == Role.Lone || (isCompact && role is Role.CompactOperand or Role.Weight)
                || (misfit == "nothing" && role == Role.Weight))
            {
                continue;
            }

            AssertThrows<ArgumentException>(() => call(bad), $"{name}, {misfit}");
        }
    }

    [Fact]
    public void Operations_RefuseListsOfDifferentLengths()
    {
        LimbBlock x = New(Small, new ulong[24]).Block;
        LimbBlock y = New(Small, new ulong[24]).Block;
        ulong[] scalars = [1, 1, 1];
        BasisConversion conversion = new(Small.Take(1), Small);
        LimbDivision division = new(Small.Take(2), Small.Slice(2, 1));
        LimbBlock first = New(Small.Take(1)).Block;
        LimbBlock kept = New(Small.Take(2)).Block;
        (string Name, Action Call)[] calls =
        [
            ("Copy", () => Backend.Copy([x, x], [y])),
            ("Add, fewer y", () => Backend.Add([x, x], [x], [y, y])),
            ("Add, more destinations", () => Backend.Add([x], [x], [y, y])),
            ("Subtract", () => Backend.Subtract([x], [x, x], [y])),
            ("Multiply", () => Backend.Multiply([x], [], [y])),
            ("MultiplyAdd", () => Backend.MultiplyAdd([], [x], [y])),
            ("Negate", () => Backend.Negate([x], [])),
            ("MultiplyScalar", () => Backend.MultiplyScalar([x], scalars, [y, y])),
            ("MultiplyScalarAdd", () => Backend.MultiplyScalarAdd([x, x], scalars, [y])),
            ("MatrixProduct", () => Backend.MatrixProduct([x, x, x], [x, x], [y])),
            ("MatrixProduct without columns", () => Backend.MatrixProduct([], [], [y])),
            ("MatrixProduct without rows", () => Backend.MatrixProduct([], [x], [])),
            ("IntegerMatrixProduct", () => Backend.IntegerMatrixProduct([1], [x, x], [y])),
            ("IntegerMatrixProduct without columns", () => Backend.IntegerMatrixProduct([], [], [y])),
            ("Automorphism", () => Backend.Automorphism(Domain.Evaluation, GaloisElement.Rotation(1), [x], [y, y])),
            ("ConvertBasis", () => Backend.ConvertBasis(conversion, [first, first], [y])),
            ("ModUp", () => Backend.ModUp(conversion, [first], [first], [x, y])),
            ("ModUp, fewer evaluations", () => Backend.ModUp(conversion, [first], [], [y])),
            ("Divide", () => Backend.Divide(division, [x, x], [kept])),
            ("TensorProduct, x", () => Backend.TensorProduct([x], [x, x], [y, y, y])),
            ("TensorProduct, y", () => Backend.TensorProduct([x, x], [x, x, x], [y, y, y])),
            ("TensorProduct, destination", () => Backend.TensorProduct([x, x], [x, x], [y, y])),
        ];
        foreach ((string name, Action call) in calls)
        {
            AssertThrows<ArgumentException>(call, name);
        }
    }

    [Fact]
    public void MultiplyScalar_RefusesTheWrongScalars()
    {
        LimbBlock x = New(Small, new ulong[24]).Block;
        LimbBlock shorter = New(Small.Take(2), new ulong[16]).Block;
        ulong q = Small[1].Value;
        foreach (ulong[] scalars in (ulong[][])[[], [1, 1], [1, 1, 1, 1], [1, q, 1], [1, ulong.MaxValue, 1]])
        {
            string list = string.Join(", ", scalars);
            AssertThrows<ArgumentException>(() => Backend.MultiplyScalar([x], scalars, [x]), $"MultiplyScalar by ({list})");
            AssertThrows<ArgumentException>(() => Backend.MultiplyScalarAdd([x], scalars, [x]), $"MultiplyScalarAdd by ({list})");
        }

        AssertThrows<ArgumentException>(() => Backend.MultiplyScalar([x, shorter], [1, 1, 1], [x, shorter]),
            "MultiplyScalar, a second block of fewer limbs");
    }

    [Fact]
    public void ModUp_RefusesADigitThatIsNotConsecutiveInTheTarget()
    {
        LimbBlock destination = New(Small).Block;
        RnsBasis[] digits =
        [
            new(8, [Small[0].Value, Small[2].Value]), // a gap
            new(8, [Small[1].Value, Small[0].Value]), // the wrong order
            new(8, [Basis(8, 4)[3].Value]), // not in the target
        ];
        foreach (RnsBasis digit in digits)
        {
            LimbBlock x = New(digit, new ulong[8 * digit.Count]).Block;
            AssertThrows<ArgumentException>(() => Backend.ModUp(new(digit, Small), [x], [x], [destination]),
                $"a digit modulo {string.Join(", ", digit.Moduli)}");
        }
    }

    [Fact]
    public void Operations_RefuseForeignBuffers()
    {
        using ScalarBackend other = new();
        using StrangeBuffer strange = new(other, 8, 3);
        LimbBlock foreign = new(strange, 0, Small);
        foreach ((string name, _, Action<LimbBlock> call) in Calls(New(Small, new ulong[24]).Block))
        {
            AssertThrows<ArgumentException>(() => call(foreign), $"{name}, foreign buffer");
        }
    }

    [Fact]
    public void Operations_RefuseDisposedBuffers()
    {
        RnsPolynomial gone = New(Small, new ulong[24]);
        gone.Dispose();
        gone.Dispose();
        foreach ((string name, _, Action<LimbBlock> call) in Calls(New(Small, new ulong[24]).Block))
        {
            AssertThrows<ObjectDisposedException>(() => call(gone.Block), $"{name}, disposed buffer");
        }
    }

    [Fact]
    public void Allocate_GivesIndependentBuffersOfTheRequestedShape()
    {
        using RingBuffer first = Backend.Allocate(8, 3);
        using RingBuffer second = Backend.Allocate(8, 3);
        Assert.Equal((8, 3, false), (first.RingDegree, first.LimbCount, first.IsDisposed));
        Assert.Same(Backend, first.Backend);
        Backend.Upload([.. Enumerable.Repeat(1UL, 24)], new(first, 0, Small));
        Backend.Upload([.. Enumerable.Repeat(2UL, 24)], new(second, 0, Small));
        ulong[] residues = new ulong[24];
        Backend.Download(new(first, 0, Small), residues);
        Assert.All(residues, residue => Assert.Equal(1UL, residue));
        first.Dispose();
        Assert.True(first.IsDisposed);
        Assert.NotEmpty(Backend.Name);
    }

    private enum Role
    {
        Operand,
        CompactOperand,
        Weight,
        Lone,
    }

    // Every call of the seam with the block under test in each position; all others are good.
    private IEnumerable<(string Name, Role Role, Action<LimbBlock> Call)> Calls(LimbBlock good)
    {
        LimbBlock spare = New(Small, new ulong[24]).Block;
        RnsBasis four = Basis(8, 4);
        LimbBlock wide = New(four, new ulong[32]).Block;
        LimbBlock narrow = New(Small.Take(2), new ulong[16]).Block;
        LimbBlock more = New(Small, new ulong[24]).Block;
        ulong[] scalars = [1, 1, 1];
        BasisConversion conversion = new(Small, four);
        LimbDivision division = new(Small.Take(2), Small.Slice(2, 1));
        LimbDivision wideDivision = new(Small, four.Slice(3, 1));
        GaloisElement element = GaloisElement.Rotation(1);
        return
        [
            ("Upload", Role.Lone, b => Backend.Upload(new ulong[24], b)),
            ("UploadIntegers", Role.Lone, b => Backend.UploadIntegers(new double[8], b)),
            ("Download", Role.Lone, b => Backend.Download(b, new ulong[24])),
            ("Clear", Role.Lone, b => Backend.Clear([b])),
            ("ForwardNtt", Role.Lone, b => Backend.ForwardNtt([b])),
            ("InverseNtt", Role.Lone, b => Backend.InverseNtt([b])),
            ("Copy, source", Role.Operand, b => Backend.Copy([b], [spare])),
            ("Copy, destination", Role.Operand, b => Backend.Copy([good], [b])),
            ("Add, x", Role.Operand, b => Backend.Add([b], [good], [spare])),
            ("Add, y", Role.CompactOperand, b => Backend.Add([good], [b], [spare])),
            ("Add, destination", Role.Operand, b => Backend.Add([good], [good], [b])),
            ("Subtract, x", Role.Operand, b => Backend.Subtract([b], [good], [spare])),
            ("Subtract, y", Role.CompactOperand, b => Backend.Subtract([good], [b], [spare])),
            ("Subtract, destination", Role.Operand, b => Backend.Subtract([good], [good], [b])),
            ("Negate, x", Role.Operand, b => Backend.Negate([b], [spare])),
            ("Negate, destination", Role.Operand, b => Backend.Negate([good], [b])),
            ("Multiply, x", Role.Operand, b => Backend.Multiply([b], [good], [spare])),
            ("Multiply, y", Role.CompactOperand, b => Backend.Multiply([good], [b], [spare])),
            ("Multiply, destination", Role.Operand, b => Backend.Multiply([good], [good], [b])),
            ("MultiplyAdd, x", Role.Operand, b => Backend.MultiplyAdd([b], [good], [spare])),
            ("MultiplyAdd, y", Role.CompactOperand, b => Backend.MultiplyAdd([good], [b], [spare])),
            ("MultiplyAdd, destination", Role.Operand, b => Backend.MultiplyAdd([good], [good], [b])),
            ("MultiplyAdd, second block", Role.Operand, b => Backend.MultiplyAdd([good, b], [good, good], [spare, more])),
            ("MultiplyScalar, x", Role.Operand, b => Backend.MultiplyScalar([b], scalars, [spare])),
            ("MultiplyScalar, destination", Role.Operand, b => Backend.MultiplyScalar([good], scalars, [b])),
            ("MultiplyScalarAdd, x", Role.Operand, b => Backend.MultiplyScalarAdd([b], scalars, [spare])),
            ("MultiplyScalarAdd, destination", Role.Operand, b => Backend.MultiplyScalarAdd([good], scalars, [b])),
            ("MatrixProduct, weight", Role.Weight, b => Backend.MatrixProduct([good, b], [good, good], [spare])),
            ("MatrixProduct, x", Role.Operand, b => Backend.MatrixProduct([good, good], [good, b], [spare])),
            ("MatrixProduct, first x", Role.Operand, b => Backend.MatrixProduct([good, good], [b, good], [spare])),
            ("MatrixProduct, destination", Role.Operand, b => Backend.MatrixProduct([good, good], [good], [spare, b])),
            ("IntegerMatrixProduct, x", Role.Operand, b => Backend.IntegerMatrixProduct([1, 2], [good, b], [spare])),
            ("IntegerMatrixProduct, first x", Role.Operand, b => Backend.IntegerMatrixProduct([1, 2], [b, good], [spare])),
            ("IntegerMatrixProduct, destination", Role.Operand, b => Backend.IntegerMatrixProduct([1, 2], [good], [spare, b])),
            ("Automorphism of coefficients, x", Role.Operand, b => Backend.Automorphism(Domain.Coefficient, element, [b], [spare])),
            ("Automorphism of values, x", Role.Operand, b => Backend.Automorphism(Domain.Evaluation, element, [b], [spare])),
            ("Automorphism, destination", Role.Operand, b => Backend.Automorphism(Domain.Evaluation, element, [good], [b])),
            ("ConvertBasis, x", Role.Operand, b => Backend.ConvertBasis(conversion, [b], [wide])),
            ("ConvertBasis, destination", Role.Operand, b => Backend.ConvertBasis(new(Small.Take(2), Small), [narrow], [b])),
            ("ModUp, coefficients", Role.Operand, b => Backend.ModUp(conversion, [b], [good], [wide])),
            ("ModUp, evaluations", Role.Operand, b => Backend.ModUp(conversion, [good], [b], [wide])),
            ("ModUp, destination", Role.Operand, b => Backend.ModUp(new(Small.Take(2), Small), [narrow], [narrow], [b])),
            ("Divide, x", Role.Operand, b => Backend.Divide(division, [b], [narrow])),
            ("Divide, destination", Role.Operand, b => Backend.Divide(wideDivision, [wide], [b])),
            ("TensorProduct, x", Role.Operand, b => Backend.TensorProduct([good, b], [good, good], [spare, more, New(Small).Block])),
            ("TensorProduct, y", Role.CompactOperand, b => Backend.TensorProduct([good, good], [good, b], [spare, more, New(Small).Block])),
            ("TensorProduct, destination", Role.Operand, b => Backend.TensorProduct([good, good], [good, good], [spare, more, b])),
        ];
    }

    // xunit's Throws names the exception it wanted, not the call that failed to throw it.
    private static void AssertThrows<TException>(Action call, string what)
        where TException : Exception
    {
        try
        {
            call();
        }
        catch (TException exception)
        {
            Assert.False(string.IsNullOrWhiteSpace(exception.Message), $"{what}: no message");
            return;
        }
        catch (Exception exception)
        {
            Assert.Fail($"{what}: expected {typeof(TException).Name}, got {exception.GetType().Name}: {exception.Message}");
        }

        Assert.Fail($"{what}: expected {typeof(TException).Name}, nothing was thrown");
    }

    private sealed class StrangeBuffer(RingBackend backend, int ringDegree, int limbCount) : RingBuffer(backend, ringDegree, limbCount)
    {
        protected override void WipeStorage()
        {
        }

        protected override void ReleaseStorage()
        {
        }
    }
}
