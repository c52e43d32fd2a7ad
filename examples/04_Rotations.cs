using System.Numerics;
using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;

namespace Heann.Examples;

/// <summary>Slots change places by rotations; each distance needs its key.</summary>
public static class Rotations
{
    /// <summary>Runs the chapter.</summary>
    public static void Run(TextWriter output)
    {
        using CkksContext ckks = CkksContext.Create(ParameterPresets.N13L3Dnum4);
        using SecretKey secret = ckks.KeyGenerator.CreateSecretKey();

        // The sum over four slots rotates by 1, 2 and 3; conjugation has a key of its own.
        int[] steps = [-1, .. InnerSum.Rotations(stride: 1, count: 4)];
        KeyRequest request = KeyRequest.ForRotations(steps, level: 3, withConjugation: true);
        using EvaluationKeys keys = ckks.KeyGenerator.CreateEvaluationKeys(secret, request);
        output.WriteLine($"{keys.Count} keys of {keys.ByteCount / keys.Count} bytes; {keys.SeededByteCount / keys.Count} each to be sent");
        CkksEvaluator evaluator = ckks.CreateEvaluator(keys);

        using Ciphertext x = ckks.Encrypt(secret, [1, 2, 3, 4]);
        using Ciphertext left = evaluator.Rotate(x, 1);
        using Ciphertext right = evaluator.Rotate(x, -1);
        output.WriteLine($"left by 1:  {Numbers.Format(ckks.Decrypt(secret, left), 5, 2)}");
        output.WriteLine($"right by 1: {Numbers.Format(ckks.Decrypt(secret, right), 5, 2)}");

        // What leaves on the left arrives at the last of the 4096 slots.
        output.WriteLine($"last slot after left by 1: {Numbers.Format(ckks.Decrypt(secret, left)[^1..], 1, 2)}");

        // Several rotations of one ciphertext share the costly part.
        Ciphertext[] many = evaluator.RotateMany(x, [1, 2, 3]);
        foreach (Ciphertext rotated in many)
        {
            output.WriteLine($"one of many: {Numbers.Format(ckks.Decrypt(secret, rotated), 4, 2)}");
            rotated.Dispose();
        }

        // Slot 0 becomes the sum of the first four slots, slot 1 that of the next four from there, and so on.
        using Ciphertext sum = InnerSum.Evaluate(evaluator, x, stride: 1, count: 4);
        output.WriteLine($"sums of four: {Numbers.Format(ckks.Decrypt(secret, sum), 4, 2)}");

        using Plaintext complex = ckks.Encoder.Encode([new Complex(1, 2), new Complex(3, -4)]);
        using Ciphertext z = ckks.Encryptor.Encrypt(secret, complex);
        using Ciphertext conjugate = evaluator.Conjugate(z);
        output.WriteLine($"conjugates: {Numbers.Format(ckks.Decryptor.Decrypt(secret, conjugate), 2, 2)}");
    }
}

/* Prints:
6 keys of 2621440 bytes; 1310752 each to be sent
left by 1:  2.00 3.00 4.00 0.00 0.00
right by 1: 0.00 1.00 2.00 3.00 4.00
last slot after left by 1: 1.00
one of many: 2.00 3.00 4.00 0.00
one of many: 3.00 4.00 0.00 0.00
one of many: 4.00 0.00 0.00 0.00
sums of four: 10.00 9.00 7.00 4.00
conjugates: 1.00-2.00i 3.00+4.00i
*/
