using System.Numerics;
using System.Runtime.CompilerServices;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <content>Hybrid key switching, limb by limb.</content>
/// <remarks>
/// The digits are brought to coefficients and punctured once (stage A). Then an item is a few limbs of the extended basis: all digits are
/// converted to them and transformed, multiplied with the key and summed. For the special limbs (stage B) the sums go back to coefficients,
/// for the others (stage C) they are divided by P, added and permuted, and leave as limbs of the result. Nothing of the size of
/// dnum·limbs is ever stored, and the key, read once in one stream, is all that comes from memory. Rotations of one ciphertext pass
/// through the same items, so each limb of each digit is made once for all of them.
/// </remarks>
public sealed unsafe partial class SimdBackend
{
    // Bytes of the digits of the limbs in hand.
    private const long SwitchGroupBytes = 6L << 20;
    private const int MaxSwitchGroup = 8;
    private const int TermsPerLimb = 3;

    // Values of the punctured coefficients that all limbs of a group read before the next: 32 KiB.
    private const int DigitValues = 1 << 12;

    // Terms of a batch however large they are.
    private const int SmallestSwitchBatch = 4;

    /// <summary>Bytes of the remainders that terms wait with for the division: more terms than that are done in batches.</summary>
    internal long SwitchTailBytes { get; init; } = 192L << 20;

