using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;

namespace Heann.Examples;

/// <summary>A matrix times the encrypted vector, by its diagonals.</summary>
public static class LinearTransforms
{
    /// <summary>Runs the chapter.</summary>
    public static void Run(TextWriter output)
    {
        double[,] matrix = { { 1, 2, 0, 0 }, { 0, 1, 0, 3 }, { -1, 0, 1, 0 }, { 0.5, 0, 0, 2 } };

        // y_j = sum over k of d_k[j] · x_(j+k): the diagonals from 3 below to 3 above the main one. They repeat with period 4, so that
        // every four slots are multiplied by the matrix; entries outside it are zero and keep the groups apart.
        DiagonalMatrix diagonals = new(4, -3, 3, (row, shift) => row + shift is >= 0 and < 4 ? matrix[row, row + shift] : 0);

        // Two baby steps; the rest are giant steps. The transform knows which rotations it needs.
        LinearTransform transform = new(diagonals, babyStepCount: 2);
        output.WriteLine($"diagonals {string.Join(" ", diagonals.Shifts)}; rotations {string.Join(" ", transform.Rotations)}");

        using CkksContext ckks = CkksContext.Create(ParameterPresets.N13L3Dnum4);
        using SecretKey secret = ckks.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = ckks.KeyGenerator.CreateEvaluationKeys(secret, KeyRequest.ForRotations(transform.Rotations, level: 3));
        CkksEvaluator evaluator = ckks.CreateEvaluator(keys);

        using Ciphertext x = ckks.Encrypt(secret, [1, 2, 3, 4, 0, 0, 0, 1]);
        using Ciphertext y = evaluator.Transform(x, transform);
        evaluator.RescaleInto(y, y);
        output.WriteLine($"A (1 2 3 4), A (0 0 0 1): {Numbers.Format(ckks.Decrypt(secret, y), 8, 3)}");
        output.WriteLine($"level {y.Level}, scale {y.Scale}");

        // The same circuit in the clear, on the same code: what it computes without noise.
        ClearEvaluator clear = new(ckks.Parameters);
        using ClearValue exact = clear.Transform(clear.Create(SlotVector.Periodic([1.0, 2, 3, 4])), transform);
        output.WriteLine($"in the clear: {Numbers.Format(exact.ToReal(), 4, 3)}");
    }
}

/* Prints:
diagonals -3 -2 0 1 2; rotations 1 2 -2
A (1 2 3 4), A (0 0 0 1): 5.000 14.000 2.000 8.500 0.000 3.000 0.000 2.000
level 2, scale 2^36.00
in the clear: 5.000 14.000 2.000 8.500
*/
