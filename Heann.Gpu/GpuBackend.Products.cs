using System.Numerics;
using System.Runtime.CompilerServices;
using Heann.Core.Rings;
using Heann.Gpu.Drivers;

namespace Heann.Gpu;

/// <content>Matrix products and key switching.</content>
public sealed unsafe partial class GpuBackend
{
    private const int MatrixRows = 4; // of a work item of `matrix`
    private const int IntegerMatrixRows = 8; // of one of `integer_matrix`

    private const int MaxTerms = 8; // TERMS of `inner`

    /// <inheritdoc/>
    protected override void MatrixProductCore(ReadOnlySpan<LimbBlock> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        using Alive alive = new(weights, x, destination);
        using GpuTable table = AddressTable(weights, x, destination);
        GpuCall call = CallFor(x[0].Basis);
        call.T0 = table.First;
        call.T1 = call.T0 + (ulong)weights.Length;
        call.T2 = call.T1 + (ulong)x.Length;
        (call.P0, call.P1) = (destination.Length, x.Length);
        Launch("matrix", call.N, x[0].LimbCount, (destination.Length + MatrixRows - 1) / MatrixRows, call);
    }

    /// <inheritdoc/>
    protected override void IntegerMatrixProductCore(ReadOnlySpan<long> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        using Alive alive = new([], x, destination);
        using GpuTable table = AddressTable([], x, destination);
        using GpuTable integers = new(this, System.Runtime.InteropServices.MemoryMarshal.Cast<long, double>(weights));
        using Pieces reduced = new(this, 1, 2L * weights.Length * x[0].LimbCount);
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
    public override void TensorProduct(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination)
    {
        RequireTensor(x, y, destination);
        if (y[0].RingDegree != y[1].RingDegree)
        {
            base.TensorProduct(x, y, destination);
            return;
        }

        using Alive alive = new(x, y, destination);
        GpuCall call = CallFor(x[0].Basis);
        (call.X, call.Y, call.D) = (FirstOf(x), FirstOf(y), FirstOf(destination));
        call.P1 = BitOperations.Log2((uint)(call.N / y[0].RingDegree));
        Launch("tensor", call.N, x[0].LimbCount, 1, call);
    }

    /// <inheritdoc/>
    protected override void SwitchKeysCore(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms)
    {
        long part = (long)plan.Extended.Count * plan.Kept.RingDegree;
        using Pieces digits = new(this, 1, plan.DigitCount * part);
        Decompose(plan, x, digits);
        for (int start = 0; start < terms.Length; start += MaxTerms)
        {
            ReadOnlySpan<KeySwitchTerm> some = terms.Slice(start, Math.Min(MaxTerms, terms.Length - start));
            using Pieces sums = new(this, 2 * some.Length, part);
            GpuCall.Blocks destination = default;
            for (int t = 0; t < some.Length; t++)
            {
                destination[2 * t] = First(some[t].Destination0);
                destination[(2 * t) + 1] = First(some[t].Destination1);
            }

            InnerProducts(plan, (digits.Blocks[0], First(x)), some, sums.Blocks, isSum: false, isAdded: false);
            Divide(plan.Division, sums.Blocks, destination, 2 * some.Length);
        }

        KeepAlive(plan, x, terms);
    }

    /// <inheritdoc/>
    protected override void SumSwitchedKeysCore(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms)
    {
        long part = (long)plan.Extended.Count * plan.Kept.RingDegree;
        using Pieces digits = new(this, 1, plan.DigitCount * part);
        Decompose(plan, x, digits);
        using Pieces sums = new(this, 2, part);
        for (int start = 0; start < terms.Length; start += MaxTerms)
        {
            ReadOnlySpan<KeySwitchTerm> some = terms.Slice(start, Math.Min(MaxTerms, terms.Length - start));
            InnerProducts(plan, (digits.Blocks[0], First(x)), some, sums.Blocks, isSum: true, isAdded: start > 0);
        }

        GpuCall.Blocks destination = default;
        destination[0] = First(terms[0].Destination0);
        destination[1] = First(terms[0].Destination1);
        Divide(plan.Division, sums.Blocks, destination, 2);
        KeepAlive(plan, x, terms);
    }

    // All digits over all primes, digit after digit, without the limbs whose primes are a digit's own: those are x's. A digit of one prime
    // needs no conversion: the transform takes its residues modulo the others.
    private void Decompose(KeySwitchPlan plan, LimbBlock x, in Pieces digits)
    {
        int degree = plan.Kept.RingDegree;
        SwitchTables tables = TablesOf(plan);
        using Pieces coefficients = new(this, 1, (long)plan.Kept.Count * degree);
        GpuCall call = TransformOf(plan.Kept);
        call.X[0] = First(x);
        (call.D, call.T0) = (coefficients.Blocks, tables.Scales.First);
        Inverse(call, plan.Kept.Count, 1);
        call = TransformOf(plan.Extended);
        (call.X, call.D, call.T1) = (digits.Blocks, digits.Blocks, tables.Foreign.First);
        if (tables.Conversions is { } conversions)
        {
            Convert(conversions, degree, coefficients.Blocks, digits.Blocks, 1, new(IsScaled: true));
        }
        else
        {
            (call.X, call.P4) = (coefficients.Blocks, 1);
        }

        Forward(call, tables.ForeignCount, 1, Ending.Reduced);
    }

    // The automorphism comes first and the addend goes in times P: neither changes a bit of the rounded quotient, since the centred lift is
    // odd (σ changes signs of coefficients) and P·addend is divided exactly.
    private void InnerProducts(
        KeySwitchPlan plan, (ulong Foreign, ulong Own) digits, ReadOnlySpan<KeySwitchTerm> terms, in GpuCall.Blocks sums, bool isSum, bool isAdded)
    {
        GpuCall call = CallFor(plan.Extended);
        (call.X[0], call.X[1]) = digits;
        call.D = sums;
        call.T0 = TablesOf(plan).Owners.First;
        (call.P0, call.P1, call.P4, call.P5) = (plan.DigitCount, plan.Kept.Count, isSum ? terms.Length : 1, isAdded ? 1 : 0);
        for (int t = 0; t < terms.Length; t++)
        {
            KeySwitchTerm term = terms[t];
            if (term.Key is not GpuSwitchingMatrix key || !ReferenceEquals(key.Backend, this))
            {
                throw new ArgumentException($"A key made by another backend cannot be used by '{Name}'; write it out and read it with this one.");
            }

            call.X[2 + (2 * t)] = term.Addend0.IsZero ? GpuCall.Zero : First(term.Addend0);
            call.X[3 + (2 * t)] = term.Addend1.IsZero ? GpuCall.Zero : First(term.Addend1);
            call.Y[t] = key.First;
            call.Y[MaxTerms + t] = (uint)term.Element.Exponent(call.N)
                | (ulong)(uint)key.Kept.Count << 24 | (ulong)(uint)key.Basis.Count << 36 | (ulong)(uint)key.DigitCount << 48;
        }

        Launch("inner", call.N, plan.Extended.Count, isSum ? 1 : terms.Length, call);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void KeepAlive(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms)
    {
        // See Alive.
    }

    private SwitchTables TablesOf(KeySwitchPlan plan) => _switches.GetValue(plan, p => new(this, p));

    private GpuTable AddressTable(ReadOnlySpan<LimbBlock> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        double[] words = new double[weights.Length + x.Length + destination.Length];
        int next = 0;
        foreach (LimbBlock weight in weights)
        {
            words[next++] = GpuTable.Word(weight.IsZero
                ? GpuCall.Zero
                : First(weight) | (ulong)BitOperations.Log2((uint)(x[0].RingDegree / weight.RingDegree)) << 56);
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

    private sealed class SwitchTables
    {
        public SwitchTables(GpuBackend backend, KeySwitchPlan plan)
        {
            int degree = plan.Kept.RingDegree;
            List<double> scales = [], owners = [], foreign = [];
            List<GpuConversions.Part> parts = [];
            double[] factors = Residues(plan.Kept, plan.SpecialFactors);
            for (int d = 0; d < plan.DigitCount; d++)
            {
                BasisConversion digit = plan.Digits[d];
                long source = (long)plan.Starts[d] * degree;
                long destination = (long)d * plan.Extended.Count * degree;
                scales.AddRange(ScalesBefore(digit));
                parts.Add(new(digit, source, destination));
                for (int i = 0; i < plan.Extended.Count; i++)
                {
                    if (digit.SharedSource(i) >= 0)
                    {
                        owners.AddRange([factors[i], d]);
                    }
                    else
                    {
                        foreign.AddRange(ListedLimb(i, destination + ((long)i * degree), source));
                    }
                }
            }

            ForeignCount = foreign.Count / 2;
            Scales = new(backend, [.. scales]);
            Owners = new(backend, [.. owners]);
            Foreign = new(backend, [.. foreign]);
            Conversions = parts.TrueForAll(part => part.Conversion.Source.Count == 1) ? null : new(backend, [.. parts]);
        }

        // 1/N (D/d_i)^(-1) of every kept limb.
        public GpuTable Scales { get; }

        // P mod q_i and the digit with q_i, of every kept limb.
        public GpuTable Owners { get; }

        // Limbs of all digits that are not a digit's own, and where a digit of one prime has its residues.
        public GpuTable Foreign { get; }

        public int ForeignCount { get; }

        // Null where every digit is one prime.
        public GpuConversions? Conversions { get; }
    }
}