    /// <inheritdoc/>
    public override SwitchingMatrix CreateSwitchingMatrix(RnsBasis kept, RnsBasis special, int digitCount)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return new SimdSwitchingMatrix(this, kept, special, digitCount);
    }

    /// <inheritdoc/>
    protected override void SwitchKeysCore(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms)
    {
        long termBytes = SimdSwitch.TailLength(plan) * sizeof(double);
        int batch = (int)Math.Clamp(SwitchTailBytes / termBytes, SmallestSwitchBatch, int.MaxValue / 2);
        for (int first = 0; first < terms.Length; first += batch)
        {
            Switch(plan, x, terms[first..Math.Min(terms.Length, first + batch)], isSum: false);
        }
    }

    /// <inheritdoc/>
    protected override void SumSwitchedKeysCore(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms) =>
        Switch(plan, x, terms, isSum: true);

    /// <summary>Copies an entry of a key, limb by limb.</summary>
    internal void CopyEntry(SimdSwitchingMatrix matrix, int row, int digit, LimbBlock block, bool isWrite)
    {
        EntryJob job = new() { Matrix = matrix, Row = row, Digit = digit, Block = block, IsWrite = isWrite };
        Run(ref job, (long)block.LimbCount * block.RingDegree);
    }

    private static SimdSwitchingMatrix Matrix(in KeySwitchTerm term) => term.Key as SimdSwitchingMatrix
        ?? throw new ArgumentException("A key made by another backend cannot be used by the SIMD backend; write it out and read it with this one.");

    // The more terms a conversion has, the more limbs should share the reading of them; as long as their digits stay near.
    private static int GroupSize(KeySwitchPlan plan)
    {
        int terms = 0;
        foreach (BasisConversion digit in plan.Digits)
        {
            terms = Math.Max(terms, digit.Source.Count + 1);
        }

        long bytes = (long)plan.DigitCount * plan.Extended.RingDegree * sizeof(double);
        return (int)Math.Clamp(Math.Min(terms / TermsPerLimb, SwitchGroupBytes / bytes), 1, MaxSwitchGroup);
    }

    private void ReturnIfRented(double* block, long count)
    {
        if (block != null)
        {
            _memory.Return(block, count);
        }
    }

    private void Switch(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms, bool isSum)
    {
        int outputs = 2 * (isSum ? 1 : terms.Length);
        long coefficientCount = (long)plan.Kept.Count * SimdSwitch.Pitch(plan);
        long digitCount = SimdSwitch.DigitLength(plan);
        long tailCount = outputs / 2 * SimdSwitch.TailLength(plan);
        SimdSwitch shared = new() { Outputs = outputs, IsSum = isSum };
        try
        {
            shared.Coefficients = _memory.Rent(coefficientCount);
            shared.Digits = _memory.Rent(digitCount);
            shared.Tails = _memory.Rent(tailCount);
            CoefficientJob coefficients = new() { Backend = this, Plan = plan, X = x, Shared = shared };
            Run(ref coefficients, coefficientCount);
            PunctureJob digits = new() { Backend = this, Plan = plan, Shared = shared };
            digits.Prepare(isTail: false);
            Run(ref digits, digitCount);

            SwitchJob job = new() { Backend = this, Plan = plan, X = x, Terms = terms, Shared = shared, MaxGroup = GroupSize(plan) };
            job.Prepare(plan.Kept.Count, plan.Extended.Count);
            Run(ref job, digitCount * plan.Special.Count);
            if (plan.Special.Count > 1)
            {
                digits.Prepare(isTail: true);
                Run(ref digits, tailCount);
            }

            job.Prepare(0, plan.Kept.Count);
            Run(ref job, digitCount * plan.Kept.Count);
        }
        finally
        {
            ReturnIfRented(shared.Tails, tailCount);
            ReturnIfRented(shared.Digits, digitCount);
            ReturnIfRented(shared.Coefficients, coefficientCount);
        }
    }

    private ref struct EntryJob : ISimdJob
    {
        public SimdSwitchingMatrix Matrix;
        public int Row;
        public int Digit;
        public LimbBlock Block;
        public bool IsWrite;

        public readonly int Count => Block.LimbCount;

        public readonly void Run(int item) => Matrix.CopyLimb(Row, Digit, item, Limb(Block, item), IsWrite);
    }

    // A limb of x in Coefficient form; a digit of one limb is its own centred lift.
    private ref struct CoefficientJob : ISimdJob
    {
        public SimdBackend Backend;
        public KeySwitchPlan Plan;
        public LimbBlock X;
        public SimdSwitch Shared;

        public readonly int Count => Plan.Kept.Count;

        public readonly void Run(int item)
        {
            int degree = Plan.Kept.RingDegree;
            int digit = SimdSwitch.DigitOf(Plan, item);
            bool isAlone = Plan.Digits[digit].Source.Count == 1;
            double* to = isAlone ? Shared.Digit(Plan, digit) : Shared.Coefficients + (long)item * SimdSwitch.Pitch(Plan);
            SimdKernels kernels = Backend.KernelsFor(degree);
            SimdTables tables = Backend.TablesFor(Plan.Kept, item);
            kernels.InverseNttFrom(Limb(X, item), to, tables);
            GC.KeepAlive(tables);
            if (isAlone)
            {
                kernels.Center(to, degree, Plan.Kept[item]);
            }
        }
    }

    // A piece of a digit, or of the special limbs of an output, as the y_i and v of its conversion.
    private ref struct PunctureJob : ISimdJob
    {
        public SimdBackend Backend;
        public KeySwitchPlan Plan;
        public SimdSwitch Shared;
        private bool _isTail;
        private int _pieces;

        public readonly int Count => _pieces * (_isTail ? Shared.Outputs : Plan.DigitCount);

        // The pieces of the shortest digit, the largest ones: those of the others divide them.
        public void Prepare(bool isTail)
        {
            _isTail = isTail;
            int degree = Plan.Extended.RingDegree;
            SimdKernels kernels = Backend.KernelsFor(degree);
            int piece = isTail ? PieceOf(degree, TermsOf(Plan.Division.Conversion, kernels)) : SimdKernels.SmallestDegree;
            foreach (BasisConversion digit in Plan.Digits)
            {
                piece = isTail || digit.Source.Count == 1 ? piece : Math.Max(piece, PieceOf(degree, TermsOf(digit, kernels)));
            }

            // Digits of one limb are ready as they are: without others there is nothing to do.
            bool isNeeded = isTail || Plan.DigitCount < Plan.Kept.Count;
            _pieces = isNeeded ? Math.Max(1, degree / piece) : 0;
        }

        [SkipLocalsInit]
        public readonly void Run(int item)
        {
            int degree = Plan.Extended.RingDegree;
            int index = item / _pieces;
            BasisConversion conversion = _isTail ? Plan.Division.Conversion : Plan.Digits[index];
            int sources = conversion.Source.Count;
            if (sources == 1)
            {
                return;
            }

            double** x = stackalloc double*[sources];
            double* to = _isTail ? Shared.Lift(Plan, index) : Shared.Digit(Plan, index);
            for (int i = 0; i < sources; i++)
            {
                x[i] = _isTail ? Shared.Tail(Plan, index, i) : Shared.Coefficients + (long)(Plan.Starts[index] + i) * SimdSwitch.Pitch(Plan);
            }

            SimdConversion constants = Backend.ConversionFor(conversion);
            SimdKernels kernels = Backend.KernelsFor(degree);
            int terms = TermsOf(conversion, kernels);
            int piece = PieceOf(degree, terms);
            for (int start = item % _pieces * (degree / _pieces), end = start + (degree / _pieces); start < end; start += piece)
            {
                if (terms == sources)
                {
                    kernels.PuncturePair(x, start, piece, constants, to + (long)start * terms);
                }
                else
                {
                    kernels.Puncture(x, start, piece, constants, to + (long)start * terms);
                }
            }

            GC.KeepAlive(constants);
        }
    }

    // Values that a coefficient of a digit is held as: itself, the two halves of the lift, or the y_i and v.
    private static int TermsOf(BasisConversion conversion, SimdKernels kernels) => conversion.Source.Count switch
    {
        1 => 1,
        2 when kernels.IsFused => 2,
        int sources => sources + 1,
    };

    // Values of a piece: the terms of a conversion together fill the nearest cache.
    private static int PieceOf(int degree, int terms) =>
        Math.Min(degree, Math.Max(SimdKernels.SmallestDegree, PowerOf2AtMost(DigitValues / terms)));
}
