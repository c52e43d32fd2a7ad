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
        for (int start = 0, count; start < coefficients.Length; start += count)
        {
            count = Together(start, coefficients, evaluations, destination);
            GpuCall.Blocks d = FirstOf(destination.Slice(start, count));
            Convert(conversion, FirstOf(coefficients.Slice(start, count)), FirstOf(evaluations.Slice(start, count)), d, count);
            Transform(conversion.Target, d, count, isForward: true, (first, first + conversion.Source.Count));
        }
    }

    /// <inheritdoc/>
    public override void Divide(LimbDivision division, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        ArgumentNullException.ThrowIfNull(division);
        RequireCount(x, destination);
        RequireDividend(x, division);
        RequireBasis(destination, division.Kept);
        for (int start = 0, count; start < x.Length; start += count)
        {
            count = Together(start, x, x, destination);
            Divide(division, FirstOf(x.Slice(start, count)), FirstOf(destination.Slice(start, count)), count);
        }
    }

    /// <inheritdoc/>
    protected override void ConvertBasisCore(BasisConversion conversion, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        for (int start = 0, count; start < x.Length; start += count)
        {
            count = Together(start, x, x, destination);
            GpuCall.Blocks from = FirstOf(x.Slice(start, count));
            Convert(conversion, from, from, FirstOf(destination.Slice(start, count)), count);
        }
    }

    private void Divide(LimbDivision division, in GpuCall.Blocks x, in GpuCall.Blocks destination, int count)
    {
        int degree = division.Kept.RingDegree;
        using Pieces tails = new(this, count, (long)division.Dropped.Count * degree);
        using Pieces lifts = new(this, count, (long)division.Kept.Count * degree);
        GpuCall.Blocks dropped = default;
        for (int i = 0; i < count; i++)
        {
            dropped[i] = x[i] + (ulong)((long)division.Kept.Count * degree);
        }

        Copy(division.Dropped, dropped, tails.Blocks, count);
        Transform(division.Dropped, tails.Blocks, count, isForward: false);
        Convert(division.Conversion, tails.Blocks, tails.Blocks, lifts.Blocks, count);
        Transform(division.Kept, lifts.Blocks, count, isForward: true);
        GpuCall call = CallFor(division.Kept);
        (call.X, call.Y, call.D) = (x, lifts.Blocks, destination);
        call.T0 = Constants(division, () => Residues(division.Kept, division.Inverses));
        Launch("divide", degree, division.Kept.Count, count, call);
    }

    // Primes on both sides get their limbs of `shared`, which has the source's primes.
    private void Convert(BasisConversion conversion, in GpuCall.Blocks x, in GpuCall.Blocks shared, in GpuCall.Blocks destination, int count)
    {
        int sources = conversion.Source.Count;
        using Pieces quotients = new(this, count, (long)(sources + 1) * conversion.Source.RingDegree);
        ulong table = Constants(conversion, () => ConversionWords(conversion));
        GpuCall call = CallFor(conversion.Source);
        (call.X, call.D) = (x, quotients.Blocks);
        (call.P0, call.T0) = (sources, table);
        Launch("quotients", call.N, 1, count, call);
        call = CallFor(conversion.Target);
        (call.X, call.Y, call.D) = (quotients.Blocks, shared, destination);
        (call.P0, call.T0) = (sources, table + (ulong)sources);
        Launch("recombine", call.N, conversion.Target.Count, count, call);
    }

    private static double[] ConversionWords(BasisConversion conversion)
    {
        List<double> words = [.. Residues(conversion.Source, conversion.PuncturedInverses)];
        for (int j = 0; j < conversion.Target.Count; j++)
        {
            Modulus p = conversion.Target[j];
            foreach (ulong punctured in conversion.Punctured(j))
            {
                words.Add(p.Center(punctured));
            }

            words.Add(p.Center(conversion.Products[j]));
            words.Add(conversion.SharedSource(j));
        }

        return [.. words];
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
