using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Evaluation;

public abstract partial class CircuitEvaluator<T>
{
    /// <summary>destination ← x with its slots permuted by an automorphism. Level and scale stay. Needs the Galois key of the element.</summary>
    /// <exception cref="MissingKeyException">There is no such key, or it reaches only lower levels.</exception>
    public void ApplyInto(T x, GaloisElement element, T destination)
    {
        Require(x);
        RequireTwoParts(x, "Rotation");
        if (element.IsIdentity(Parameters.RingDegree))
        {
            DropLevelInto(x, x.Level, destination);
            return;
        }

        NoiseEstimate noise = Estimator.KeySwitch(x.Noise, GaloisLayout(element, x.Level), x.Level);
        Outcome outcome = Into(destination, ReferenceEquals(x, destination), new(x.Level, 2, x.Scale, noise));
        ApplyCore(x, element, outcome.Target);
        outcome.Commit();
    }

    /// <summary>destination ← x rotated by k slots to the left: slot j takes the value of slot j + k, around N/2.</summary>
    public void RotateInto(T x, int steps, T destination) => ApplyInto(x, GaloisElement.Rotation(steps), destination);

    /// <summary>x rotated by k slots to the left; see <see cref="RotateInto"/>.</summary>
    public T Rotate(T x, int steps)
    {
        using Fresh result = new(this, Require(x).Level);
        RotateInto(x, steps, result.Value);
        return result.Take();
    }

    /// <summary>x with every slot conjugated. Needs the conjugation key.</summary>
    public T Conjugate(T x)
    {
        using Fresh result = new(this, Require(x).Level);
        ApplyInto(x, GaloisElement.Conjugation, result.Value);
        return result.Take();
    }

    /// <summary>Several rotations of one ciphertext that share its decomposition (hoisting): each further one costs a fraction.</summary>
    /// <param name="x">Two parts.</param>
    /// <param name="steps">Rotations to the left, each with its Galois key; 0 gives a copy.</param>
    /// <returns>As many values as steps, in their order.</returns>
    public T[] RotateMany(T x, ReadOnlySpan<int> steps)
    {
        int level = Require(x).Level;
        int[] order = steps.ToArray();
        return AllocateMany(order.Length, level, results => RotateManyInto(x, order, results));
    }

    /// <summary>destination ← Σ_i x rotated by k_i: one decomposition and one division by P for the whole sum.</summary>
    /// <param name="x">Two parts.</param>
    /// <param name="steps">Rotations to the left, each with its Galois key except 0; at least one.</param>
    /// <param name="destination">Takes the sum.</param>
    public void RotateSumInto(T x, ReadOnlySpan<int> steps, T destination)
    {
        Require(x);
        RequireTwoParts(x, "Rotation");
        ArgumentOutOfRangeException.ThrowIfZero(steps.Length, nameof(steps));
        GaloisElement[] elements = new GaloisElement[steps.Length];
        NoiseEstimate noise = default;
        Dictionary<KeySwitchLayout, int> switches = [];
        for (int i = 0; i < steps.Length; i++)
        {
            elements[i] = GaloisElement.Rotation(steps[i]);
            noise = i == 0 ? x.Noise : Estimator.Add(noise, x.Noise, isSame: false, x.Scale, 0);
            if (!elements[i].IsIdentity(Parameters.RingDegree))
            {
                KeySwitchLayout layout = GaloisLayout(elements[i], x.Level);
                switches[layout] = switches.GetValueOrDefault(layout) + 1;
            }
        }

        foreach ((KeySwitchLayout layout, int count) in switches)
        {
            noise = Estimator.KeySwitch(noise, layout, x.Level, count);
        }

        Outcome outcome = Into(destination, ReferenceEquals(x, destination), new(x.Level, 2, x.Scale, noise), worksInPlace: false);
        RotateSumCore(x, elements, outcome.Target);
        outcome.Commit();
    }

    /// <summary>Σ_i x rotated by k_i; see <see cref="RotateSumInto"/>.</summary>
    public T RotateSum(T x, ReadOnlySpan<int> steps)
    {
        using Fresh result = new(this, Require(x).Level);
        RotateSumInto(x, steps, result.Value);
        return result.Take();
    }

    /// <summary>Computes one automorphism, not the identity.</summary>
    protected abstract void ApplyCore(T x, GaloisElement element, T destination);

    /// <summary>Computes several automorphisms of x; the identity may be among them.</summary>
    protected abstract void RotateManyCore(T x, ReadOnlySpan<GaloisElement> elements, ReadOnlySpan<T> destinations);

    /// <summary>Computes the sum of several automorphisms of x; the identity may be among them.</summary>
    protected abstract void RotateSumCore(T x, GaloisElement[] elements, T destination);

    /// <summary>The layout of the Galois key that serves an element at a level.</summary>
    /// <exception cref="MissingKeyException">There is none.</exception>
    protected abstract KeySwitchLayout GaloisLayout(GaloisElement element, int level);
}
