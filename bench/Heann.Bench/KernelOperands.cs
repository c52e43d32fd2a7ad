using Heann.Core.Arithmetic;
using Heann.Core.Backends;
using Heann.Core.Rings;

namespace Heann.Bench;

/// <summary>Operands for the kernels and the calls that are measured.</summary>
internal sealed class KernelOperands : IDisposable
{
    private readonly SimdBackend _backend;
    private readonly RnsBasis _basis;
    private readonly RnsBasis _special;
    private readonly List<RnsPolynomial> _owned = [];

    public KernelOperands(SimdBackend backend, int degree, int limbCount)
    {
        _backend = backend;
        ulong[] primes = [.. PrimeSearch.Descending(50, degree, limbCount + 3)];
        _basis = new(degree, primes[..limbCount]);
        _special = new(degree, primes[limbCount..]);
    }

    /// <summary>Name, call, and the number of limb values that it produces.</summary>
    public IEnumerable<(string Name, Action Run, long Values)> Calls()
    {
        long values = (long)_basis.Count * _basis.RingDegree;
        LimbBlock[] x = New(_basis, 32), d = New(_basis, 8), compact = New(_basis.Subring(512), 8 * 32), full = New(_basis, 6);
        RnsBasis extended = _basis.Concat(_special);
        LimbBlock[] wide = New(extended, 2), up = New(extended, 1);
        BasisConversion conversion = new(_basis.Slice(0, 3), extended);
        LimbDivision modDown = new(_basis, _special);
        LimbDivision rescale = new(_basis.Take(_basis.Count - 1), _basis.Slice(_basis.Count - 1, 1));
        LimbBlock[] shorter = New(rescale.Kept, 2);
        LimbBlock[] digit = New(_basis.Slice(0, 3), 2);
        double[] integers = [.. Enumerable.Range(0, _basis.RingDegree).Select(i => Math.Round(Math.ScaleB(Math.Sin(i), 40)))];
        long[] weights = [.. Enumerable.Range(0, 8 * 32).Select(i => (i * 7919L % 8191) - 4000)];
        ulong[] residues = new ulong[values];
        yield return ("add", () => _backend.Add([x[0]], [x[1]], [d[0]]), values);
        yield return ("multiply", () => _backend.Multiply([x[0]], [x[1]], [d[0]]), values);
        yield return ("multiply, compact 512", () => _backend.Multiply([x[0]], [compact[0]], [d[0]]), values);
        yield return ("multiply-add", () => _backend.MultiplyAdd([x[0]], [x[1]], [d[0]]), values);
        yield return ("tensor product", () => _backend.TensorProduct([x[0], x[1]], [x[2], x[3]], [d[0], d[1], d[2]]), 3 * values);
        yield return ("rotate", () => _backend.Automorphism(Domain.Evaluation, GaloisElement.Rotation(5), [x[0]], [d[0]]), values);
        yield return ("matrix 2 x 3, full (key switch)", () => _backend.MatrixProduct(full, x.AsSpan(0, 3), d.AsSpan(0, 2)), 6 * values);
        yield return ("matrix 2 x 32, compact 512", () => _backend.MatrixProduct(compact.AsSpan(0, 64), x, d.AsSpan(0, 2)), 64 * values);
        yield return ("matrix 8 x 32, compact 512", () => _backend.MatrixProduct(compact, x, d), 256 * values);
        yield return ("integers 8 x 32", () => _backend.IntegerMatrixProduct(weights, x, d), 256 * values);
        yield return ("convert 3 to 11 limbs", () => _backend.ConvertBasis(conversion, [digit[0]], [up[0]]), 8L * _basis.RingDegree);
        yield return ("mod up 3 to 11 limbs", () => _backend.ModUp(conversion, [digit[0]], [digit[1]], [up[0]]), 8L * _basis.RingDegree);
        yield return ("mod down by 3, 2 parts", () => _backend.Divide(modDown, wide, [d[0], d[1]]), 2 * values);
        yield return ("rescale, 2 parts", () => _backend.Divide(rescale, [x[0], x[1]], shorter), 2L * 7 * _basis.RingDegree);
        yield return ("upload integers", () => _backend.UploadIntegers(integers, x[0]), values);
        yield return ("download", () => _backend.Download(x[0], residues), values);
    }

    public void Dispose() => _owned.ForEach(p => p.Dispose());

    private LimbBlock[] New(RnsBasis basis, int count)
    {
        LimbBlock[] blocks = new LimbBlock[count];
        ulong[] residues = new ulong[basis.Count * basis.RingDegree];
        for (int i = 0; i < residues.Length; i++)
        {
            residues[i] = (ulong)i * 0x9E3779B97F4A7C15UL % basis[i / basis.RingDegree].Value;
        }

        for (int i = 0; i < count; i++)
        {
            RnsPolynomial polynomial = new(_backend, basis, Domain.Evaluation);
            _owned.Add(polynomial);
            _backend.Upload(residues, polynomial.Block);
            blocks[i] = polynomial.Block;
        }

        return blocks;
    }
}
