using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <summary>The readable reference: one residue at a time, products in 128-bit integers. It defines every result of the seam.</summary>
/// <remarks>Slow on purpose, and not in constant time: it branches on residues. Use <c>SimdBackend</c> for work. Residues are kept canonical. Thread-safe.</remarks>
public sealed class ScalarBackend : RingBackend
{
    /// <inheritdoc/>
    public override string Name => "scalar reference (UInt128), 1 thread";

    /// <inheritdoc/>
    public override RingBuffer Allocate(int ringDegree, int limbCount) => new ScalarBuffer(this, ringDegree, limbCount);

    /// <inheritdoc/>
    public override void Clear(ReadOnlySpan<LimbBlock> destination)
    {
        foreach (LimbBlock block in destination)
        {
            for (int limb = 0; limb < block.LimbCount; limb++)
            {
                Residues(block, limb).Clear();
            }
        }
    }

    /// <inheritdoc/>
    public override void ForwardNtt(ReadOnlySpan<LimbBlock> x)
    {
        foreach (LimbBlock block in x)
        {
            for (int limb = 0; limb < block.LimbCount; limb++)
            {
                ForwardNtt(Residues(block, limb), block.Basis.Tables(limb));
            }
        }
    }

    /// <inheritdoc/>
    public override void InverseNtt(ReadOnlySpan<LimbBlock> x)
    {
        foreach (LimbBlock block in x)
        {
            for (int limb = 0; limb < block.LimbCount; limb++)
            {
                InverseNtt(Residues(block, limb), block.Basis.Tables(limb));
            }
        }
    }

    /// <inheritdoc/>
    protected override void UploadCore(ReadOnlySpan<ulong> residues, LimbBlock destination)
    {
        for (int limb = 0; limb < destination.LimbCount; limb++)
        {
            residues.Slice(limb * destination.RingDegree, destination.RingDegree).CopyTo(Residues(destination, limb));
        }
    }

    /// <inheritdoc/>
    protected override void UploadIntegersCore(ReadOnlySpan<double> coefficients, LimbBlock destination)
    {
        for (int limb = 0; limb < destination.LimbCount; limb++)
        {
            Span<ulong> residues = Residues(destination, limb);
            for (int i = 0; i < residues.Length; i++)
            {
                residues[i] = destination.Basis[limb].ReduceInteger(coefficients[i]);
            }
        }
    }

    /// <inheritdoc/>
    protected override void DownloadCore(LimbBlock source, Span<ulong> residues)
    {
        for (int limb = 0; limb < source.LimbCount; limb++)
        {
            Residues(source, limb).CopyTo(residues.Slice(limb * source.RingDegree, source.RingDegree));
        }
    }

    /// <inheritdoc/>
    protected override void CopyCore(ReadOnlySpan<LimbBlock> source, ReadOnlySpan<LimbBlock> destination)
    {
        for (int i = 0; i < source.Length; i++)
        {
            for (int limb = 0; limb < source[i].LimbCount; limb++)
            {
                Residues(source[i], limb).CopyTo(Residues(destination[i], limb));
            }
        }
    }

    /// <inheritdoc/>
    protected override void AddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        ForEachValue(x, y, destination, static (q, a, b, _) => q.Add(a, b));

    /// <inheritdoc/>
    protected override void SubtractCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        ForEachValue(x, y, destination, static (q, a, b, _) => q.Subtract(a, b));

