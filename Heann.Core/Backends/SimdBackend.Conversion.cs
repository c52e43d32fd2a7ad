using System.Numerics;
using System.Runtime.CompilerServices;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <content>Basis conversion, digit extension and division by the last primes; all blocks of a call go through each step
/// together.</content>
public sealed unsafe partial class SimdBackend
{
    // Values of the y_i in hand: 16 KiB.
    private const int ConversionValues = 1 << 11;

    /// <inheritdoc/>
    public override void ModUp(
        BasisConversion conversion,
        ReadOnlySpan<LimbBlock> coefficients,
        ReadOnlySpan<LimbBlock> evaluations,
        ReadOnlySpan<LimbBlock> destination)
    {
        ArgumentNullException.ThrowIfNull(conversion);
        int first = RequireDigit(conversion);
        RequireCount(coefficients, destination);
        RequireBasis(coefficients, conversion.Source);
        RequireBasis(destination, conversion.Target);
        RequireSame(evaluations, coefficients);
        Convert(conversion, new(coefficients), new(evaluations), new(destination), coefficients.Length);
        TransformJob job = new()
        {
            Backend = this, X = destination, Limbs = conversion.Target.Count, SkipStart = first, SkipEnd = first + conversion.Source.Count,
        };
        Run(ref job, (long)destination.Length * conversion.Target.Count * conversion.Target.RingDegree);
    }

    /// <inheritdoc/>
    public override void Divide(LimbDivision division, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        ArgumentNullException.ThrowIfNull(division);
        RequireCount(x, destination);
        RequireDividend(x, division);
        RequireBasis(destination, division.Kept);
        int degree = division.Kept.RingDegree;
        int dropped = division.Dropped.Count;
        int lifted = dropped == 1 ? 0 : division.Kept.Count; // one prime is lifted limb by limb, see QuotientJob
        long tailCount = (long)x.Length * dropped * degree;
        long liftCount = (long)x.Length * lifted * degree;
        double* tail = _memory.Rent(tailCount + liftCount);
        try
        {
            RemainderJob remainders = new() { Backend = this, Division = division, X = x, Tail = tail };
            Run(ref remainders, tailCount);
            double* lift = tail + tailCount;
            if (dropped > 1)
            {
                Convert(division.Conversion, new(tail, dropped, degree), default, new(lift, lifted, degree), x.Length);
            }

            QuotientJob quotients = new()
            {
                Backend = this, Division = division, X = x, Tail = tail, Lift = lift, Destination = destination,
            };
            Run(ref quotients, (long)x.Length * division.Kept.Count * degree);
        }
        finally
        {
            _memory.Return(tail, tailCount + liftCount);
        }
    }

    /// <inheritdoc/>
    protected override void ConvertBasisCore(BasisConversion conversion, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination) =>
        Convert(conversion, new(x), new(x), new(destination), x.Length);

    // Target primes that are source primes get the limbs of `shared`.
    private void Convert(BasisConversion conversion, SimdLimbs x, SimdLimbs shared, SimdLimbs destination, int blockCount)
    {
        int degree = conversion.Source.RingDegree;
        int piece = PowerOf2AtMost(ConversionValues / (conversion.Source.Count + 1));
        ConversionJob job = new()
        {
            Kernels = KernelsFor(degree), Conversion = ConversionFor(conversion), X = x, Shared = shared, Destination = destination,
            Blocks = blockCount, Piece = Math.Min(degree, Math.Max(SimdKernels.SmallestDegree, piece)),
        };
        Run(ref job, (long)blockCount * degree * (conversion.Source.Count + conversion.Target.Count));
        GC.KeepAlive(job.Conversion);
    }

    private ref struct ConversionJob : ISimdJob
    {
        public SimdKernels Kernels;
        public SimdConversion Conversion;
        public SimdLimbs X;
        public SimdLimbs Shared;
        public SimdLimbs Destination;
        public int Blocks;
        public int Piece;

        public readonly int Count => Blocks * (Conversion.Conversion.Source.RingDegree / Piece);

        [SkipLocalsInit]
        public readonly void Run(int item)
        {
            BasisConversion definition = Conversion.Conversion;
            int pieces = definition.Source.RingDegree / Piece;
            int block = item / pieces;
            int start = item % pieces * Piece;
            int sources = Conversion.SourceCount;
            double** x = stackalloc double*[sources];
            for (int i = 0; i < sources; i++)
            {
                x[i] = X[block, i];
            }

            // Aligned to a cache line.
            byte* room = stackalloc byte[(sources + 1) * Piece * sizeof(double) + 64];
            double* y = (double*)(((nuint)room + 63) & ~(nuint)63);
            Kernels.Puncture(x, start, Piece, Conversion, y);
            for (int j = 0; j < definition.Target.Count; j++)
            {
                double* to = Destination[block, j] + start;
                int source = definition.SharedSource(j);
                if (source < 0)
                {
                    Kernels.Recombine(y, Piece, Conversion, j, to);
                }
                else
                {
                    new ReadOnlySpan<double>(Shared[block, source] + start, Piece).CopyTo(new(to, Piece));
                }
            }
        }
    }

    // tail ← the dropped limbs in Coefficient form. A single one becomes the centred remainder itself: y_0 of the conversion.
    private ref struct RemainderJob : ISimdJob
    {
        public SimdBackend Backend;
        public LimbDivision Division;
        public ReadOnlySpan<LimbBlock> X;
        public double* Tail;

        public readonly int Count => X.Length * Division.Dropped.Count;

        public readonly void Run(int item)
        {
            int degree = Division.Kept.RingDegree;
            int count = Division.Dropped.Count;
            int limb = item / X.Length;
            int block = item % X.Length;
            double* tail = Tail + ((long)block * count + limb) * degree;
            SimdTables tables = Backend.TablesFor(Division.Dropped, limb);
            Backend.KernelsFor(degree).InverseNttFrom(Limb(X[block], Division.Kept.Count + limb), tail, tables);
            GC.KeepAlive(tables);
            if (count == 1)
            {
                Backend.KernelsFor(degree).Center(tail, degree, Division.Dropped[0]);
            }
        }
    }

    // destination ← (x − NTT(lift))·D^(−1). The lift of a single remainder y is y mod q_j, since D/d_0 = 1 and v = 0.
    private ref struct QuotientJob : ISimdJob
    {
        public SimdBackend Backend;
        public LimbDivision Division;
        public ReadOnlySpan<LimbBlock> X;
        public double* Tail;
        public double* Lift;
        public ReadOnlySpan<LimbBlock> Destination;

        public readonly int Count => X.Length * Division.Kept.Count;

        public readonly void Run(int item)
        {
            int degree = Division.Kept.RingDegree;
            int limb = item / X.Length;
            int block = item % X.Length;
            bool isSingle = Division.Dropped.Count == 1;
            Modulus q = Division.Kept[limb];
            double* from = Limb(X[block], limb);
            double* to = Limb(Destination[block], limb);
            SimdKernels kernels = Backend.KernelsFor(degree);
            double* lift = isSingle ? Backend._memory.Rent(degree) : Lift + ((long)block * Division.Kept.Count + limb) * degree;
            if (isSingle)
            {
                kernels.Reduce(Tail + (long)block * degree, degree, q, lift);
            }

            Backend.Transform(lift, Division.Kept, limb, isInverse: false);
            kernels.SubtractMultiply(from, lift, q.Center(Division.Inverses[limb]), to, degree, q);
            if (isSingle)
            {
                Backend._memory.Return(lift, degree);
            }
        }
    }
}
