using Heann.Core.Arithmetic;
using Heann.Core.Backends;
using Heann.Core.Rings;

namespace Heann.Gpu;

/// <summary>Known answers, asked for when a device is opened: one that rounds a product wrongly would spoil every ciphertext.</summary>
internal static class GpuSelfTest
{
    private const int MatrixColumns = 17; // more than integer sums take before they are reduced

    /// <summary>Every kind of operation, on hard operands, against the scalar reference.</summary>
    /// <param name="backend">Whose device is asked.</param>
    /// <param name="degree">N.</param>
    /// <exception cref="GpuException">A residue differs.</exception>
    public static void Run(RingBackend backend, int degree)
    {
        // The largest primes of their sizes: what leaves the fewest bits to spare.
        RnsBasis basis = new(degree, [.. Primes(50, 2), .. Primes(36, 1), .. Primes(27, 1)]);
        using ScalarBackend scalar = new();
        Check("multiply-add", backend, scalar, basis, (on, x, y) => on.MultiplyAdd([x], [y], [x]));
        Check("multiply-add of a scalar", backend, scalar, basis, (on, x, y) => on.MultiplyScalarAdd([y], [.. basis.Moduli.Select(q => q.Value / 3)], [x]));
        Check("difference", backend, scalar, basis, (on, x, y) => on.Subtract([x], [y], [x]));
        Check("forward transform", backend, scalar, basis, (on, x, _) => on.ForwardNtt([x]));
        Check("inverse transform", backend, scalar, basis, (on, x, _) => on.InverseNtt([x]));
        Check("rotation", backend, scalar, basis, (on, x, y) => on.Automorphism(Domain.Evaluation, GaloisElement.Rotation(3), [y], [x]));
        Check("conjugation", backend, scalar, basis, (on, x, y) => on.Automorphism(Domain.Coefficient, GaloisElement.Conjugation, [y], [x]));
        BasisConversion conversion = new(basis.Take(3), basis);
        Check("base conversion", backend, scalar, basis, (on, x, y) => on.ConvertBasis(conversion, [new(y.Buffer, 0, conversion.Source)], [x]));

        Check("tensor product", backend, scalar, basis, (on, x, y) => Tensor(on, basis, x, y));
        foreach (int dropped in (int[])[1, 2])
        {
            LimbDivision division = new(basis.Take(basis.Count - dropped), basis.Slice(basis.Count - dropped, dropped));
            Check($"division by {dropped} primes", backend, scalar, basis, (on, x, y) => on.Divide(division, [y], [new(x.Buffer, 0, division.Kept)]));
        }

        Check("matrix product", backend, scalar, basis, (on, x, y) => on.MatrixProduct([y, y], [y, y], [x]));
        long[] integers = [.. Enumerable.Range(0, MatrixColumns).Select(i => (1L << 61) - (i << 20) - 1)];
        LimbBlock[] Same(LimbBlock y) => [.. Enumerable.Repeat(y, MatrixColumns)];
        Check("integer matrix product", backend, scalar, basis, (on, x, y) => on.IntegerMatrixProduct(integers, Same(y), [x]));
        KeySwitchPlan plan = new(basis.Take(3), basis.Slice(3, 1), [0..2, 2..3]);
        Check("key switch", backend, scalar, basis, (on, x, y) => SwitchKeys(on, plan, x, y));

        ulong[] Primes(int bits, int count) => PrimeSearch.Descending(bits, degree, count);
    }

    // x receives the sum of the three parts of (x, y) times (y, x).
    private static void Tensor(RingBackend on, RnsBasis basis, LimbBlock x, LimbBlock y)
    {
        using RingBuffer parts = on.Allocate(basis.RingDegree, 3 * basis.Count);
        LimbBlock a = new(parts, 0, basis), b = new(parts, basis.Count, basis), c = new(parts, 2 * basis.Count, basis);
        on.TensorProduct([x, y], [y, x], [a, b, c]);
        on.Add([a], [b], [x]);
        on.Add([x], [c], [x]);
    }

    // The key's polynomials are x and y; x's first limbs receive the sum of both parts.
    private static void SwitchKeys(RingBackend on, KeySwitchPlan plan, LimbBlock x, LimbBlock y)
    {
        using SwitchingMatrix key = on.CreateSwitchingMatrix(plan.Kept, plan.Special, plan.DigitCount);
        for (int i = 0; i < SwitchingMatrix.RowCount * plan.DigitCount; i++)
        {
            key.Write(i % SwitchingMatrix.RowCount, i / SwitchingMatrix.RowCount, i % 3 == 0 ? x : y);
        }

        int kept = plan.Kept.Count;
        using RingBuffer parts = on.Allocate(plan.Kept.RingDegree, 2 * kept);
        LimbBlock a = new(parts, 0, plan.Kept), b = new(parts, kept, plan.Kept), from = new(y.Buffer, 0, plan.Kept);
        KeySwitchTerm term = new() { Key = key, Element = GaloisElement.Rotation(1), Addend0 = from, Destination0 = a, Destination1 = b };
        on.SwitchKeys(plan, from, [term]);
        on.Add([a], [b], [new(x.Buffer, 0, plan.Kept)]);
    }

    private static void Check(string what, RingBackend backend, RingBackend scalar, RnsBasis basis, Action<RingBackend, LimbBlock, LimbBlock> operation)
    {
        ulong[] x = Operand(basis, 1), y = Operand(basis, 2);
        ulong[] actual = Result(backend), expected = Result(scalar);
        int at = actual.AsSpan().CommonPrefixLength(expected);
        if (at < expected.Length)
        {
            throw new GpuException(
                $"'{backend.Name}' does not compute right: value {at % basis.RingDegree} of a {what} modulo {basis[at / basis.RingDegree]} is {actual[at]}, and should "
                + $"be {expected[at]}. Its driver or compiler is at fault; use another device or driver, or the CPU.");
        }

        ulong[] Result(RingBackend on)
        {
            using RingBuffer left = on.Allocate(basis.RingDegree, basis.Count), right = on.Allocate(basis.RingDegree, basis.Count);
            LimbBlock a = new(left, 0, basis), b = new(right, 0, basis);
            on.Upload(x, a);
            on.Upload(y, b);
            operation(on, a, b);
            ulong[] residues = new ulong[x.Length];
            on.Download(a, residues);
            return residues;
        }
    }

    // Residues at and next to the ends of their range first, then a sequence that visits all sizes.
    private static ulong[] Operand(RnsBasis basis, ulong seed)
    {
        ulong[] residues = new ulong[basis.Count * basis.RingDegree];
        for (int i = 0; i < residues.Length; i++)
        {
            ulong q = basis[i / basis.RingDegree].Value;
            ulong[] ends = [0, 1, q - 1, q / 2, q / 2 + 1, q / 3];
            seed = seed * 6364136223846793005 + 1442695040888963407;
            residues[i] = i % basis.RingDegree < 36 ? ends[(seed >> 33) % 6] : (seed >> 8) % q;
        }

        return residues;
    }
}
