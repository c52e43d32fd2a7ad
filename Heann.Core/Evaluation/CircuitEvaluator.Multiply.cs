using System.Numerics;
using Heann.Core.Encoders;
using Heann.Core.Noise;

namespace Heann.Core.Evaluation;

public abstract partial class CircuitEvaluator<T>
{
    /// <summary>destination ← x · v, value by value, v encoded at x's level and the given scale. Scale Δ_x·Δ_v; no keys; rescale afterwards.</summary>
    /// <param name="x">Two or three parts.</param>
    /// <param name="values">The factor of each slot.</param>
    /// <param name="scale">Δ_v; null for the scale of the prime that the next rescale divides by, so that Δ_x comes back exactly.</param>
    /// <param name="destination">Takes the product.</param>
    /// <exception cref="LevelExhaustedException">x is at level 0: the product could not be rescaled.</exception>
    public void MultiplyPlainInto(T x, SlotVector values, Scale? scale, T destination)
    {
        Require(x);
        ArgumentNullException.ThrowIfNull(values);
        RequireLevels(x, 1, "Multiplication by a plaintext");
        Scale plainScale = scale ?? new Scale(Parameters.BasisQ[x.Level].Value);
        NoiseEstimate noise = Estimator.Multiply(x.Noise, x.Scale, PlainNoise(values), plainScale);
        Outcome outcome = Into(destination, ReferenceEquals(x, destination), new(x.Level, x.PartCount, x.Scale * plainScale, noise));
        MultiplyPlainCore(x, values, plainScale, outcome.Target);
        outcome.Commit();
    }

    /// <summary>x · v; see <see cref="MultiplyPlainInto"/>.</summary>
    public T MultiplyPlain(T x, SlotVector values, Scale? scale = null)
    {
        using Fresh result = new(this, Require(x).Level, x.PartCount);
        MultiplyPlainInto(x, values, scale, result.Value);
        return result.Take();
    }

    /// <summary>c · x; see <see cref="MultiplyPlainInto"/>.</summary>
    public T MultiplyConstant(T x, Complex value, Scale? scale = null) => MultiplyPlain(x, SlotVector.Constant(value), scale);

    /// <summary>destination ← w · x for an integer w. Exact: no level, no scale, no keys.</summary>
    public void MultiplyIntegerInto(T x, long weight, T destination)
    {
        Require(x);
        NoiseEstimate noise = Estimator.MultiplyInteger(x.Noise, weight);
        Outcome outcome = Into(destination, ReferenceEquals(x, destination), new(x.Level, x.PartCount, x.Scale, noise));
        MultiplyIntegerCore(x, weight, outcome.Target);
        outcome.Commit();
    }

    /// <summary>w · x for an integer w; see <see cref="MultiplyIntegerInto"/>.</summary>
    public T MultiplyInteger(T x, long weight)
    {
        using Fresh result = new(this, Require(x).Level, x.PartCount);
        MultiplyIntegerInto(x, weight, result.Value);
        return result.Take();
    }

    /// <summary>destination ← x · y in the expanded form, three parts, not yet relinearised: sums of products share one
    /// <see cref="Relinearize"/>. Scale Δ_x·Δ_y.</summary>
    /// <exception cref="LevelMismatchException">The levels differ.</exception>
    /// <exception cref="LevelExhaustedException">The operands are at level 0.</exception>
    public void TensorProductInto(T x, T y, T destination)
    {
        NoiseEstimate noise = PrepareProduct(x, y);
        bool isOperand = ReferenceEquals(x, destination) || ReferenceEquals(y, destination);
        Outcome outcome = Into(destination, isOperand, new(x.Level, 3, x.Scale * y.Scale, noise), worksInPlace: false);
        TensorProductCore(x, y, outcome.Target);
        outcome.Commit();
    }

    /// <summary>x · y as three parts; see <see cref="TensorProductInto"/>.</summary>
    public T TensorProduct(T x, T y)
    {
        using Fresh result = new(this, Require(x).Level, 3);
        TensorProductInto(x, y, result.Value);
        return result.Take();
    }

