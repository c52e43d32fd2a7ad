using Heann.Core.Ciphertexts;
using Heann.Core.Noise;

namespace Heann.Core.Evaluation;

/// <content>Operations with plaintexts that were encoded before: to encode once and use often.</content>
public sealed partial class CkksEvaluator
{
    /// <summary>destination ← x + p. The plaintext has x's level and scale.</summary>
    /// <exception cref="LevelMismatchException">The levels differ.</exception>
    /// <exception cref="ScaleMismatchException">The scales differ by more than 2^(−40).</exception>
    public void AddPlainInto(Ciphertext x, Plaintext plaintext, Ciphertext destination)
    {
        RequirePlain(x, plaintext, "adding");
        double difference = x.Scale.RelativeDifference(plaintext.Scale);
        if (difference > Scale.MatchTolerance)
        {
            Throw.ScaleMismatch(x.Scale, plaintext.Scale, "adding");
        }

        NoiseEstimate noise = Estimator.Add(x.Noise, plaintext.Noise, isSame: false, x.Scale, difference);
        Outcome outcome = Into(destination, ReferenceEquals(x, destination), new(x.Level, x.PartCount, x.Scale, noise));
        AddEncoded(x, plaintext, outcome.Target);
        outcome.Commit();
    }

    /// <summary>x + p; see <see cref="AddPlainInto(Ciphertext, Plaintext, Ciphertext)"/>.</summary>
    public Ciphertext AddPlain(Ciphertext x, Plaintext plaintext)
    {
        Ciphertext result = Allocate(Require(x).Level, x.PartCount);
        AddPlainInto(x, plaintext, result);
        return result;
    }

    /// <summary>destination ← x · p. Same level; scale Δ_x·Δ_p: rescale afterwards.</summary>
    /// <exception cref="LevelMismatchException">The levels differ.</exception>
    /// <exception cref="LevelExhaustedException">x is at level 0.</exception>
    public void MultiplyPlainInto(Ciphertext x, Plaintext plaintext, Ciphertext destination)
    {
        RequirePlain(x, plaintext, "multiplying");
        if (x.Level == 0)
        {
            Throw.LevelExhausted("Multiplication by a plaintext", 0, 1);
        }

        NoiseEstimate noise = Estimator.Multiply(x.Noise, x.Scale, plaintext.Noise, plaintext.Scale);
        Outcome outcome = Into(
            destination, ReferenceEquals(x, destination), new(x.Level, x.PartCount, x.Scale * plaintext.Scale, noise));
        MultiplyEncoded(x, plaintext, outcome.Target);
        outcome.Commit();
    }

    /// <summary>x · p; see <see cref="MultiplyPlainInto(Ciphertext, Plaintext, Ciphertext)"/>.</summary>
    public Ciphertext MultiplyPlain(Ciphertext x, Plaintext plaintext)
    {
        Ciphertext result = Allocate(Require(x).Level, x.PartCount);
        MultiplyPlainInto(x, plaintext, result);
        return result;
    }

    private void RequirePlain(Ciphertext x, Plaintext plaintext, string operation)
    {
        Require(x);
        ArgumentNullException.ThrowIfNull(plaintext);
        if (plaintext.Parameters.Id != Parameters.Id)
        {
            Throw.ForeignParameters(plaintext.Parameters.Id, Parameters.Id);
        }

        if (plaintext.Level != x.Level)
        {
            Throw.LevelMismatch(x.Level, plaintext.Level, operation);
        }
    }
}
