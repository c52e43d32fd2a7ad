using System.Buffers;
using System.Numerics;
using Heann.Core.Encoders;
using Heann.Core.Noise;
using Heann.Core.Rings;

namespace Heann.Core.Evaluation;

public abstract partial class CircuitEvaluator<T>
{
    /// <summary>destination ← x.</summary>
    public void CopyInto(T x, T destination) => DropLevelInto(x, Require(x).Level, destination);

    /// <summary>destination ← x + c in every slot; see <see cref="AddPlainInto"/>. No plaintext of N values: one residue per prime for a
    /// real c, two for a complex one.</summary>
    public void AddConstantInto(T x, Complex value, T destination) => AddPlainInto(x, SlotVector.Constant(value), destination);

    /// <summary>destination ← c · x; see <see cref="MultiplyPlainInto"/>. No plaintext of N values: one residue per prime for a real c, two
    /// for a complex one (i is X^(N/2)).</summary>
    public void MultiplyConstantInto(T x, Complex value, Scale? scale, T destination) =>
        MultiplyPlainInto(x, SlotVector.Constant(value), scale, destination);

    /// <summary>destination ← x · x, relinearised; see <see cref="MultiplyInto"/>.</summary>
    public void SquareInto(T x, T destination) => MultiplyInto(x, x, destination);

    /// <summary>destination ← x with every slot conjugated. Needs the conjugation key. Level and scale stay.</summary>
    /// <exception cref="MissingKeyException">There is no such key, or it reaches only lower levels.</exception>
    public void ConjugateInto(T x, T destination) => ApplyInto(x, GaloisElement.Conjugation, destination);

    /// <summary>destination ← i · x: a product with X^(N/2). Exact: no level, no scale, no keys, no noise.</summary>
    public void MultiplyImaginaryUnitInto(T x, T destination)
    {
        Require(x);
        Outcome outcome = Into(destination, ReferenceEquals(x, destination), new(x.Level, x.PartCount, x.Scale, x.Noise));
        MultiplyImaginaryUnitCore(x, outcome.Target);
        outcome.Commit();
    }

    /// <summary>i · x; see <see cref="MultiplyImaginaryUnitInto"/>.</summary>
    public T MultiplyImaginaryUnit(T x)
    {
        using Fresh result = new(this, Require(x).Level, x.PartCount);
        MultiplyImaginaryUnitInto(x, result.Value);
        return result.Take();
    }

    /// <summary>destination ← Re x in every slot, by one conjugation: x + x̄ at scale 2Δ, which is the division by two.</summary>
    /// <param name="x">Two parts.</param>
    /// <param name="destination">May be x.</param>
    /// <exception cref="MissingKeyException">The conjugation key is missing.</exception>
    public void RealPartInto(T x, T destination)
    {
        using T conjugate = Conjugate(x);
        AddInto(x, conjugate, destination);
        Halve(destination);
    }

    /// <summary>real ← Re x, imaginary ← Im x in every slot, by one conjugation: x + x̄ and (x − x̄)/i at scale 2Δ, which is the division
    /// by two.</summary>
    /// <param name="x">Two parts.</param>
    /// <param name="real">Takes Re x; may be x.</param>
    /// <param name="imaginary">Takes Im x; may be x, but not <paramref name="real"/>.</param>
    /// <exception cref="MissingKeyException">The conjugation key is missing.</exception>
    public void SplitInto(T x, T real, T imaginary)
    {
        Require(x);
        ArgumentNullException.ThrowIfNull(real);
        if (ReferenceEquals(real, imaginary))
        {
            throw new ArgumentException("Real and imaginary part need a destination each.", nameof(imaginary));
        }

        using T conjugate = Conjugate(x);
        using T difference = Subtract(x, conjugate);
        AddInto(x, conjugate, real);

        // −i·(x − x̄): negated first, for X^(N/2) is i.
        NegateInto(difference, difference);
        MultiplyImaginaryUnitInto(difference, imaginary);
        Halve(real);
        Halve(imaginary);
    }

    /// <summary>Re x and Im x; see <see cref="SplitInto"/>.</summary>
    public (T Real, T Imaginary) Split(T x)
    {
        using Fresh real = new(this, Require(x).Level);
        using Fresh imaginary = new(this, x.Level);
        SplitInto(x, real.Value, imaginary.Value);
        return (real.Take(), imaginary.Take());
    }

    /// <summary>destination ← x + i·y: two real vectors in one ciphertext. Laws of <see cref="AddInto"/>; undoes
    /// <see cref="SplitInto"/>.</summary>
    public void JoinInto(T real, T imaginary, T destination)
    {
        using T turned = MultiplyImaginaryUnit(imaginary);
        AddInto(real, turned, destination);
    }

    /// <summary>x + i·y; see <see cref="JoinInto"/>.</summary>
    public T Join(T real, T imaginary)
    {
        using Fresh result = new(this, Require(real).Level, real.PartCount);
        JoinInto(real, imaginary, result.Value);
        return result.Take();
    }

