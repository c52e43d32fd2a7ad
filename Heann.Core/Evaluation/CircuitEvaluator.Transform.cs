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
        Require(x);
        ArgumentNullException.ThrowIfNull(transform);
        RequireTwoParts(x, "A linear transform");
        RequireLevels(x, 1, "A linear transform");
        if (transform.Matrix.Period > SlotCount)
        {
            throw new ArgumentException($"A transform of period {transform.Matrix.Period} does not fit {SlotCount} slots.", nameof(transform));
        }

        Scale plainScale = scale ?? new Scale(Parameters.BasisQ[x.Level].Value);
        NoiseEstimate noise = PredictTransform(x, transform, plainScale);
        Write(
            destination, ReferenceEquals(x, destination), x.Level, 2, x.Scale * plainScale, noise,
            target => TransformCore(x, transform, plainScale, target));
    }

    /// <summary>A·x; see <see cref="TransformInto"/>.</summary>
    public T Transform(T x, LinearTransform transform, Scale? scale = null)
    {
        T result = Allocate(Require(x).Level);
        TransformInto(x, transform, scale, result);
        return result;
    }

    /// <summary>Computes A·x with weights encoded at x's level and the scale.</summary>
    protected abstract void TransformCore(T x, LinearTransform transform, Scale scale, T destination);

    // Every diagonal is a product with a rotation of x; giant steps add a key switch each.
    private NoiseEstimate PredictTransform(T x, LinearTransform transform, Scale plainScale)
    {
        NoiseEstimate baby = x.Noise;
        KeySwitchLayout? layout = null;
        foreach (GaloisElement rotation in transform.Rotations.Select(GaloisElement.Rotation).Where(r => !r.IsIdentity(Parameters.RingDegree)))
        {
            layout = GaloisLayout(rotation, x.Level);
            baby = Estimator.KeySwitch(x.Noise, layout, x.Level);
        }

        NoiseEstimate sum = default;
        foreach (int shift in transform.Matrix.Shifts)
        {
            NoiseEstimate weight = PlainNoise(SlotVector.Periodic(transform.Matrix.Diagonal(shift)));
            NoiseEstimate rotated = (shift & (transform.BabyStepCount - 1)) == 0 ? x.Noise : baby;
            sum = Estimator.Add(sum, Estimator.Multiply(rotated, x.Scale, weight, plainScale), isSame: false, x.Scale * plainScale, 0);
        }

        for (int i = 0; i < transform.GiantRotationCount && layout is not null; i++)
        {
            sum = Estimator.KeySwitch(sum, layout, x.Level);
        }

        return sum;
    }
}