    /// <summary>destination ← x with two parts: c_2·s² is switched to s. Level and scale stay. Needs the relinearisation key.</summary>
    /// <exception cref="MissingKeyException">There is no such key, or it reaches only lower levels.</exception>
    public void RelinearizeInto(T x, T destination)
    {
        Require(x);
        if (x.PartCount == 2)
        {
            DropLevelInto(x, x.Level, destination);
            return;
        }

        NoiseEstimate noise = Estimator.KeySwitch(x.Noise, RelinearizationLayout(x.Level), x.Level);
        Outcome outcome = Into(destination, ReferenceEquals(x, destination), new(x.Level, 2, x.Scale, noise));
        RelinearizeCore(x, outcome.Target);
        outcome.Commit();
    }

    /// <summary>x with two parts; see <see cref="RelinearizeInto"/>.</summary>
    public T Relinearize(T x)
    {
        using Fresh result = new(this, Require(x).Level);
        RelinearizeInto(x, result.Value);
        return result.Take();
    }

    /// <summary>destination ← x · y, relinearised. Scale Δ_x·Δ_y: rescale afterwards.</summary>
    public void MultiplyInto(T x, T y, T destination)
    {
        if (!MultipliesAtOnce)
        {
            using T product = TensorProduct(x, y);
            RelinearizeInto(product, destination);
            return;
        }

        NoiseEstimate noise = Estimator.KeySwitch(PrepareProduct(x, y), RelinearizationLayout(x.Level), x.Level);
        bool isOperand = ReferenceEquals(x, destination) || ReferenceEquals(y, destination);
        Outcome outcome = Into(destination, isOperand, new(x.Level, 2, x.Scale * y.Scale, noise));
        MultiplyCore(x, y, outcome.Target);
        CountOperations(1); // the product; the key switch is counted with the result
        outcome.Commit();
    }

    /// <summary>x · y, relinearised; see <see cref="MultiplyInto"/>.</summary>
    public T Multiply(T x, T y)
    {
        using Fresh result = new(this, Require(x).Level);
        MultiplyInto(x, y, result.Value);
        return result.Take();
    }

    /// <summary>x · x, relinearised; see <see cref="MultiplyInto"/>.</summary>
    public T Square(T x) => Multiply(x, x);

    /// <summary>Whether <see cref="MultiplyCore"/> computes a product and its relinearisation without a value between them.</summary>
    private protected virtual bool MultipliesAtOnce => false;

    /// <summary>Computes x · y relinearised; called where <see cref="MultipliesAtOnce"/>. The destination may be an operand.</summary>
    private protected virtual void MultiplyCore(T x, T y, T destination) => throw new NotSupportedException();

    /// <summary>Computes x · v with v encoded at x's level and the scale.</summary>
    protected abstract void MultiplyPlainCore(T x, SlotVector values, Scale scale, T destination);

    /// <summary>Computes w · x.</summary>
    protected abstract void MultiplyIntegerCore(T x, long weight, T destination);

    /// <summary>Computes the three parts of x · y.</summary>
    protected abstract void TensorProductCore(T x, T y, T destination);

    /// <summary>Switches the third part to s.</summary>
    protected abstract void RelinearizeCore(T x, T destination);

    /// <summary>The layout of the relinearisation key that serves a level.</summary>
    /// <exception cref="MissingKeyException">There is none.</exception>
    protected abstract Parameters.KeySwitchLayout RelinearizationLayout(int level);

    private NoiseEstimate PrepareProduct(T x, T y)
    {
        RequireSameLevel(x, y, "multiplying");
        RequireTwoParts(x, "Multiplication");
        RequireTwoParts(y, "Multiplication");
        RequireLevels(x, 1, "Multiplication");
        return Estimator.Multiply(x.Noise, x.Scale, y.Noise, y.Scale, ReferenceEquals(x, y));
    }

    private static void RequireLevels(T x, int count, string operation)
    {
        if (x.Level < count)
        {
            Throw.LevelExhausted(operation, x.Level, count);
        }
    }
}