    /// <summary>destinations_i ← x rotated by k_i, all from one decomposition; see <see cref="RotateMany"/>.</summary>
    /// <param name="x">Two parts.</param>
    /// <param name="steps">Rotations to the left, each with its Galois key; 0 gives a copy.</param>
    /// <param name="destinations">As many values, none twice; x may be among them.</param>
    /// <exception cref="MissingKeyException">A key is missing.</exception>
    public void RotateManyInto(T x, ReadOnlySpan<int> steps, ReadOnlySpan<T> destinations)
    {
        Require(x);
        RequireTwoParts(x, "Rotation");
        RequireDestinations(steps.Length, destinations);
        int count = steps.Length;
        GaloisElement[] elements = ArrayPool<GaloisElement>.Shared.Rent(count);
        ResultLabel[] labels = ArrayPool<ResultLabel>.Shared.Rent(count);
        T[] targets = ArrayPool<T>.Shared.Rent(count);
        try
        {
            for (int i = 0; i < count; i++)
            {
                elements[i] = GaloisElement.Rotation(steps[i]);
                NoiseEstimate noise = elements[i].IsIdentity(Parameters.RingDegree)
                    ? x.Noise
                    : Estimator.KeySwitch(x.Noise, GaloisLayout(elements[i], x.Level), x.Level);
                labels[i] = new(x.Level, 2, x.Scale, noise);
            }

            Targets([x], labels, destinations, targets);
            RotateManyCore(x, elements.AsSpan(0, count), targets.AsSpan(0, count));
            Commit(targets, labels, destinations);
        }
        finally
        {
            ArrayPool<T>.Shared.Return(targets, clearArray: true);
            ArrayPool<ResultLabel>.Shared.Return(labels);
            ArrayPool<GaloisElement>.Shared.Return(elements);
        }
    }

    /// <summary>destinations_o ← Σ_i A_(o,i)·x_i; see <see cref="TransformMany"/>.</summary>
    /// <param name="x">Inputs of two parts, one level ≥ 1 and one scale.</param>
    /// <param name="transforms">A_(o,i), all with the same number of baby steps.</param>
    /// <param name="scale">Δ_A; null for the scale of the prime that the next rescale divides by.</param>
    /// <param name="destinations">One value per row, none twice; inputs may be among them.</param>
    /// <exception cref="MissingKeyException">A key is missing.</exception>
    /// <exception cref="LevelExhaustedException">The inputs are at level 0.</exception>
    public void TransformManyInto(ReadOnlySpan<T> x, LinearTransform[,] transforms, Scale? scale, ReadOnlySpan<T> destinations)
    {
        ArgumentNullException.ThrowIfNull(transforms);
        T[] inputs = x.ToArray();
        Scale plainScale = PrepareTransform(inputs, transforms, scale);
        RequireDestinations(transforms.GetLength(0), destinations);
        ResultLabel[] labels = new ResultLabel[destinations.Length];
        for (int o = 0; o < labels.Length; o++)
        {
            labels[o] = new(inputs[0].Level, 2, inputs[0].Scale * plainScale, PredictTransform(inputs, transforms, o, plainScale));
        }

        T[] targets = new T[destinations.Length];
        Targets(x, labels, destinations, targets);
        TransformCore(inputs, transforms, plainScale, targets);
        Commit(targets, labels, destinations);
    }

    /// <summary>Halves values that are not scaled integers, when a scale was doubled under the others.</summary>
    private protected virtual void HalveCore(T x)
    {
    }

    /// <summary>Computes i · x.</summary>
    protected abstract void MultiplyImaginaryUnitCore(T x, T destination);

    // The same residues at twice the scale.
    private void Halve(T x)
    {
        NoiseEstimate noise = x.Noise with { Magnitude = x.Noise.Magnitude / 2 };
        Label(x, x.Level, x.PartCount, x.Scale * new Scale(2), noise);
        HalveCore(x);
    }

    // New destinations that are filled, or given back where that throws.
    private T[] AllocateMany(int count, int level, Action<T[]> fill, int partCount = 2)
    {
        T[] results = new T[count];
        try
        {
            for (int i = 0; i < count; i++)
            {
                results[i] = Allocate(level, partCount);
            }

            fill(results);
            return results;
        }
        catch
        {
            foreach (T? result in results)
            {
                result?.Dispose();
            }

            throw;
        }
    }

    private static void RequireDestinations(int count, ReadOnlySpan<T> destinations)
    {
        if (destinations.Length != count)
        {
            throw new ArgumentException($"{count} results need as many destinations; got {destinations.Length}.", nameof(destinations));
        }

        for (int i = 0; i < destinations.Length; i++)
        {
            RequireOnce(destinations, i);
        }
    }

    private void Targets(ReadOnlySpan<T> operands, ReadOnlySpan<ResultLabel> labels, ReadOnlySpan<T> destinations, Span<T> targets)
    {
        for (int i = 0; i < destinations.Length; i++)
        {
            targets[i] = Into(destinations[i], IsAmong(operands, destinations[i]), labels[i], worksInPlace: false).Target;
        }
    }

    private void Commit(ReadOnlySpan<T> targets, ReadOnlySpan<ResultLabel> labels, ReadOnlySpan<T> destinations)
    {
        for (int i = 0; i < destinations.Length; i++)
        {
            new Outcome(this, targets[i], destinations[i], labels[i]).Commit();
        }
    }
}
