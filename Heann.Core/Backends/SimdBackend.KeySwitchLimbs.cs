using System.Numerics;
using System.Runtime.CompilerServices;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <content>Stages B and C of a key switch.</content>
public sealed unsafe partial class SimdBackend
{
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
            long scratchCount = ((digits + 2L) * count + 5) * pitch;
            double* scratch = Backend._memory.Rent(scratchCount);
            try
            {
                double** x = stackalloc double*[digits * count]; // digit d of limb i at i·digits + d
                for (int d = 0; d < digits; d++)
                {
                    Extend(d, first, count, scratch + (long)d * count * pitch, x);
                }

                double* lifts = scratch + (long)digits * count * pitch;
                double* sums = lifts + 2L * count * pitch;

                // A sum finishes one limb before the next: there is room for the total of one.
                for (int i = 0; Shared.IsSum && i < count; i++)
                {
                    for (int t = 0; t < Terms.Length; t++)
                    {
                        Multiply(t, first + i, x + i * digits, null, sums);
                    }
                }

                for (int t = 0; !Shared.IsSum && t < Terms.Length; t++)
                {
                    if (first < Plan.Kept.Count)
                    {
                        Lift(2 * t, first, count, lifts);
                    }

                    for (int i = 0; i < count; i++)
                    {
                        Multiply(t, first + i, x + i * digits, lifts + 2L * i * pitch, sums);
                    }
                }
            }
            finally
            {
                Backend._memory.Return(scratch, scratchCount);
            }
        }

        // Digit d modulo the limbs of the group, transformed down to blocks; limbs of its own it has already, all the way.
        private readonly void Extend(int d, int first, int count, double* to, double** x)
        {
            BasisConversion conversion = Plan.Digits[d];
            for (int i = 0; i < count; i++)
            {
                int source = conversion.SharedSource(first + i);
                x[i * Plan.DigitCount + d] = source < 0 ? to + (long)i * SimdSwitch.Pitch(Plan) : Limb(X, first + i);
            }

            Recombine(conversion, Shared.Digit(Plan, d), first, count, to, 1);
        }

        // The remainders of two outputs modulo the limbs of the group, transformed down to blocks: output after output for each limb.
        private readonly void Lift(int output, int first, int count, double* to)
        {
            BasisConversion conversion = Plan.Division.Conversion;
            for (int row = 0; row < 2; row++)
            {
                Recombine(conversion, Shared.Remainder(Plan, output + row), first, count, to + (long)row * SimdSwitch.Pitch(Plan), 2);
            }
        }

        // Piece after piece, so that the y_i come from the nearest cache for all limbs but the first; then the upper passes of the transforms,
        // while a limb is in the second cache.
        private readonly void Recombine(BasisConversion conversion, double* y, int first, int count, double* to, int pitches)
        {
            SimdConversion constants = Backend.ConversionFor(conversion);
            int degree = Plan.Extended.RingDegree;
            SimdKernels kernels = Backend.KernelsFor(degree);
            int terms = TermsOf(conversion, kernels);
            bool isPair = terms == 2;
            int piece = PieceOf(degree, terms);
            for (int start = 0; terms > 1 && start < degree; start += piece)
            {
                kernels.Fetch(y + (long)(start + piece) * terms, piece * terms);
                for (int i = 0; i < count; i++)
                {
                    if (conversion.SharedSource(first + i) < 0)
                    {
                        double* limb = to + (long)i * pitches * SimdSwitch.Pitch(Plan);
                        if (isPair)
                        {
                            kernels.RecombinePair(y + (long)start * terms, piece, constants, first + i, limb + start);
                        }
                        else
                        {
                            kernels.Recombine(y + (long)start * terms, piece, constants, first + i, limb + start);
                        }
                    }
                }
            }

            GC.KeepAlive(constants);
            for (int i = 0; i < count; i++)
            {
                if (conversion.SharedSource(first + i) < 0)
                {
                    SimdTables tables = Backend.TablesFor(Plan.Extended, first + i);
                    int levels = SimdSwitchLimb.LevelsOf(Plan.Extended[first + i]);
                    double* limb = to + (long)i * pitches * SimdSwitch.Pitch(Plan);
                    if (terms == 1)
                    {
                        kernels.ForwardUpperFrom(y, limb, levels, tables);
                    }
                    else
                    {
                        kernels.ForwardUpper(limb, levels, tables);
                    }

                    GC.KeepAlive(tables);
                }
            }
        }

        // One limb of one term. The first term transforms the digits on the way.
        [SkipLocalsInit]
        private readonly void Multiply(int t, int limb, double** x, double* lifts, double* sums)
        {
            int pitch = SimdSwitch.Pitch(Plan);
            bool isSpecial = limb >= Plan.Kept.Count;
            bool isDirect = isSpecial && !Shared.IsSum;
            double** transforms = stackalloc double*[Plan.DigitCount + 2];
            SimdSwitchLimb context = Context(Terms[t], limb, x, transforms);
            for (int d = 0; t == 0 && d < Plan.DigitCount; d++)
            {
                if (Plan.Digits[d].SharedSource(limb) < 0)
                {
                    transforms[context.TransformCount++] = x[d];
                }
            }

            context.Product0 = isDirect ? Shared.Tail(Plan, 2 * t, limb - Plan.Kept.Count) : sums;
            context.Product1 = isDirect ? Shared.Tail(Plan, 2 * t + 1, limb - Plan.Kept.Count) : sums + pitch;
            if (!isSpecial && !Shared.IsSum)
            {
                Divide(ref context, t, limb, lifts);
            }

            context.Run(BitOperations.Log2((uint)Plan.Extended.RingDegree));
            if (Shared.IsSum)
            {
                AddUp(t, limb, sums);
            }
            else if (isSpecial)
            {
                Finish(limb, context.Product0);
                Finish(limb, context.Product1);
            }
            else if (context.Quotient0 == context.Product0)
            {
                Permute(Terms[t].Element, context.Quotient0, Limb(Terms[t].Destination0, limb));
                Permute(Terms[t].Element, context.Quotient1, Limb(Terms[t].Destination1, limb));
            }

            GC.KeepAlive(context.Tables);
            GC.KeepAlive(Terms[t].Key);
        }

        private readonly SimdSwitchLimb Context(in KeySwitchTerm term, int limb, double** x, double** transforms)
        {
            SimdSwitchingMatrix matrix = Matrix(term);
            int keyLimb = limb < Plan.Kept.Count ? limb : limb - Plan.Kept.Count + matrix.Kept.Count;
            int degree = Plan.Extended.RingDegree;
            return new()
            {
                Kernels = Backend.KernelsFor(degree),
                Tables = Backend.TablesFor(Plan.Extended, limb),
                Modulus = Plan.Extended[limb],
                Digits = x,
                DigitCount = Plan.DigitCount,
                Transforms = transforms,
                Key = new()
                {
                    Values = matrix.Limb(keyLimb), BytesPerValue = SwitchingMatrix.BytesPerValue(Plan.Extended[limb]),
                    DigitCount = matrix.DigitCount, Chunk = SimdSwitchingMatrix.ChunkOf(degree), Sum = matrix.Sums[keyLimb],
                },
            };
        }

        // The division goes along with the product; an automorphism follows it and needs all of the quotient. So does a first part that
        // replaces what is yet to be added to the second.
        private readonly void Divide(ref SimdSwitchLimb context, int t, int limb, double* lifts)
        {
            KeySwitchTerm term = Terms[t];
            context.Lift0 = context.Transforms[context.TransformCount++] = lifts;
            context.Lift1 = context.Transforms[context.TransformCount++] = lifts + SimdSwitch.Pitch(Plan);
            context.Addend0 = term.Addend0.IsZero ? null : Limb(term.Addend0, limb);
            context.Addend1 = term.Addend1.IsZero ? null : Limb(term.Addend1, limb);
            bool isStaged = !term.Element.IsIdentity(Plan.Extended.RingDegree)
                || (context.Addend1 != null && context.Addend1 == Limb(term.Destination0, limb));
            context.Quotient0 = isStaged ? context.Product0 : Limb(term.Destination0, limb);
            context.Quotient1 = isStaged ? context.Product1 : Limb(term.Destination1, limb);
            context.Inverse = context.Modulus.Center(Plan.Division.Inverses[limb]);
        }

        // A special limb of an output waits for the division in Coefficient form.
        private readonly void Finish(int limb, double* tail)
        {
            Backend.Transform(tail, Plan.Extended, limb, isInverse: true);
            if (Plan.Special.Count == 1)
            {
                Backend.KernelsFor(Plan.Extended.RingDegree).Center(tail, Plan.Extended.RingDegree, Plan.Special[0]);
            }
        }

        // total ← total + σ(u + P·addend) for both parts, u = sums; after the last term the total goes the way of a product.
        private readonly void AddUp(int t, int limb, double* sums)
        {
            int pitch = SimdSwitch.Pitch(Plan);
            bool isSpecial = limb >= Plan.Kept.Count;
            for (int row = 0; row < 2; row++)
            {
                double* u = sums + (long)row * pitch;
                double* total = isSpecial ? Shared.Tail(Plan, row, limb - Plan.Kept.Count) : sums + (2L + row) * pitch;
                AddTerm(Terms[t], limb, row, u, total, t == 0 ? null : sums + 4L * pitch);
                if (t < Terms.Length - 1)
                {
                    continue;
                }

                if (isSpecial)
                {
                    Finish(limb, total);
                    continue;
                }

                double* lift = sums + 4L * pitch;
                Recombine(Plan.Division.Conversion, Shared.Remainder(Plan, row), limb, 1, lift, 1);
                FinishTransform(limb, lift);
                Modulus q = Plan.Kept[limb];
                double* destination = Limb(row == 0 ? Terms[0].Destination0 : Terms[0].Destination1, limb);
                Backend.KernelsFor(Plan.Kept.RingDegree)
                    .SubtractMultiply(total, lift, q.Center(Plan.Division.Inverses[limb]), destination, Plan.Kept.RingDegree, q);
            }
        }

        // The blocks of a transform.
        private readonly void FinishTransform(int limb, double* x)
        {
            int logDegree = BitOperations.Log2((uint)Plan.Extended.RingDegree);
            SimdTables tables = Backend.TablesFor(Plan.Extended, limb);
            SimdKernels kernels = Backend.KernelsFor(Plan.Extended.RingDegree);
            int log = kernels.BlockLog(logDegree);
            int blocks = 1 << (logDegree - log);
            int levels = SimdSwitchLimb.LevelsOf(Plan.Extended[limb]) - (logDegree - log);
            SimdStream ending = new() { IsLazy = SimdSwitchLimb.IsLazy(Plan.Extended[limb]) };
            for (int block = 0; block < blocks; block++)
            {
                kernels.ForwardBlock(x + ((long)block << log), log, blocks + block, levels, tables, ending);
            }

            GC.KeepAlive(tables);
        }

        // Without room for the permuted term it is the first.
        private readonly void AddTerm(in KeySwitchTerm term, int limb, int row, double* u, double* total, double* permuted)
        {
            int degree = Plan.Extended.RingDegree;
            SimdKernels kernels = Backend.KernelsFor(degree);
            Modulus q = Plan.Extended[limb];
            LimbBlock addend = row == 0 ? term.Addend0 : term.Addend1;
            if (limb < Plan.Kept.Count && !addend.IsZero)
            {
                kernels.MultiplyScalar(Limb(addend, limb), q.Center(Plan.SpecialFactors[limb]), u, degree, q, isAdded: true);
            }

            Permute(term.Element, u, permuted == null ? total : permuted);
            if (permuted != null)
            {
                kernels.Apply(SimdOperation.Add, total, permuted, 0, total, 0, degree, q);
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
