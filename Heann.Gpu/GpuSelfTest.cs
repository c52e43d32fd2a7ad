using Heann.Core.Arithmetic;
using Heann.Core.Backends;
using Heann.Core.Rings;

namespace Heann.Gpu;

/// <summary>Known answers, asked for when a device is opened: one that rounds a product wrongly would spoil every ciphertext.</summary>
internal static class GpuSelfTest
{
    /// <summary>Products of hard operands, both transforms, both automorphisms and a base conversion, against the scalar
    /// reference.</summary>
    /// <param name="backend">Whose device is asked.</param>
    /// <param name="degree">N: large enough that every kernel has work.</param>
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

        ulong[] Primes(int bits, int count) => PrimeSearch.Descending(bits, degree, count);
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
