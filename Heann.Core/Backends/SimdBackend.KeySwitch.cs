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

    // Values of the punctured coefficients that all limbs of a group read before the next: 32 KiB.
    private const int DigitValues = 1 << 12;

    // Bytes of the remainders that terms wait with for the division: more terms than that are done in batches.
    private const long SwitchTailBytes = 192L << 20;

    /// <inheritdoc/>
    public override SwitchingMatrix CreateSwitchingMatrix(RnsBasis kept, RnsBasis special, int digitCount)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return new SimdSwitchingMatrix(kept, special, digitCount);
    }

    /// <inheritdoc/>
    protected override void SwitchKeysCore(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms)
    {
        long termBytes = SimdSwitch.TailLength(plan) * sizeof(double);
        int batch = (int)Math.Max(4, SwitchTailBytes / termBytes);
        for (int first = 0; first < terms.Length; first += batch)
        {
            Switch(plan, x, terms[first..Math.Min(terms.Length, first + batch)], isSum: false);
        }
    }

    /// <inheritdoc/>
    protected override void SumSwitchedKeysCore(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms) =>
        Switch(plan, x, terms, isSum: true);

    private static SimdSwitchingMatrix Matrix(in KeySwitchTerm term) => term.Key as SimdSwitchingMatrix
        ?? throw new ArgumentException("A key made by another backend cannot be used by the SIMD backend; write it out and read it with this one.");

    // The largest group whose digits stay near, but small enough that all threads have several.
    private int GroupSize(KeySwitchPlan plan)
    {
        long bytes = (long)plan.DigitCount * plan.Extended.RingDegree * sizeof(double);
        return (int)Math.Clamp(SwitchGroupBytes / bytes, 1, MaxSwitchGroup);
    }

    private void Switch(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms, bool isSum)
    {
        int outputs = 2 * (isSum ? 1 : terms.Length);
        long coefficientCount = (long)plan.Kept.Count * SimdSwitch.Pitch(plan);
        long digitCount = SimdSwitch.DigitLength(plan);
        long tailCount = outputs / 2 * SimdSwitch.TailLength(plan);
        SimdSwitch shared = new() { Outputs = outputs, IsSum = isSum };
        shared.Coefficients = _memory.Rent(coefficientCount);
        shared.Digits = _memory.Rent(digitCount);
        shared.Tails = _memory.Rent(tailCount);
        try
        {
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
            _memory.Return(shared.Tails, tailCount);
            _memory.Return(shared.Digits, digitCount);
            _memory.Return(shared.Coefficients, coefficientCount);
        }
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
            new ReadOnlySpan<double>(Limb(X, item), degree).CopyTo(new(to, degree));
            Backend.Transform(to, Plan.Kept, item, isInverse: true);
            if (isAlone)
            {
                Backend.KernelsFor(degree).Center(to, degree, Plan.Kept[item]);
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
            int piece = isTail ? PieceOf(degree, Plan.Special.Count + 1) : SimdKernels.SmallestDegree;
            foreach (BasisConversion digit in Plan.Digits)
            {
                piece = isTail || digit.Source.Count == 1 ? piece : Math.Max(piece, PieceOf(degree, digit.Source.Count + 1));
            }

            _pieces = Math.Max(1, degree / piece);
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
            int piece = PieceOf(degree, sources + 1);
            for (int start = item % _pieces * (degree / _pieces), end = start + (degree / _pieces); start < end; start += piece)
            {
                Backend.KernelsFor(degree).Puncture(x, start, piece, constants, to + (long)start * (sources + 1));
            }

            GC.KeepAlive(constants);
        }
    }

    // Values of a piece: the terms of a conversion together fill the nearest cache.
    private static int PieceOf(int degree, int terms)
    {
        int fitting = (int)BitOperations.RoundUpToPowerOf2((uint)(DigitValues / terms) + 1) / 2;
        return Math.Min(degree, Math.Max(SimdKernels.SmallestDegree, fitting));
    }

    // Some limbs of the extended basis: the digits there, the products with all keys, and what follows.
    private ref struct SwitchJob : ISimdJob
    {
        public SimdBackend Backend;
        public KeySwitchPlan Plan;
        public LimbBlock X;
        public ReadOnlySpan<KeySwitchTerm> Terms;
        public SimdSwitch Shared;
        public int MaxGroup;
        private int _first;
        private int _end;

        public int Count { get; private set; }

        // Limbs first … end − 1.
        public void Prepare(int first, int end)
        {
            (_first, _end) = (first, end);
            Count = 0;
            for (int limb = first; limb < end; limb += GroupAt(limb))
            {
                Count++;
            }
        }

        // Large groups first, single limbs at the end, so that no thread waits long for the last.
        private readonly int GroupAt(int limb) => Math.Clamp((_end - limb) / (2 * Backend.ThreadCount), 1, MaxGroup);

        [SkipLocalsInit]
        public readonly void Run(int item)
        {
            int first = _first;
            for (; item > 0; item--)
            {
                first += GroupAt(first);
            }

            int count = GroupAt(first);
            int pitch = SimdSwitch.Pitch(Plan);
            int digits = Plan.DigitCount;
            long scratchCount = ((long)digits * count + 5) * pitch;
            double* scratch = Backend._memory.Rent(scratchCount);
            try
            {
                double* sums = scratch + (long)digits * count * pitch;
                double** x = stackalloc double*[digits * count]; // digit d of limb i at i·digits + d
                for (int d = 0; d < digits; d++)
                {
                    Extend(d, first, count, scratch + (long)d * count * pitch, x);
                }

                for (int i = 0; i < count; i++)
                {
                    Finish(first + i, x + i * digits, sums);
                }
            }
            finally
            {
                Backend._memory.Return(scratch, scratchCount);
            }
        }

        // Digit d modulo the limbs of the group, Evaluation form; limbs of its own it has already.
        private readonly void Extend(int d, int first, int count, double* to, double** x)
        {
            BasisConversion conversion = Plan.Digits[d];
            SimdConversion constants = Backend.ConversionFor(conversion);
            int degree = Plan.Extended.RingDegree;
            int pitch = SimdSwitch.Pitch(Plan);
            SimdKernels kernels = Backend.KernelsFor(degree);
            int sources = conversion.Source.Count;
            int terms = sources == 1 ? 1 : sources + 1;
            int piece = sources == 1 ? degree : PieceOf(degree, terms);
            double* y = Shared.Digit(Plan, d);
            for (int i = 0; i < count; i++)
            {
                int source = conversion.SharedSource(first + i);
                x[i * Plan.DigitCount + d] = source < 0 ? to + (long)i * pitch : Limb(X, first + i);
            }

            for (int start = 0; start < degree; start += piece)
            {
                for (int i = 0; i < count; i++)
                {
                    if (conversion.SharedSource(first + i) < 0)
                    {
                        kernels.Recombine(y + (long)start * terms, piece, constants, first + i, to + (long)i * pitch + start);
                    }
                }
            }

            for (int i = 0; i < count; i++)
            {
                if (conversion.SharedSource(first + i) < 0)
                {
                    Backend.Transform(to + (long)i * pitch, Plan.Extended, first + i, isInverse: false);
                }
            }

            GC.KeepAlive(constants);
        }

        private readonly void Finish(int limb, double** x, double* sums)
        {
            int degree = Plan.Extended.RingDegree;
            int pitch = SimdSwitch.Pitch(Plan);
            bool isSpecial = limb >= Plan.Kept.Count;
            for (int t = 0; t < Terms.Length; t++)
            {
                // Special limbs wait for the division; those of a sum are permuted and added up on the way.
                bool isDirect = isSpecial && !Shared.IsSum;
                double* u0 = isDirect ? Shared.Tail(Plan, 2 * t, limb - Plan.Kept.Count) : sums;
                double* u1 = isDirect ? Shared.Tail(Plan, 2 * t + 1, limb - Plan.Kept.Count) : sums + pitch;
                Multiply(Terms[t], limb, x, u0, u1);
                if (Shared.IsSum)
                {
                    double* total = isSpecial ? Shared.Tail(Plan, 0, limb - Plan.Kept.Count) : sums + 3L * pitch;
                    AddUp(Terms[t], limb, 0, u0, total, isFirst: t == 0);
                    total = isSpecial ? Shared.Tail(Plan, 1, limb - Plan.Kept.Count) : sums + 4L * pitch;
                    AddUp(Terms[t], limb, 1, u1, total, isFirst: t == 0);
                }
                else if (!isSpecial)
                {
                    Divide(Terms[t], limb, 2 * t, u0, sums + 2L * pitch);
                    Divide(Terms[t], limb, 2 * t + 1, u1, sums + 2L * pitch);
                }
            }

            if (isSpecial)
            {
                for (int output = 0; output < Shared.Outputs; output++)
                {
                    double* tail = Shared.Tail(Plan, output, limb - Plan.Kept.Count);
                    Backend.Transform(tail, Plan.Extended, limb, isInverse: true);
                    if (Plan.Special.Count == 1)
                    {
                        Backend.KernelsFor(degree).Center(tail, degree, Plan.Special[0]);
                    }
                }
            }
            else if (Shared.IsSum)
            {
                KeySwitchTerm result = new() { Key = Terms[0].Key, Destination0 = Terms[0].Destination0, Destination1 = Terms[0].Destination1 };
                Divide(result, limb, 0, sums + 3L * pitch, sums + 2L * pitch);
                Divide(result, limb, 1, sums + 4L * pitch, sums + 2L * pitch);
            }
        }

        private readonly void Multiply(in KeySwitchTerm term, int limb, double** x, double* u0, double* u1)
        {
            SimdSwitchingMatrix matrix = Matrix(term);
            int keyLimb = limb < Plan.Kept.Count ? limb : limb - Plan.Kept.Count + matrix.Kept.Count;
            SimdKeyLimb key = new()
            {
                Values = matrix.Limb(keyLimb), Degree = Plan.Extended.RingDegree, DigitCount = matrix.DigitCount,
                Chunk = SimdSwitchingMatrix.ChunkOf(Plan.Extended.RingDegree), Sum = matrix.Sums[keyLimb],
            };
            Backend.KernelsFor(key.Degree).KeyProduct(x, Plan.DigitCount, key, u0, u1, Plan.Extended[limb]);
            GC.KeepAlive(matrix);
        }

        // total ← total + σ(u + P·addend); u may be overwritten.
        private readonly void AddUp(in KeySwitchTerm term, int limb, int row, double* u, double* total, bool isFirst)
        {
            int degree = Plan.Extended.RingDegree;
            SimdKernels kernels = Backend.KernelsFor(degree);
            Modulus q = Plan.Extended[limb];
            LimbBlock addend = row == 0 ? term.Addend0 : term.Addend1;
            if (limb < Plan.Kept.Count && !addend.IsZero)
            {
                kernels.MultiplyScalar(Limb(addend, limb), q.Center(Plan.SpecialFactors[limb]), u, degree, q, isAdded: true);
            }

            if (isFirst)
            {
                Permute(term.Element, u, total);
                return;
            }

            double* permuted = Backend._memory.Rent(degree);
            Permute(term.Element, u, permuted);
            kernels.Apply(SimdOperation.Add, total, permuted, 0, total, 0, degree, q);
            Backend._memory.Return(permuted, degree);
        }

        // The destination ← σ(addend + (u − lift)·P^(−1)).
        private readonly void Divide(in KeySwitchTerm term, int limb, int output, double* u, double* lift)
        {
            int degree = Plan.Extended.RingDegree;
            SimdKernels kernels = Backend.KernelsFor(degree);
            Modulus q = Plan.Kept[limb];
            BasisConversion conversion = Plan.Division.Conversion;
            if (Plan.Special.Count == 1)
            {
                kernels.Reduce(Shared.Tail(Plan, output, 0), degree, q, lift);
            }
            else
            {
                SimdConversion constants = Backend.ConversionFor(conversion);
                int terms = Plan.Special.Count + 1;
                int piece = PieceOf(degree, terms);
                for (int start = 0; start < degree; start += piece)
                {
                    kernels.Recombine(Shared.Lift(Plan, output) + (long)start * terms, piece, constants, limb, lift + start);
                }

                GC.KeepAlive(constants);
            }

            Backend.Transform(lift, Plan.Kept, limb, isInverse: false);
            LimbBlock addend = output % 2 == 0 ? term.Addend0 : term.Addend1;
            double* destination = Limb(output % 2 == 0 ? term.Destination0 : term.Destination1, limb);
            bool isPermuted = !Shared.IsSum && !term.Element.IsIdentity(degree);
            double* quotient = isPermuted ? u : destination;
            double inverse = q.Center(Plan.Division.Inverses[limb]);
            if (addend.IsZero)
            {
                kernels.SubtractMultiply(u, lift, inverse, quotient, degree, q);
            }
            else
            {
                kernels.SubtractMultiplyAdd(u, lift, inverse, Limb(addend, limb), quotient, degree, q);
            }

            if (isPermuted)
            {
                Permute(term.Element, quotient, destination);
            }
        }

        private readonly void Permute(GaloisElement element, double* from, double* to)
        {
            int degree = Plan.Extended.RingDegree;
            if (element.IsIdentity(degree))
            {
                new ReadOnlySpan<double>(from, degree).CopyTo(new(to, degree));
                return;
            }

            SimdPermutation permutation = Backend.PermutationFor(degree, element.Exponent(degree));
            Backend.KernelsFor(degree).Permute(from, permutation, to, 0, degree);
            GC.KeepAlive(permutation);
        }
    }
}
