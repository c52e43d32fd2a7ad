using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Planning;

namespace Heann.Examples;

/// <summary>A circuit is written once and planned before it is run: the variance of eight values.</summary>
public static class Planning
{
    /// <summary>Runs the chapter.</summary>
    public static void Run(TextWriter output)
    {
        // A dry run, without a ciphertext: the fewest levels, the smallest secure parameters of so many, the keys, sizes and precision.
        CircuitPlan plan = CircuitPlanner.Plan(Variance, new PlanOptions { SlotCount = 8, InputMagnitudes = [2] });
        output.WriteLine($"{plan.LevelCount} levels, N = 2^{plan.Parameters.LogN}, {plan.Parameters.SecurityBits}-bit security");
        output.WriteLine($"{plan.KeyCount} keys of {plan.SeededKeyBytes} bytes to be sent, {plan.KeySwitchCount} key switches");
        output.WriteLine($"{plan.PrecisionBits:F0} bits after the point");
        foreach (PlanStage stage in plan.Stages)
        {
            output.WriteLine($"stage {stage.Name}: level {stage.Result.Level}, scale {stage.Result.Scale}");
        }

        // Under parameters that are given, the plan says what is missing, and where.
        CkksParameters small = CkksParameters.Create(13, [48, 40], [49], 2, Scale.FromLog2(40));
        try
        {
            CircuitPlanner.Record(Variance, small);
        }
        catch (CircuitPlanException exception)
        {
            output.WriteLine($"operation {exception.Position} needs {exception.MissingLevelCount} more level");
        }

        // The plan's parameters and keys are what the run needs, no more and no fewer.
        using CkksContext ckks = CkksContext.Create(plan.Parameters);
        using SecretKey secret = ckks.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = ckks.KeyGenerator.CreateEvaluationKeys(secret, plan.Keys);
        double[] values = [1, 2, 3, 4, 1, 2, 3, 4];
        using Ciphertext x = ckks.Encrypt(secret, values, magnitude: 2);
        using Ciphertext variance = Variance(ckks.CreateEvaluator(keys), x);
        double decrypted = ckks.Decrypt(secret, variance)[0];
        output.WriteLine($"variance: {Numbers.Format([decrypted], 1)}");

        // Of a ciphertext, too, one can ask how it is, without its key. The error here lies within six standard deviations.
        Diagnosis diagnosis = Diagnosis.Of(variance, plan.Parameters);
        output.WriteLine($"level {diagnosis.Level} of {diagnosis.MaxLevel}, {diagnosis.PrecisionBits:F0} bits predicted");
        output.WriteLine($"error as predicted: {Math.Abs(decrypted - 1.25) < 6 * diagnosis.SlotError}");
    }

    // The mean of the squares less the square of the mean, of slots 0 … 7, in slot 0; for any kind of value: ciphertexts, or records of a
    // dry run.
    private static T Variance<T>(CircuitEvaluator<T> evaluator, T x)
        where T : class, ICircuitValue
    {
        using T sum = InnerSum.Evaluate(evaluator, x, stride: 1, count: 8);
        using T mean = evaluator.MultiplyConstant(sum, 1.0 / 8);
        evaluator.RescaleInto(mean, mean);
        evaluator.Report("mean", mean);
        using T squareOfMean = evaluator.Square(mean);
        evaluator.RescaleInto(squareOfMean, squareOfMean);

        using T square = evaluator.Square(x);
        evaluator.RescaleInto(square, square);
        using T sumOfSquares = InnerSum.Evaluate(evaluator, square, stride: 1, count: 8);

        // The constant's scale makes both terms meet at one scale: see chapter 03.
        double prime = evaluator.Parameters.BasisQ[square.Level].Value;
        Scale scale = new(prime * squareOfMean.Scale.Value / square.Scale.Value);
        using T meanOfSquares = evaluator.MultiplyConstant(sumOfSquares, 1.0 / 8, scale);
        evaluator.RescaleInto(meanOfSquares, meanOfSquares);
        evaluator.Report("mean of squares", meanOfSquares);
        return evaluator.Subtract(meanOfSquares, squareOfMean);
    }
}

/* Prints:
2 levels, N = 2^13, 128-bit security
5 keys of 3932320 bytes to be sent, 10 key switches
28 bits after the point
stage mean: level 1, scale 2^40.00
stage mean of squares: level 0, scale 2^40.00
operation 6 needs 1 more level
variance: 1.2500
level 0 of 2, 28 bits predicted
error as predicted: True
*/
