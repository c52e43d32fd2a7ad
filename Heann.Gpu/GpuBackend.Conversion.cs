using Heann.Core.Arithmetic;
using Heann.Core.Rings;
using Heann.Gpu.Drivers;

namespace Heann.Gpu;

/// <content>Base conversion, extension of digits, and division by the last primes.</content>
public sealed unsafe partial class GpuBackend
{
    /// <inheritdoc/>
    public override void ModUp(
        BasisConversion conversion, ReadOnlySpan<LimbBlock> coefficients, ReadOnlySpan<LimbBlock> evaluations, ReadOnlySpan<LimbBlock> destination)
    {
        ArgumentNullException.ThrowIfNull(conversion);
        int first = RequireDigit(conversion);
        RequireCount(coefficients, destination);
        RequireBasis(coefficients, conversion.Source);
        RequireBasis(destination, conversion.Target);
        RequireSame(evaluations, coefficients);
        using Alive alive = new(coefficients, evaluations, destination, conversion);
        int degree = conversion.Target.RingDegree;
        ConversionTables tables = TablesOf(conversion);
        for (int start = 0, count; start < coefficients.Length; start += count)
        {
            count = Together(start, coefficients, evaluations, destination);
            GpuCall.Blocks d = FirstOf(destination.Slice(start, count));
            Convert(tables.Conversions, conversion.Source.RingDegree, FirstOf(coefficients.Slice(start, count)), d, count, default);
            GpuCall call = TransformOf(conversion.Target);
            (call.X, call.D, call.T1) = (d, d, tables.Foreign.First);
            Forward(call, tables.ForeignCount, count, Ending.Centred);
            Copy(conversion.Source, FirstOf(evaluations.Slice(start, count)), Offset(d, (long)first * degree, count), count);
        }
    }

    /// <inheritdoc/>
    public override void Divide(LimbDivision division, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        ArgumentNullException.ThrowIfNull(division);
        RequireCount(x, destination);
        RequireDividend(x, division);
        RequireBasis(destination, division.Kept);
        using Alive alive = new(x, [], destination, division);
        for (int start = 0, count; start < x.Length; start += count)
        {
            count = Together(start, x, x, destination);
            Divide(division, FirstOf(x.Slice(start, count)), FirstOf(destination.Slice(start, count)), count);
        }
    }

    /// <inheritdoc/>
    protected override void ConvertBasisCore(BasisConversion conversion, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        using Alive alive = new(x, [], destination, conversion);
        ConversionTables tables = TablesOf(conversion);
        int degree = conversion.Source.RingDegree;
        for (int start = 0, count; start < x.Length; start += count)
        {
            count = Together(start, x, x, destination);
            (GpuCall.Blocks from, GpuCall.Blocks to) = (FirstOf(x.Slice(start, count)), FirstOf(destination.Slice(start, count)));
            Convert(tables.Conversions, degree, from, to, count, new(IsCentred: true));
            for (int j = 0; j < conversion.Target.Count; j++)
            {
                if (conversion.SharedSource(j) is int shared and >= 0)
                {
                    Copy(conversion.Target.Slice(j, 1), Offset(from, (long)shared * degree, count), Offset(to, (long)j * degree, count), count);
                }
            }
        }
    }

    // The tail returns to coefficients, already times (D/d_i)^(-1); its lift ends its transform as the quotient. One dropped prime needs no
    // conversion: the transform takes its residues modulo the others.
    private void Divide(LimbDivision division, in GpuCall.Blocks x, in GpuCall.Blocks destination, int count)
    {
        int degree = division.Kept.RingDegree;
        DivisionTables tables = _divisions.GetValue(division, d => new(this, d));
        using Pieces tails = new(this, count, (long)division.Dropped.Count * degree);
        using Pieces lifts = new(this, count, (long)division.Kept.Count * degree);
        GpuCall call = TransformOf(division.Dropped);
        (call.X, call.D, call.T0) = (Offset(x, (long)division.Kept.Count * degree, count), tails.Blocks, tables.Scales.First);
        Inverse(call, division.Dropped.Count, count);
        call = TransformOf(division.Kept);
        (call.X, call.Y, call.D, call.T0) = (lifts.Blocks, x, lifts.Blocks, tables.Inverses.First);
        if (tables.Conversions is { } conversions)
        {
            Convert(conversions, degree, tails.Blocks, lifts.Blocks, count, new(IsScaled: true));
        }
        else
        {
            (call.X, call.P4) = (tails.Blocks, 1);
        }

        Forward(call, division.Kept.Count, count, Ending.Divided, destination);
    }

