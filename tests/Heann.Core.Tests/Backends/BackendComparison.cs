using Heann.Core.Rings;
using Heann.Core.Tests.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Core.Tests.Backends;

/// <summary>Runs each operation of the seam on two backends with the same operands and compares all that they wrote.</summary>
internal sealed class BackendComparison(RingBackend tested, RingBackend reference, RnsBasis basis, SeededRandom random)
{
    private readonly int _degree = basis.RingDegree;

    private delegate void Operation(RingBackend backend, LimbBlock[] operands, LimbBlock[] destination);

    public void RunAll()
    {
        Transfers();
        ValueByValue();
        Compact();
        MatrixProducts();
        Transforms();
        Automorphisms();
        Conversions();
        Divisions();
    }

    private void Transfers()
    {
        foreach (ulong[] residues in Patterns(random, basis))
        {
            using RnsPolynomial x = Upload(tested, basis, residues);
            AssertResidues(basis, residues, x.ToResidues(), "round trip", random);
        }

        foreach (int bits in (int[])[10, 50, 53, 70, 100, 150, 300, 1000])
        {
            double[] integers = [.. Enumerable.Range(0, _degree).Select(_ => Math.Round(Math.ScaleB(random.NextDouble() - 0.5, bits)))];
            using RnsPolynomial expected = new(reference, basis, Domain.Coefficient);
            using RnsPolynomial actual = new(tested, basis, Domain.Coefficient);
            reference.UploadIntegers(integers, expected.Block);
            tested.UploadIntegers(integers, actual.Block);
            AssertResidues(basis, expected.ToResidues(), actual.ToResidues(), $"integers of {bits} bits", random);
        }
    }

    private void ValueByValue()
    {
        ulong[] scalars = [.. basis.Moduli.Select(q => Extremes(q.Value)[random.Next(5)])];
        Compare("add", [basis, basis], basis, 1, static (b, x, d) => b.Add([x[0]], [x[1]], d));
        Compare("subtract", [basis, basis], basis, 1, static (b, x, d) => b.Subtract([x[0]], [x[1]], d));
        Compare("multiply", [basis, basis], basis, 1, static (b, x, d) => b.Multiply([x[0]], [x[1]], d));
        Compare("multiply-add", [basis, basis], basis, 1, static (b, x, d) => b.MultiplyAdd([x[0]], [x[1]], d));
        Compare("square onto itself", [basis], basis, 1, static (b, x, d) => b.MultiplyAdd([x[0]], [x[0]], [x[0]]));
        Compare("subtract from itself", [basis], basis, 1, static (b, x, d) => b.Subtract([x[0]], [x[0]], [x[0]]));
        Compare("onto y", [basis, basis], basis, 1, static (b, x, d) => b.Multiply([x[0]], [x[1]], [x[1]]));
        Compare("negate", [basis], basis, 1, static (b, x, d) => b.Negate(x, d));
        Compare("negate in place", [basis], basis, 1, static (b, x, d) => b.Negate(x, x));
        Compare("scalar", [basis], basis, 1, (b, x, d) => b.MultiplyScalar(x, scalars, d));
        Compare("scalar add", [basis], basis, 1, (b, x, d) => b.MultiplyScalarAdd(x, scalars, d));
        Compare("copy", [basis], basis, 1, static (b, x, d) => b.Copy(x, d));
        Compare("clear", [basis], basis, 1, static (b, x, d) => b.Clear(d));
        Compare("several into one", [basis, basis], basis, 1, static (b, x, d) => b.MultiplyAdd(x, x, [d[0], d[0]]));
        Compare("tensor", [basis, basis, basis, basis], basis, 3, static (b, x, d) => b.TensorProduct(x.AsSpan(0, 2), x.AsSpan(2, 2), d));
        Compare("tensor square", [basis, basis], basis, 3, static (b, x, d) => b.TensorProduct(x, x, d));
    }

    private void Compact()
    {
        for (int degree = 1; degree <= _degree; degree *= 2)
        {
            RnsBasis compact = basis.Subring(degree);
            Compare($"add of degree {degree}", [basis, compact], basis, 1, static (b, x, d) => b.Add([x[0]], [x[1]], d));
            Compare($"subtract of degree {degree}", [basis, compact], basis, 1, static (b, x, d) => b.Subtract([x[0]], [x[1]], [x[0]]));
            Compare($"multiply of degree {degree}", [basis, compact], basis, 1, static (b, x, d) => b.Multiply([x[0]], [x[1]], d));
            Compare($"multiply-add of degree {degree}", [basis, compact], basis, 1, static (b, x, d) => b.MultiplyAdd([x[0]], [x[1]], d));
            Compare($"matrix of degree {degree}", [basis, basis, compact, compact, compact], basis, 3, static (b, x, d) =>
                b.MatrixProduct([x[2], x[3], default, x[4], x[3], x[2]], x.AsSpan(0, 2), d));
        }
    }

