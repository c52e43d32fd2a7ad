using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;

namespace Heann.Examples;

/// <summary>Functions become polynomials on an interval: the sigmoid of every slot.</summary>
public static class Polynomials
{
    /// <summary>Runs the chapter.</summary>
    public static void Run(TextWriter output)
    {
        // Interval, degree, coefficients and error stay together. Degree 15 takes four levels, the interval one more.
        ApproximationPolynomial sigmoid = ApproximationPolynomial.FitChebyshev(Sigmoid, -8, 8, degree: 15);
        int levels = PolynomialPlan.MinimalDepth(sigmoid.Degree) + 1;
        output.WriteLine($"degree {sigmoid.Degree} on [{sigmoid.LowerBound}, {sigmoid.UpperBound}]: {levels} levels");
        output.WriteLine($"error at most {sigmoid.MaxError:F5}");

        using CkksContext ckks = CkksContext.Create(ParameterPresets.N14L8Dnum9);
        using SecretKey secret = ckks.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = ckks.KeyGenerator.CreateEvaluationKeys(secret, KeyRequest.ForRotations([], level: 8));
        CkksEvaluator evaluator = ckks.CreateEvaluator(keys);

        double[] values = [-6, -1, 0, 1, 6];
        using Ciphertext x = ckks.Encrypt(secret, values, magnitude: 4);
        using Ciphertext y = PolynomialEvaluator.Evaluate(evaluator, x, sigmoid);
        double[] decrypted = ckks.Decrypt(secret, y)[..values.Length];
        output.WriteLine($"decrypted:  {Numbers.Format(decrypted, 5)}");
        output.WriteLine($"polynomial: {Numbers.Format(values.Select(sigmoid.Evaluate), 5)}");
        output.WriteLine($"sigmoid:    {Numbers.Format(values.Select(Sigmoid), 5)}");
        output.WriteLine($"level {x.Level} to {y.Level}, scale {y.Scale}");

        // Outside the interval a polynomial means nothing: ask before encrypting.
        output.WriteLine($"covers 7.9: {sigmoid.Covers(7.9)}; covers 9: {sigmoid.Covers(9)}");
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}

/* Prints:
degree 15 on [-8, 8]: 5 levels
error at most 0.00088
decrypted:  0.0029 0.2694 0.5000 0.7306 0.9971
polynomial: 0.0029 0.2694 0.5000 0.7306 0.9971
sigmoid:    0.0025 0.2689 0.5000 0.7311 0.9975
level 8 to 3, scale 2^40.00
covers 7.9: True; covers 9: False
*/
