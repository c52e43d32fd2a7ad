using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;

namespace Heann.Examples;

/// <summary>Encrypt, compute, decrypt: who holds which key.</summary>
public static class Multiply
{
    /// <summary>Runs the chapter.</summary>
    public static void Run(TextWriter output)
    {
        using CkksContext ckks = CkksContext.Create(ParameterPresets.N13L3Dnum4);

        // The owner of the data makes a secret key, and from it evaluation keys, which are public: products need one.
        using SecretKey secret = ckks.KeyGenerator.CreateSecretKey();
        KeyRequest request = new();
        request.AddRelinearization(level: 3);
        using EvaluationKeys keys = ckks.KeyGenerator.CreateEvaluationKeys(secret, request);

        using Ciphertext x = ckks.Encrypt(secret, [0.5, -1.25, 3]);
        using Ciphertext y = ckks.Encrypt(secret, [2, 2, -1]);

        // Whoever computes holds the evaluation keys, never the secret.
        CkksEvaluator evaluator = ckks.CreateEvaluator(keys);
        using Ciphertext sum = evaluator.Add(x, y);
        using Ciphertext product = evaluator.Multiply(x, y);
        using Ciphertext rescaled = evaluator.Rescale(product);

        // The forms that end in Into write where they are told to; the destination may be an operand.
        evaluator.AddInto(sum, x, sum);

        // Decrypted values are for the owner of the key: shown to one who has the ciphertexts, they leak it (eprint 2020/1533).
        output.WriteLine($"2x + y: {Numbers.Format(ckks.Decrypt(secret, sum), 3)}");
        output.WriteLine($"x * y:  {Numbers.Format(ckks.Decrypt(secret, rescaled), 3)}");

        // Others encrypt with the public key.
        using PublicKey publicKey = ckks.KeyGenerator.CreatePublicKey(secret);
        using Ciphertext z = ckks.Encrypt(publicKey, [10, 20, 30]);
        evaluator.SubtractInto(z, x, z);
        output.WriteLine($"z - x:  {Numbers.Format(ckks.Decrypt(secret, z), 3)}");

        // Without the right key an error says which is missing.
        try
        {
            evaluator.Rotate(x, 1).Dispose();
        }
        catch (MissingKeyException exception)
        {
            output.WriteLine(exception.Message);
        }
    }
}

/* Prints:
2x + y: 3.0000 -0.5000 5.0000
x * y:  1.0000 -2.5000 -3.0000
z - x:  9.5000 21.2500 27.0000
There is no key for rotation by 1 among the evaluation keys (relinearisation, 0 Galois: none); create it with KeyGenerator and pass it to the evaluator.
*/
