using Heann.Core.Noise;

namespace Heann.Core.Evaluation;

public abstract partial class CircuitEvaluator<T>
{
    /// <summary>destination ← ⌊x / q_ℓ⌉: level ℓ − 1, scale Δ/q_ℓ. No keys. Adds rounding noise of coefficient σ ≈ √((1 + ‖s‖²)/12).</summary>
    /// <exception cref="LevelExhaustedException">ℓ = 0.</exception>
    /// <remarks>Source: Cheon, Han, Kim, Kim, Song, "A Full RNS Variant of Approximate Homomorphic Encryption", eprint 2018/931, procedure RS, with rounding.</remarks>
    public void RescaleInto(T x, T destination)
    {
        Require(x);
        RequireLevels(x, 1, "Rescaling");
        ulong prime = Parameters.BasisQ[x.Level].Value;
        NoiseEstimate noise = Estimator.Rescale(x.Noise, prime, x.PartCount);
        Outcome outcome = Into(destination, ReferenceEquals(x, destination), new(x.Level - 1, x.PartCount, x.Scale / prime, noise));
        RescaleCore(x, outcome.Target);
        outcome.Commit();
    }

    /// <summary>⌊x / q_ℓ⌉; see <see cref="RescaleInto"/>.</summary>
    public T Rescale(T x)
    {
        using Fresh result = new(this, Math.Max(0, Require(x).Level - 1), x.PartCount);
        RescaleInto(x, result.Value);
        return result.Take();
    }

    /// <summary>destination ← x modulo fewer primes: level down, scale and message as they are. No keys, no noise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The level is above x's or below 0.</exception>
    public void DropLevelInto(T x, int level, T destination)
    {
        Require(x);
        if (level < 0 || level > x.Level)
        {
            throw new ArgumentOutOfRangeException(nameof(level), level, $"A ciphertext at level {x.Level} can be dropped to levels 0 to {x.Level}, not to {level}.");
        }

        Outcome outcome = Into(destination, ReferenceEquals(x, destination), new(level, x.PartCount, x.Scale, x.Noise));
        if (!ReferenceEquals(x, outcome.Target))
        {
            CopyCore(x, outcome.Target);
        }

        outcome.Commit();
    }

    /// <summary>x modulo fewer primes; see <see cref="DropLevelInto"/>.</summary>
    public T DropLevel(T x, int level)
    {
        using Fresh result = new(this, Math.Clamp(level, 0, Require(x).Level), x.PartCount);
        DropLevelInto(x, level, result.Value);
        return result.Take();
    }

    /// <summary>Computes ⌊x / q_ℓ⌉.</summary>
    protected abstract void RescaleCore(T x, T destination);

    /// <summary>Copies the residues that the destination's level has.</summary>
    protected abstract void CopyCore(T x, T destination);
}