    /// <inheritdoc/>
    protected override void NegateCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination) =>
        ForEachValue(x, x, destination, static (q, a, _, _) => q.Negate(a));

    /// <inheritdoc/>
    protected override void MultiplyCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        ForEachValue(x, y, destination, static (q, a, b, _) => q.Multiply(a, b));

    /// <inheritdoc/>
    protected override void MultiplyAddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        ForEachValue(x, y, destination, static (q, a, b, sum) => q.Add(sum, q.Multiply(a, b)));

    /// <inheritdoc/>
    protected override void MultiplyScalarCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination)
    {
        for (int i = 0; i < x.Length; i++)
        {
            for (int limb = 0; limb < x[i].LimbCount; limb++)
            {
                Span<ulong> from = Residues(x[i], limb);
                Span<ulong> to = Residues(destination[i], limb);
                for (int k = 0; k < from.Length; k++)
                {
                    to[k] = x[i].Basis[limb].Multiply(from[k], scalars[limb]);
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void MultiplyScalarAddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination)
    {
        for (int i = 0; i < x.Length; i++)
        {
            for (int limb = 0; limb < x[i].LimbCount; limb++)
            {
                Modulus q = x[i].Basis[limb];
                Span<ulong> from = Residues(x[i], limb);
                Span<ulong> to = Residues(destination[i], limb);
                for (int k = 0; k < from.Length; k++)
                {
                    to[k] = q.Add(to[k], q.Multiply(from[k], scalars[limb]));
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void MatrixProductCore(ReadOnlySpan<LimbBlock> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        Clear(destination);
        for (int row = 0; row < destination.Length; row++)
        {
            for (int column = 0; column < x.Length; column++)
            {
                LimbBlock weight = weights[row * x.Length + column];
                if (!weight.IsZero)
                {
                    MultiplyAddCore([x[column]], [weight], [destination[row]]);
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void IntegerMatrixProductCore(ReadOnlySpan<long> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        Clear(destination);
        for (int row = 0; row < destination.Length; row++)
        {
            for (int column = 0; column < x.Length; column++)
            {
                long weight = weights[row * x.Length + column];
                ulong[] scalars = [.. x[column].Basis.Moduli.Select(q => q.Reduce(weight))];
                MultiplyScalarAddCore([x[column]], scalars, [destination[row]]);
            }
        }
    }

    /// <inheritdoc/>
    protected override void AutomorphismCore(Domain domain, GaloisElement element, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        for (int i = 0; i < x.Length; i++)
        {
            int degree = x[i].RingDegree;
            int exponent = element.Exponent(degree);
            for (int limb = 0; limb < x[i].LimbCount; limb++)
            {
                if (domain == Domain.Coefficient)
                {
                    PermuteCoefficients(Residues(x[i], limb), Residues(destination[i], limb), exponent, x[i].Basis[limb]);
                }
                else
                {
                    PermuteEvaluations(Residues(x[i], limb), Residues(destination[i], limb), exponent);
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void ConvertBasisCore(BasisConversion conversion, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        int sourceCount = conversion.Source.Count;
        Span<long> y = stackalloc long[sourceCount];
        for (int block = 0; block < x.Length; block++)
        {
            for (int k = 0; k < conversion.Source.RingDegree; k++)
            {
                double sum = 0;
                for (int i = 0; i < sourceCount; i++)
                {
                    Modulus d = conversion.Source[i];
                    y[i] = d.Center(d.Multiply(Residues(x[block], i)[k], conversion.PuncturedInverses[i]));
                    sum = Math.FusedMultiplyAdd(y[i], d.Reciprocal, sum);
                }

                long quotient = (long)Math.Round(sum, MidpointRounding.ToEven);
                for (int j = 0; j < conversion.Target.Count; j++)
                {
                    int shared = conversion.SharedSource(j);
                    Residues(destination[block], j)[k] = shared >= 0
                        ? Residues(x[block], shared)[k]
                        : Recombine(conversion.Target[j], y, conversion.Punctured(j), quotient, conversion.Products[j]);
                }
            }
        }
    }

    private static ulong Recombine(Modulus p, ReadOnlySpan<long> y, ReadOnlySpan<ulong> punctured, long quotient, ulong product)
    {
        ulong z = p.Negate(p.Multiply(p.Reduce(quotient), product));
        for (int i = 0; i < y.Length; i++)
        {
            z = p.Add(z, p.Multiply(p.Reduce(y[i]), punctured[i]));
        }

        return z;
    }

    // Cooley–Tukey with the powers of ψ folded in: block b of m pairs (u, v) → (u + w·v, u − w·v), w = ψ^brv(m + b).
    private static void ForwardNtt(Span<ulong> a, NttTables tables)
    {
        Modulus q = tables.Modulus;
        for (int m = 1, half = a.Length / 2; m < a.Length; m *= 2, half /= 2)
        {
            for (int b = 0; b < m; b++)
            {
                ulong w = tables.Forward[m + b];
                for (int j = 2 * b * half; j < (2 * b + 1) * half; j++)
                {
                    ulong v = q.Multiply(a[j + half], w);
                    a[j + half] = q.Subtract(a[j], v);
                    a[j] = q.Add(a[j], v);
                }
            }
        }
    }

    // Gentleman–Sande, the same butterflies backwards, then the factor 1/N.
    private static void InverseNtt(Span<ulong> a, NttTables tables)
    {
        Modulus q = tables.Modulus;
        for (int m = a.Length / 2, half = 1; m >= 1; m /= 2, half *= 2)
        {
            for (int b = 0; b < m; b++)
            {
                ulong w = tables.Inverse[m + b];
                for (int j = 2 * b * half; j < (2 * b + 1) * half; j++)
                {
                    ulong u = a[j];
                    ulong v = a[j + half];
                    a[j] = q.Add(u, v);
                    a[j + half] = q.Multiply(q.Subtract(u, v), w);
                }
            }
        }

        foreach (ref ulong value in a)
        {
            value = q.Multiply(value, tables.DegreeInverse);
        }
    }

    // X^i → X^(i·g): exponents from N on wrap with a minus sign.
    private static void PermuteCoefficients(ReadOnlySpan<ulong> x, Span<ulong> destination, int exponent, Modulus q)
    {
        int degree = x.Length;
        for (int i = 0; i < degree; i++)
        {
            long target = (long)i * exponent & (2 * degree - 1);
            destination[(int)(target & (degree - 1))] = target < degree ? x[i] : q.Negate(x[i]);
        }
    }

    // Value i belongs to the point ψ^(2·brv(i)+1); x(X^g) takes there the value of x at ψ^(g·(2·brv(i)+1)).
    private static void PermuteEvaluations(ReadOnlySpan<ulong> x, Span<ulong> destination, int exponent)
    {
        int degree = x.Length;
        int logN = System.Numerics.BitOperations.Log2((uint)degree);
        for (int i = 0; i < degree; i++)
        {
            long point = exponent * (2L * NttTables.ReverseBits(i, logN) + 1) & (2 * degree - 1);
            destination[i] = x[NttTables.ReverseBits((int)(point >> 1), logN)];
        }
    }

    // f(q, x, y, destination's old value); y may be compact: value k of N stands at k·M/N.
    private static void ForEachValue(
        ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination, Func<Modulus, ulong, ulong, ulong, ulong> f)
    {
        for (int i = 0; i < x.Length; i++)
        {
            int run = x[i].RingDegree / y[i].RingDegree;
            for (int limb = 0; limb < x[i].LimbCount; limb++)
            {
                Modulus q = x[i].Basis[limb];
                Span<ulong> left = Residues(x[i], limb);
                Span<ulong> right = Residues(y[i], limb);
                Span<ulong> to = Residues(destination[i], limb);
                for (int k = 0; k < left.Length; k++)
                {
                    to[k] = f(q, left[k], right[k / run], to[k]);
                }
            }
        }
    }

    private static Span<ulong> Residues(LimbBlock block, int limb) =>
        block.Buffer is ScalarBuffer buffer
            ? buffer.Limb(block.FirstLimb + limb)
            : throw new ArgumentException($"A buffer of '{block.Buffer.Backend.Name}' cannot be used by the scalar backend; download and upload it.");

    private sealed class ScalarBuffer(RingBackend backend, int ringDegree, int limbCount) : RingBuffer(backend, ringDegree, limbCount)
    {
        private ulong[]? _residues = new ulong[(long)ringDegree * limbCount];

        public Span<ulong> Limb(int limb)
        {
            ObjectDisposedException.ThrowIf(_residues is null, this);
            return _residues.AsSpan(limb * RingDegree, RingDegree);
        }

        protected override void WipeStorage() => System.Security.Cryptography.CryptographicOperations.ZeroMemory(
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(_residues.AsSpan()));

        protected override void ReleaseStorage() => _residues = null;
    }
}