    private void MatrixProducts()
    {
        foreach ((int rows, int columns) in ((int, int)[])[(1, 1), (2, 3), (3, 9), (4, 17), (7, 2), (17, 3), (2, 40)])
        {
            if ((long)rows * columns * _degree > 1 << 18)
            {
                continue;
            }

            RnsBasis weights = basis.Subring(Math.Max(1, _degree >> random.Next(3)));
            RnsBasis[] operands = [.. Enumerable.Repeat(basis, columns), .. Enumerable.Repeat(weights, rows)];
            int count = rows * columns;
            long[] integers = new long[count];
            for (int i = 0; i < count; i++)
            {
                integers[i] = random.Next(4) == 0 ? 0 : random.NextInt64(-(1L << 62) + 1, 1L << 62);
            }

            Compare($"matrix {rows} x {columns}", operands, basis, rows, (b, x, d) =>
            {
                LimbBlock[] blocks = [.. Enumerable.Range(0, count).Select(i => i % 5 == 3 ? default : x[columns + i % rows])];
                b.MatrixProduct(blocks, x.AsSpan(0, columns), d);
            });
            Compare($"integers {rows} x {columns}", operands[..columns], basis, rows, (b, x, d) => b.IntegerMatrixProduct(integers, x, d));
        }

        Compare("zero matrix", [basis, basis], basis, 2, static (b, x, d) => b.MatrixProduct(new LimbBlock[4], x, d));
        if (_degree <= 64)
        {
            int columns = 300; // more than one slab
            long[] large = [long.MaxValue >> 2, -1L << 49, 1L << 49, -1, 562949953421311];
            long[] integers = [.. Enumerable.Range(0, 3 * columns).Select(i => large[i % large.Length])];
            RnsBasis[] operands = [.. Enumerable.Repeat(basis, columns)];
            Compare("long sums of integers", operands, basis, 3, (b, x, d) => b.IntegerMatrixProduct(integers, x, d));
            Compare("long sums", operands, basis, 3, (b, x, d) => b.MatrixProduct([.. x, .. x, .. x], x, d));
        }
    }

    private void Transforms()
    {
        foreach (ulong[] pattern in Patterns(random, basis))
        {
            CompareFrom("forward", basis, [pattern], static (b, x, d) => b.ForwardNtt(x));
            CompareFrom("inverse", basis, [pattern], static (b, x, d) => b.InverseNtt(x));
        }
    }

    private void Automorphisms()
    {
        foreach (Domain domain in Enum.GetValues<Domain>())
        {
            foreach (int steps in (int[])[0, 1, -1, 3, 5])
            {
                GaloisElement element = new(steps, steps is 0 or 5);
                Compare($"{element} in {domain}", [basis, basis], basis, 2, (b, x, d) => b.Automorphism(domain, element, x, d));
            }
        }
    }

    private void Conversions()
    {
        foreach ((int sources, int first) in ((int, int)[])[(1, 0), (1, 3), (2, 1), (3, 0), (5, 1)])
        {
            RnsBasis digit = basis.Slice(first, sources);
            BasisConversion conversion = new(digit, basis);
            Compare($"convert {sources}", [digit, digit], basis, 2, (b, x, d) => b.ConvertBasis(conversion, x, d));
            Compare($"mod up {sources}", [digit, digit, digit, digit], basis, 2, (b, x, d) =>
                b.ModUp(conversion, x.AsSpan(0, 2), x.AsSpan(2, 2), d));
        }
    }

    private void Divisions()
    {
        for (int kept = 1; kept < basis.Count; kept++)
        {
            LimbDivision division = new(basis.Take(kept), basis.Slice(kept, basis.Count - kept));
            Compare($"divide, {kept} kept", [basis, basis], division.Kept, 2, (b, x, d) => b.Divide(division, x, d));
            Compare($"divide in place, {kept} kept", [basis], division.Kept, 1, (b, x, d) =>
                b.Divide(division, x, [new LimbBlock(x[0].Buffer, x[0].FirstLimb, division.Kept)]));
        }
    }

    // Random operands, a quarter of them extreme; the destination's old values are random too. Operands are compared as well.
    private void Compare(string what, RnsBasis[] operands, RnsBasis destination, int destinationCount, Operation operation)
    {
        ulong[][] x = [.. operands.Select(o => RandomResidues(random, o))];
        ulong[][] old = [.. Enumerable.Range(0, destinationCount).Select(_ => RandomResidues(random, destination))];
        ulong[][] expected = Run(reference, operands, x, destination, old, operation);
        ulong[][] actual = Run(tested, operands, x, destination, old, operation);
        for (int i = 0; i < expected.Length; i++)
        {
            RnsBasis at = i < operands.Length ? operands[i] : destination;
            AssertResidues(at, expected[i], actual[i], $"{what}, N = {_degree}, {tested.Name}, block {i}", random);
        }
    }

    private void CompareFrom(string what, RnsBasis of, ulong[][] x, Operation operation)
    {
        RnsBasis[] operands = [.. x.Select(_ => of)];
        ulong[][] expected = Run(reference, operands, x, of, [], operation);
        ulong[][] actual = Run(tested, operands, x, of, [], operation);
        AssertResidues(of, expected[0], actual[0], $"{what}, N = {_degree}, {tested.Name}", random);
    }

    private static ulong[][] Run(
        RingBackend backend, RnsBasis[] operands, ulong[][] x, RnsBasis destination, ulong[][] old, Operation operation)
    {
        RnsPolynomial[] polynomials =
            [.. operands.Select((o, i) => Upload(backend, o, x[i])), .. old.Select(d => Upload(backend, destination, d))];
        LimbBlock[] blocks = [.. polynomials.Select(p => p.Block)];
        operation(backend, blocks[..operands.Length], blocks[operands.Length..]);
        ulong[][] results = [.. polynomials.Select(p => p.ToResidues())];
        foreach (RnsPolynomial polynomial in polynomials)
        {
            polynomial.Dispose();
        }

        return results;
    }
}
