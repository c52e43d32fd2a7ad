using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;

namespace Heann.Examples;

/// <summary>Every product multiplies scales, every rescaling costs a level, and a sum needs both to agree: x² + x.</summary>
public static class LevelsAndScales
{
    /// <summary>Runs the chapter.</summary>
    public static void Run(TextWriter output)
    {
        using CkksContext ckks = CkksContext.Create(ParameterPresets.N13L3Dnum4);
        using SecretKey secret = ckks.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = ckks.KeyGenerator.CreateEvaluationKeys(secret, KeyRequest.ForRotations([], level: 3));
        CkksEvaluator evaluator = ckks.CreateEvaluator(keys);

        using Ciphertext x = ckks.Encrypt(secret, [0.5, -1.25, 3]);
        Describe(output, "x", x);
        using Ciphertext square = evaluator.Square(x);
        Describe(output, "x^2", square);

        // Division by the prime of the level brings the scale back, nearly: primes are near 2^36, not equal to it.
        evaluator.RescaleInto(square, square);
        Describe(output, "x^2, rescaled", square);

        // x stands a level higher: a sum is refused.
        Refused<LevelMismatchException>(output, () => evaluator.Add(square, x));

        // Dropping a level is free and keeps the scale, which now differs from the square's in its last bits: refused as well.
        using Ciphertext dropped = evaluator.DropLevel(x, square.Level);
        Refused<ScaleMismatchException>(output, () => evaluator.Add(square, dropped));

        // A product with 1 at the scale q · s_wanted / s_present, rescaled, arrives at both exactly, for the level it would cost anyway.
        double prime = ckks.Parameters.BasisQ[x.Level].Value;
        using Ciphertext lifted = evaluator.MultiplyConstant(x, 1, new Scale(prime * square.Scale.Value / x.Scale.Value));
        evaluator.RescaleInto(lifted, lifted);
        Describe(output, "1 * x, rescaled", lifted);
        using Ciphertext sum = evaluator.Add(square, lifted);
        output.WriteLine($"x^2 + x: {Numbers.Format(ckks.Decrypt(secret, sum), 3)}");

        // At level 0 there is nothing left to divide by.
        using Ciphertext last = evaluator.DropLevel(sum, 0);
        Refused<LevelExhaustedException>(output, () => evaluator.Multiply(last, last));
    }

    private static void Describe(TextWriter output, string name, Ciphertext x) => output.WriteLine($"{name}: level {x.Level}, scale {x.Scale}");

    private static void Refused<TException>(TextWriter output, Func<Ciphertext> operation)
        where TException : Exception
    {
        try
        {
            operation().Dispose();
        }
        catch (TException exception)
        {
            output.WriteLine($"{typeof(TException).Name}: {exception.Message}");
        }
    }
}

/* Prints:
x: level 3, scale 2^36.00
x^2: level 3, scale 2^72.00
x^2, rescaled: level 2, scale 2^36.00
LevelMismatchException: Levels differ: 2 and 3; use DropLevel on the higher one before adding.
ScaleMismatchException: Scales differ: 2^36.00 and 2^36.00 (by 8.6E-006 of their value); rescale, or multiply a constant in at the quotient, before adding.
1 * x, rescaled: level 2, scale 2^36.00
x^2 + x: 0.7500 0.3125 12.0000
LevelExhaustedException: Multiplication needs 1 level(s) and 0 are left; choose parameters with 1 more level(s).
*/
