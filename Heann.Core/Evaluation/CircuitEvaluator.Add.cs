using System.Numerics;
using Heann.Core.Encoders;
using Heann.Core.Noise;

namespace Heann.Core.Evaluation;

public abstract partial class CircuitEvaluator<T>
{
    /// <summary>destination ← x + y. Same level and scale; the destination has the larger number of parts. No keys, no level.</summary>
    /// <exception cref="LevelMismatchException">The levels differ: use <see cref="DropLevel"/>.</exception>
    /// <exception cref="ScaleMismatchException">The scales differ by more than 2^(−40).</exception>
    public void AddInto(T x, T y, T destination)
    {
        NoiseEstimate noise = PrepareSum(x, y, "adding");
        Outcome outcome = IntoSum(x, y, destination, noise);
        AddCore(x, y, outcome.Target);
        outcome.Commit();
    }

    /// <summary>x + y; see <see cref="AddInto"/>.</summary>
    public T Add(T x, T y)
    {
        using Fresh result = new(this, Require(x).Level, Math.Max(x.PartCount, Require(y).PartCount));
        AddInto(x, y, result.Value);
        return result.Take();
    }

    /// <summary>destination ← x − y; laws of <see cref="AddInto"/>.</summary>
    public void SubtractInto(T x, T y, T destination)
    {
        NoiseEstimate noise = PrepareSum(x, y, "subtracting");
        Outcome outcome = IntoSum(x, y, destination, noise);
        SubtractCore(x, y, outcome.Target);
        outcome.Commit();
    }

    /// <summary>x − y; see <see cref="AddInto"/>.</summary>
    public T Subtract(T x, T y)
    {
        using Fresh result = new(this, Require(x).Level, Math.Max(x.PartCount, Require(y).PartCount));
        SubtractInto(x, y, result.Value);
        return result.Take();
    }

    /// <summary>destination ← −x.</summary>
    public void NegateInto(T x, T destination)
    {
        Require(x);
        Outcome outcome = Into(destination, ReferenceEquals(x, destination), new(x.Level, x.PartCount, x.Scale, x.Noise));
        NegateCore(x, outcome.Target);
        outcome.Commit();
    }

    /// <summary>−x.</summary>
    public T Negate(T x)
    {
        using Fresh result = new(this, Require(x).Level, x.PartCount);
        NegateInto(x, result.Value);
        return result.Take();
    }

    /// <summary>destination ← x + v, v encoded at x's level and scale. No keys, no level.</summary>
    public void AddPlainInto(T x, SlotVector values, T destination)
    {
        Require(x);
        ArgumentNullException.ThrowIfNull(values);
        NoiseEstimate noise = Estimator.Add(x.Noise, PlainNoise(values), isSame: false, x.Scale, 0);
        Outcome outcome = Into(destination, ReferenceEquals(x, destination), new(x.Level, x.PartCount, x.Scale, noise));
        AddPlainCore(x, values, outcome.Target);
        outcome.Commit();
    }

    /// <summary>x + v; see <see cref="AddPlainInto"/>.</summary>
    public T AddPlain(T x, SlotVector values)
    {
        using Fresh result = new(this, Require(x).Level, x.PartCount);
        AddPlainInto(x, values, result.Value);
        return result.Take();
    }

    /// <summary>x + c in every slot; see <see cref="AddPlainInto"/>.</summary>
    public T AddConstant(T x, Complex value) => AddPlain(x, SlotVector.Constant(value));

    /// <summary>Computes x + y for parts present in both; the other parts are copied.</summary>
    protected abstract void AddCore(T x, T y, T destination);

    /// <summary>Computes x − y.</summary>
    protected abstract void SubtractCore(T x, T y, T destination);

    /// <summary>Computes −x.</summary>
    protected abstract void NegateCore(T x, T destination);

    /// <summary>Computes x + v at x's level and scale.</summary>
    protected abstract void AddPlainCore(T x, SlotVector values, T destination);

    private NoiseEstimate PrepareSum(T x, T y, string operation)
    {
        RequireSameLevel(x, y, operation);
        double difference = x.Scale.RelativeDifference(y.Scale);
        if (difference > Scale.MatchTolerance)
        {
            Throw.ScaleMismatch(x.Scale, y.Scale, operation);
        }

        return Estimator.Add(x.Noise, y.Noise, ReferenceEquals(x, y), x.Scale, difference);
    }

    private Outcome IntoSum(T x, T y, T destination, NoiseEstimate noise) => Into(
        destination,
        ReferenceEquals(x, destination) || ReferenceEquals(y, destination),
        new(x.Level, Math.Max(x.PartCount, y.PartCount), x.Scale, noise));
}