    private void Convert(GpuConversions conversions, int degree, in GpuCall.Blocks x, in GpuCall.Blocks destination, int count, Conversion how)
    {
        GpuCall call = CallFor(degree, 0);
        (call.X, call.D, call.T0) = (x, destination, conversions.First);
        (call.P0, call.P1) = (how.IsScaled ? 1 : 0, how.IsCentred ? 1 : 0);
        Launch("convert", degree, conversions.JobCount, count, call);
    }

    private ConversionTables TablesOf(BasisConversion conversion) => _conversions.GetValue(conversion, c => new(this, c));

    private static GpuCall.Blocks Offset(in GpuCall.Blocks blocks, long words, int count)
    {
        GpuCall.Blocks moved = default;
        for (int i = 0; i < count; i++)
        {
            moved[i] = blocks[i] + (ulong)words;
        }

        return moved;
    }

    // As the kernels keep them: nearest to zero.
    private static double[] Residues(RnsBasis basis, ReadOnlySpan<ulong> residues)
    {
        double[] words = new double[residues.Length];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = basis[i].Center(residues[i]);
        }

        return words;
    }

    // 1/N (D/d_i)^(-1): what an inverse transform before a conversion multiplies by.
    private static IEnumerable<double> ScalesBefore(BasisConversion conversion) =>
        conversion.Source.Moduli.Select((d, i) =>
            (double)d.Center(d.Multiply(conversion.Source.Tables(i).DegreeInverse, conversion.PuncturedInverses[i])));

    // An entry of a list of limbs to be transformed: where it is in the destination and, with p4, where it comes from.
    private static double[] ListedLimb(int limb, long to, long from = 0) => [GpuTable.Word((uint)limb | (ulong)to << 16), GpuTable.Word((ulong)from)];

    private readonly record struct Conversion(bool IsScaled = false, bool IsCentred = false);

    private sealed class ConversionTables
    {
        public ConversionTables(GpuBackend backend, BasisConversion conversion)
        {
            Conversions = new(backend, [new(conversion, 0, 0)]);
            int[] foreign = [.. Enumerable.Range(0, conversion.Target.Count).Where(j => conversion.SharedSource(j) < 0)];
            ForeignCount = foreign.Length;
            Foreign = new(backend, [.. foreign.SelectMany(j => ListedLimb(j, (long)j * conversion.Target.RingDegree))]);
        }

        public GpuConversions Conversions { get; }

        public GpuTable Foreign { get; }

        public int ForeignCount { get; }
    }

    private sealed class DivisionTables(GpuBackend backend, LimbDivision division)
    {
        public GpuTable Scales { get; } = new(backend, [.. ScalesBefore(division.Conversion)]);

        // Null for one prime.
        public GpuConversions? Conversions { get; } =
            division.Dropped.Count == 1 ? null : new(backend, [new(division.Conversion, 0, 0)]);

        public GpuTable Inverses { get; } = new(backend, Residues(division.Kept, division.Inverses));
    }

    // Memory for intermediate results of a call: as many pieces as it has blocks.
    private readonly ref struct Pieces
    {
        private readonly GpuMemory _memory;
        private readonly long _words;

        public Pieces(GpuBackend backend, int count, long words)
        {
            _memory = backend.Memory;
            _words = count * words;
            Blocks[0] = _memory.Rent(_words);
            for (int i = 1; i < count; i++)
            {
                Blocks[i] = Blocks[i - 1] + (ulong)words;
            }
        }

        public readonly GpuCall.Blocks Blocks;

        public void Dispose() => _memory.Return(Blocks[0], _words);
    }
}
