using Heann.Core.Encoders;
using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Evaluation;

public abstract partial class CircuitEvaluator<T>
{
    /// <summary>destination ← A·x, a linear map of the slots. Scale Δ_x·Δ_A: rescale afterwards. Needs the Galois keys of <see cref="LinearTransform.Rotations"/>.</summary>
    /// <param name="x">Two parts, level ≥ 1.</param>
    /// <param name="transform">A with its schedule.</param>
    /// <param name="scale">Δ_A; null for the scale of the prime that the next rescale divides by.</param>
    /// <param name="destination">Takes A·x.</param>
    /// <exception cref="MissingKeyException">A key is missing.</exception>
    /// <exception cref="LevelExhaustedException">x is at level 0.</exception>
    public void TransformInto(T x, LinearTransform transform, Scale? scale, T destination)
    {
        ArgumentNullException.ThrowIfNull(transform);
        LinearTransform[,] transforms = new[,] { { transform } };
        Scale plainScale = PrepareTransform([x], transforms, scale);
        NoiseEstimate noise = PredictTransform([x], transforms, 0, plainScale);

        // Always by way of a temporary: many operations follow, and one that ends midway leaves the destination as it was.
        Outcome outcome = Into(destination, isOperand: true, new(x.Level, 2, x.Scale * plainScale, noise), worksInPlace: false);
        using (outcome.Target)
        {
            TransformCore([x], transforms, plainScale, [outcome.Target]);
            outcome.Commit(); // moves the storage: nothing is left to give back
        }
    }

    /// <summary>A·x; see <see cref="TransformInto"/>.</summary>
    public T Transform(T x, LinearTransform transform, Scale? scale = null)
    {
        using Fresh result = new(this, Require(x).Level);
        TransformInto(x, transform, scale, result.Value);
        return result.Take();
    }

    /// <summary>y_o = Σ_i A_(o,i)·x_i: a block matrix of linear maps. The baby steps of every x_i are computed once for all outputs, and the giant steps of every y_o once for all inputs.</summary>
    /// <param name="x">Inputs of two parts, one level ≥ 1 and one scale.</param>
    /// <param name="transforms">A_(o,i), all with the same number of baby steps.</param>
    /// <param name="scale">Δ_A; null for the scale of the prime that the next rescale divides by.</param>
    /// <returns>One value per row.</returns>
    public T[] TransformMany(ReadOnlySpan<T> x, LinearTransform[,] transforms, Scale? scale = null)
    {
        ArgumentNullException.ThrowIfNull(transforms);
        int level = x.IsEmpty ? 0 : Require(x[0]).Level;
        T[] inputs = x.ToArray();
        return AllocateMany(transforms.GetLength(0), level, results => TransformManyInto(inputs, transforms, scale, results));
    }

    /// <summary>Computes all rows with weights encoded at the level of the inputs and the scale. No destination is an input.</summary>
    protected abstract void TransformCore(T[] x, LinearTransform[,] transforms, Scale scale, T[] destinations);

    private Scale PrepareTransform(T[] x, LinearTransform[,] transforms, Scale? scale)
    {
        if (x.Length == 0 || transforms.GetLength(1) != x.Length || transforms.GetLength(0) == 0)
        {
            throw new ArgumentException($"{transforms.GetLength(0)} × {transforms.GetLength(1)} transforms do not fit {x.Length} inputs.", nameof(transforms));
        }

        foreach (T input in x)
        {
            RequireSameLevel(input, x[0], "a linear transform");
            RequireTwoParts(input, "A linear transform");
            RequireLevels(input, 1, "A linear transform");
            if (!input.Scale.Matches(x[0].Scale))
            {
                Throw.ScaleMismatch(input.Scale, x[0].Scale, "a linear transform");
            }
        }

        foreach (LinearTransform transform in transforms)
        {
            if (transform.Matrix.Period > SlotCount)
            {
                throw new ArgumentException($"A transform of period {transform.Matrix.Period} does not fit {SlotCount} slots.", nameof(transforms));
            }

            if (transform.BabyStepCount != transforms[0, 0].BabyStepCount)
            {
                throw new ArgumentException(
                    $"Transforms of {transform.BabyStepCount} and {transforms[0, 0].BabyStepCount} baby steps cannot share them; use one number.", nameof(transforms));
            }
        }

        return scale ?? new Scale(Parameters.BasisQ[x[0].Level].Value);
    }

    // Every diagonal is a product with a rotation of an input; giant steps add a key switch each.
    private NoiseEstimate PredictTransform(T[] x, LinearTransform[,] transforms, int row, Scale plainScale)
    {
        NoiseEstimate sum = default;
        KeySwitchLayout? layout = null;
        (int highest, int lowest) = (0, 0);
        for (int i = 0; i < x.Length; i++)
        {
            LinearTransform transform = transforms[row, i];
            NoiseEstimate baby = x[i].Noise;
            foreach (GaloisElement rotation in transform.Rotations.Select(GaloisElement.Rotation).Where(r => !r.IsIdentity(Parameters.RingDegree)))
            {
                layout = GaloisLayout(rotation, x[i].Level);
                baby = Estimator.KeySwitch(x[i].Noise, layout, x[i].Level);
            }

            (highest, lowest) = (Math.Max(highest, transform.GiantSteps[^1]), Math.Min(lowest, transform.GiantSteps[0]));
            foreach (int shift in transform.Matrix.Shifts)
            {
                NoiseEstimate weight = PlainNoise(transform.Matrix.Shifted(shift, 0));
                NoiseEstimate rotated = (shift & (transform.BabyStepCount - 1)) == 0 ? x[i].Noise : baby;
                sum = Estimator.Add(sum, Estimator.Multiply(rotated, x[i].Scale, weight, plainScale), isSame: false, x[i].Scale * plainScale, 0);
            }
        }

        for (int i = 0; i < highest - lowest && layout is not null; i++)
        {
            sum = Estimator.KeySwitch(sum, layout, x[0].Level);
        }

        return sum;
    }
}
