using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Noise;
using Heann.Core.Rings;

namespace Heann.Core.Evaluation;

/// <content>Linear transforms.</content>
public sealed partial class CkksEvaluator
{
    // Giant sums that are held at once: bounds memory to so many ciphertexts, while every read of the baby steps serves them all.
    private const int GiantBatch = 8;

    /// <inheritdoc/>
    protected override void TransformCore(Ciphertext[] x, LinearTransform[,] transforms, Scale scale, Ciphertext[] destinations)
    {
        List<(int Input, int Step, Ciphertext Value)> babies = [];
        try
        {
            for (int i = 0; i < x.Length; i++)
            {
                int[] steps = [.. Column(transforms, i).SelectMany(t => t.BabySteps).Distinct().Order()];
                Ciphertext[] rotated = RotateMany(x[i], steps);
                babies.AddRange(steps.Select((step, k) => (i, step, rotated[k])));
            }

            for (int o = 0; o < destinations.Length; o++)
            {
                LinearTransform[] row = [.. Enumerable.Range(0, x.Length).Select(i => transforms[o, i])];
                GatherRow([.. babies], row, scale, destinations[o]);
            }
        }
        finally
        {
            foreach ((_, _, Ciphertext baby) in babies)
            {
                baby.Dispose();
            }
        }
    }

    private static IEnumerable<LinearTransform> Column(LinearTransform[,] transforms, int input) =>
        Enumerable.Range(0, transforms.GetLength(0)).Select(o => transforms[o, input]);

    // The positive side (with giant step 0) and the negative side, each by Horner's rule from its outermost step inwards.
    private void GatherRow((int Input, int Step, Ciphertext Value)[] babies, LinearTransform[] row, Scale scale, Ciphertext destination)
    {
        int highest = row.Max(t => t.GiantSteps[^1]);
        int lowest = row.Min(t => t.GiantSteps[0]);
        NoiseEstimate noise = destination.Noise;
        Scale resultScale = destination.Scale;
        Ciphertext? total = null, side = null;
        try
        {
            total = highest >= 0 ? GatherSide(babies, row, scale, 1, highest, 0) : null;
            side = lowest < 0 ? GatherSide(babies, row, scale, -1, -lowest, 1) : null;
            if (total is not null && side is not null)
            {
                AddInto(total, side, total);
            }

            Move((total ?? side)!, destination);
        }
        finally
        {
            total?.Dispose();
            side?.Dispose();
        }

        Label(destination, destination.Level, 2, resultScale, noise);
    }

    // ((s_m)·rot + s_(m−1))·rot + …, down to giant step `innermost`; for the negative side one rotation more leads to step 0.
    private Ciphertext GatherSide(
        (int Input, int Step, Ciphertext Value)[] babies, LinearTransform[] row, Scale scale, int direction, int outermost, int innermost)
    {
        int stride = direction * row[0].BabyStepCount;
        Ciphertext? sum = null;
        try
        {
            for (int first = outermost; first >= innermost; first -= GiantBatch)
            {
                int[] giants = [.. Enumerable.Range(0, Math.Min(GiantBatch, first - innermost + 1)).Select(i => direction * (first - i))];
                AddGiants(GiantSums(babies, row, scale, giants), stride, ref sum);
            }

            if (innermost == 1)
            {
                RotateInto(sum!, stride, sum!);
            }

            return sum!;
        }
        catch
        {
            sum?.Dispose();
            throw;
        }
    }

    // sum ← (sum·rot + term_0)·rot + …; the terms are used up, also when an operation throws. The first that is not zero becomes the sum.
    private void AddGiants(Ciphertext?[] terms, int stride, ref Ciphertext? sum)
    {
        try
        {
            for (int i = 0; i < terms.Length; i++)
            {
                if (sum is null)
                {
                    (sum, terms[i]) = (terms[i], null);
                    continue;
                }

                RotateInto(sum, stride, sum);
                if (terms[i] is { } term)
                {
                    AddInto(sum, term, sum);
                    term.Dispose();
                }
            }
        }
        finally
        {
            DisposeAll(terms);
        }
    }

    // Σ weight_(g,b) · baby_b for each giant step; null where all weights are zero.
    private Ciphertext?[] GiantSums((int Input, int Step, Ciphertext Value)[] babies, LinearTransform[] row, Scale scale, int[] giants)
    {
        int level = babies[0].Value.Level;
        Plaintext?[] weights = new Plaintext?[giants.Length * babies.Length];
        try
        {
            Parallel.For(0, weights.Length, i =>
            {
                (int input, int step, _) = babies[i % babies.Length];
                SlotVector? weight = row[input].Weight(giants[i / babies.Length], step);
                weights[i] = weight is null ? null : _encoder.Encode(weight, level, scale);
            });
            return MultiplyWeights(babies, weights, giants.Length, scale);
        }
        finally
        {
            DisposeAll(weights);
        }
    }

    private static void DisposeAll(IDisposable?[] values)
    {
        foreach (IDisposable? value in values)
        {
            value?.Dispose();
        }
    }

    private Ciphertext?[] MultiplyWeights((int Input, int Step, Ciphertext Value)[] babies, Plaintext?[] weights, int giantCount, Scale scale)
    {
        Ciphertext?[] sums = new Ciphertext?[giantCount];
        List<LimbBlock> rows = [];
        List<Ciphertext> used = [];
        Ciphertext first = babies[0].Value;
        try
        {
            for (int g = 0; g < giantCount; g++)
            {
                ReadOnlySpan<Plaintext?> row = weights.AsSpan(g * babies.Length, babies.Length);
                if (row.ContainsAnyExcept((Plaintext?)null))
                {
                    Ciphertext sum = sums[g] = Allocate(first.Level);
                    Label(sum, sum.Level, 2, first.Scale * scale, first.Noise);
                    used.Add(sum);
                    foreach (Plaintext? weight in row)
                    {
                        rows.Add(weight is null ? default : weight.Polynomial.Block);
                    }
                }
            }

            LimbBlock[] weightBlocks = [.. rows];
            for (int part = 0; used.Count > 0 && part < 2; part++)
            {
                _backend.MatrixProduct(weightBlocks, [.. babies.Select(b => b.Value.Part(part))], [.. used.Select(u => u.Part(part))]);
            }

            return sums;
        }
        catch
        {
            DisposeAll(sums);
            throw;
        }
    }
}
