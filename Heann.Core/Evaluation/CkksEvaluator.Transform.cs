using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Rings;

namespace Heann.Core.Evaluation;

/// <content>Linear transforms.</content>
public sealed partial class CkksEvaluator
{
    // Giant sums that are held at once: bounds memory to so many ciphertexts, while every read of the baby steps serves them all.
    private const int GiantBatch = 8;

    /// <inheritdoc/>
    protected override void TransformCore(Ciphertext x, LinearTransform transform, Scale scale, Ciphertext destination)
    {
        Ciphertext[] babies = RotateMany(x, [.. transform.BabySteps]);
        try
        {
            Ciphertext? total = null;

            // From the outermost giant step inwards on either side of 0; step 0 itself belongs to the positive side.
            foreach (int direction in (int[])[1, -1])
            {
                int outermost = direction > 0 ? transform.GiantSteps[^1] : -transform.GiantSteps[0];
                int innermost = direction > 0 ? 0 : 1;
                if (outermost < innermost)
                {
                    continue;
                }

                Ciphertext side = GatherSide(babies, transform, scale, direction, outermost, innermost);
                if (total is null)
                {
                    total = side;
                }
                else
                {
                    AddInto(total, side, total);
                    side.Dispose();
                }
            }

            Move(total!, destination);
        }
        finally
        {
            foreach (Ciphertext baby in babies)
            {
                baby.Dispose();
            }
        }
    }

    // Horner: ((s_m)·rot + s_(m−1))·rot + …, down to giant step `innermost`; for the negative side one rotation more leads to step 0.
    private Ciphertext GatherSide(Ciphertext[] babies, LinearTransform transform, Scale scale, int direction, int outermost, int innermost)
    {
        Ciphertext? sum = null;
        for (int first = outermost; first >= innermost; first -= GiantBatch)
        {
            int count = Math.Min(GiantBatch, first - innermost + 1);
            int[] giants = [.. Enumerable.Range(0, count).Select(i => direction * (first - i))];
            Ciphertext?[] sums = GiantSums(babies, transform, scale, giants);
            foreach (Ciphertext? term in sums)
            {
                if (sum is not null)
                {
                    RotateInto(sum, direction * transform.BabyStepCount, sum);
                }

                if (sum is not null && term is not null)
                {
                    AddInto(sum, term, sum);
                    term.Dispose();
                }

                sum ??= term;
            }
        }

        if (innermost == 1)
        {
            RotateInto(sum!, direction * transform.BabyStepCount, sum!);
        }

        return sum!;
    }

    // Σ_b weight_(g,b) · baby_b for each giant step; null where all weights are zero.
    private Ciphertext?[] GiantSums(Ciphertext[] babies, LinearTransform transform, Scale scale, int[] giants)
    {
        int level = babies[0].Level;
        Plaintext?[] weights = new Plaintext?[giants.Length * babies.Length];
        try
        {
            Parallel.For(0, weights.Length, i =>
            {
                SlotVector? weight = transform.Weight(giants[i / babies.Length], transform.BabySteps[i % babies.Length]);
                weights[i] = weight is null ? null : _encoder.Encode(weight, level, scale);
            });
            return MultiplyWeights(babies, weights, giants.Length, scale);
        }
        finally
        {
            foreach (Plaintext? weight in weights)
            {
                weight?.Dispose();
            }
        }
    }

    private Ciphertext?[] MultiplyWeights(Ciphertext[] babies, Plaintext?[] weights, int giantCount, Scale scale)
    {
        Ciphertext?[] sums = new Ciphertext?[giantCount];
        List<LimbBlock> rows = [];
        List<Ciphertext> used = [];
        for (int g = 0; g < giantCount; g++)
        {
            ReadOnlySpan<Plaintext?> row = weights.AsSpan(g * babies.Length, babies.Length);
            if (row.ContainsAnyExcept((Plaintext?)null))
            {
                Ciphertext sum = Allocate(babies[0].Level);
                Label(sum, sum.Level, 2, babies[0].Scale * scale, babies[0].Noise);
                sums[g] = sum;
                used.Add(sum);
                foreach (Plaintext? weight in row)
                {
                    rows.Add(weight is null ? default : weight.Polynomial.Block);
                }
            }
        }

        if (used.Count > 0)
        {
            LimbBlock[] weightBlocks = [.. rows];
            for (int part = 0; part < 2; part++)
            {
                _backend.MatrixProduct(weightBlocks, [.. babies.Select(b => b.Part(part))], [.. used.Select(u => u.Part(part))]);
            }
        }

        return sums;
    }
}
