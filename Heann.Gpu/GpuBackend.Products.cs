using System.Numerics;
using Heann.Core.Rings;
using Heann.Gpu.Drivers;

namespace Heann.Gpu;

/// <content>Matrix products and key switching.</content>
public sealed unsafe partial class GpuBackend
{
    private const int MatrixRows = 4; // of a work item of `matrix`
    private const int IntegerMatrixRows = 8; // of one of `integer_matrix`

    // Terms whose divisions are done together: two blocks each.
    private const int TermsAtOnce = 8;

    /// <inheritdoc/>
    protected override void MatrixProductCore(ReadOnlySpan<LimbBlock> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        int compact = x[0].RingDegree;
        foreach (LimbBlock weight in weights)
        {
            compact = weight.IsZero ? compact : weight.RingDegree;
        }

        using GpuTable table = AddressTable(weights, x, destination);
        GpuCall call = CallFor(x[0].Basis);
        call.T0 = table.First;
        call.T1 = call.T0 + (ulong)weights.Length;
        call.T2 = call.T1 + (ulong)x.Length;
        (call.P0, call.P1, call.P2) = (destination.Length, x.Length, BitOperations.Log2((uint)(call.N / compact)));
        Launch("matrix", call.N, x[0].LimbCount, (destination.Length + MatrixRows - 1) / MatrixRows, call);
    }

    /// <inheritdoc/>
    protected override void IntegerMatrixProductCore(ReadOnlySpan<long> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        using GpuTable table = AddressTable([], x, destination);
        using GpuTable integers = new(this, System.Runtime.InteropServices.MemoryMarshal.Cast<long, double>(weights));
        using Pieces reduced = new(this, 1, (long)weights.Length * x[0].LimbCount);
        GpuCall call = CallFor(x[0].Basis);
        call.X[0] = integers.First;
        call.D = reduced.Blocks;
        call.P0 = weights.Length;
        Launch("weights", weights.Length, x[0].LimbCount, 1, call);
        call.T0 = reduced.Blocks[0];
        call.T1 = table.First;
        call.T2 = call.T1 + (ulong)x.Length;
        (call.P0, call.P1) = (destination.Length, x.Length);
        Launch("integer_matrix", call.N, x[0].LimbCount, (destination.Length + IntegerMatrixRows - 1) / IntegerMatrixRows, call);
    }

    /// <inheritdoc/>
    protected override void SwitchKeysCore(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms)
    {
        int degree = plan.Kept.RingDegree;
        long part = (long)plan.Extended.Count * degree;
        using Pieces digits = Decompose(plan, x);
        for (int start = 0; start < terms.Length; start += TermsAtOnce)
        {
            int count = Math.Min(TermsAtOnce, terms.Length - start);
            using Pieces sums = new(this, 2 * count, part);
            GpuCall.Blocks destination = default;
            for (int t = 0; t < count; t++)
            {
                KeySwitchTerm term = terms[start + t];
                InnerProduct(plan, digits.Blocks[0], term, (sums.Blocks[2 * t], sums.Blocks[2 * t + 1]), isAdded: false);
                destination[2 * t] = First(term.Destination0);
                destination[2 * t + 1] = First(term.Destination1);
            }

            Divide(plan.Division, sums.Blocks, destination, 2 * count);
        }
    }

    /// <inheritdoc/>
    protected override void SumSwitchedKeysCore(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms)
    {
        using Pieces digits = Decompose(plan, x);
        using Pieces sums = new(this, 2, (long)plan.Extended.Count * plan.Kept.RingDegree);
        GpuCall.Blocks destination = default;
        destination[0] = First(terms[0].Destination0);
        destination[1] = First(terms[0].Destination1);
        for (int t = 0; t < terms.Length; t++)
        {
            InnerProduct(plan, digits.Blocks[0], terms[t], (sums.Blocks[0], sums.Blocks[1]), isAdded: t > 0);
        }

        Divide(plan.Division, sums.Blocks, destination, 2);
    }

    // All digits over all primes, digit after digit.
    private Pieces Decompose(KeySwitchPlan plan, LimbBlock x)
    {
        int degree = plan.Kept.RingDegree;
        Pieces digits = new(this, 1, (long)plan.DigitCount * plan.Extended.Count * degree);
        using Pieces coefficients = new(this, 1, (long)plan.Kept.Count * degree);
        GpuCall.Blocks from = default;
        from[0] = First(x);
        Copy(plan.Kept, from, coefficients.Blocks, 1);
        Transform(plan.Kept, coefficients.Blocks, 1, isForward: false);
        for (int d = 0; d < plan.DigitCount; d++)
        {
            ulong offset = (ulong)((long)plan.Starts[d] * degree);
            GpuCall.Blocks digit = default, evaluations = default, destination = default;
            digit[0] = coefficients.Blocks[0] + offset;
            evaluations[0] = from[0] + offset;
            destination[0] = digits.Blocks[0] + (ulong)((long)d * plan.Extended.Count * degree);
            Convert(plan.Digits[d], digit, evaluations, destination, 1);
            Transform(plan.Extended, destination, 1, isForward: true, (plan.Starts[d], plan.Starts[d] + plan.Digits[d].Source.Count));
        }

        return digits;
    }

    // The automorphism comes first and the addend goes in times P: neither changes a bit of the rounded quotient, since the centred lift is
    // odd (σ changes signs of coefficients) and P·addend is divided exactly.
    private void InnerProduct(KeySwitchPlan plan, ulong digits, in KeySwitchTerm term, (ulong Part0, ulong Part1) sums, bool isAdded)
    {
        if (term.Key is not GpuSwitchingMatrix key || !ReferenceEquals(key.Backend, this))
        {
            throw new ArgumentException($"A key made by another backend cannot be used by '{Name}'; write it out and read it with this one.");
        }

        GpuCall call = CallFor(plan.Extended);
        call.X[0] = digits;
        call.Y[0] = key.First;
        (call.D[0], call.D[1]) = sums;
        call.T0 = term.Addend0.IsZero ? GpuCall.Zero : First(term.Addend0);
        call.T1 = term.Addend1.IsZero ? GpuCall.Zero : First(term.Addend1);
        call.T2 = Constants(plan, () => Residues(plan.Kept, plan.SpecialFactors));
        (call.P0, call.P1, call.P2, call.P3) = (plan.DigitCount, plan.Kept.Count, key.Kept.Count, key.Basis.Count);
        (call.P4, call.P5, call.P6) = (term.Element.Exponent(call.N), isAdded ? 1 : 0, key.DigitCount);
        Launch("inner", call.N, plan.Extended.Count, SwitchingMatrix.RowCount, call);
    }

    private GpuTable AddressTable(ReadOnlySpan<LimbBlock> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        double[] words = new double[weights.Length + x.Length + destination.Length];
        int next = 0;
        foreach (LimbBlock weight in weights)
        {
            words[next++] = GpuTable.Word(weight.IsZero ? GpuCall.Zero : First(weight));
        }

        foreach (LimbBlock block in x)
        {
            words[next++] = GpuTable.Word(First(block));
        }

        foreach (LimbBlock block in destination)
        {
            words[next++] = GpuTable.Word(First(block));
        }

        return new(this, words);
    }
}
