using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Serialization;

namespace Heann.Examples;

/// <summary>Two parties that share nothing but bytes: the owner of the key, and a server that computes the squares.</summary>
public static class Serialization
{
    /// <summary>Runs the chapter.</summary>
    public static void Run(TextWriter output)
    {
        using CkksContext ckks = CkksContext.Create(ParameterPresets.N13L3Dnum4);
        using SecretKey secret = ckks.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = ckks.KeyGenerator.CreateEvaluationKeys(secret, KeyRequest.ForRotations([1, 2], level: 3));
        using Ciphertext x = ckks.Encrypt(secret, [1.5, -2, 0.25]);

        // Every object has a codec that writes to a stream, a span, a buffer writer or a file. Half of a fresh ciphertext and of each key is
        // uniform and travels as the 32-byte seed that it was expanded from.
        byte[] parameters = ParametersCodec.Instance.ToBytes(ckks.Parameters);
        byte[] evaluationKeys = ckks.Codecs.EvaluationKeys.ToBytes(keys);
        byte[] request = ckks.Codecs.Ciphertext.ToBytes(x);
        output.WriteLine($"parameters: {parameters.Length} bytes");
        output.WriteLine($"evaluation keys: {evaluationKeys.Length} bytes, {keys.ByteCount} in memory");
        output.WriteLine($"request: {request.Length} bytes, {x.ByteCount} in memory");

        byte[] response = Serve(parameters, evaluationKeys, request, output);
        using Ciphertext answer = ckks.Codecs.Ciphertext.Read(response);
        output.WriteLine($"squares, one slot to the left: {Numbers.Format(ckks.Decrypt(secret, answer), 3)}");

        // A secret key in a file is readable by its owner alone, and not encrypted. The file appears complete or not at all.
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        ckks.Codecs.SecretKey.WriteFile(secret, path);
        using SecretKey again = ckks.Codecs.SecretKey.ReadFile(path);
        output.WriteLine($"with the key from the file: {Numbers.Format(ckks.Decrypt(again, answer), 3)}");
        File.Delete(path);

        // What comes from outside is checked before memory is spent on it: a flipped bit is found, wherever it is.
        request[request.Length / 2] ^= 1;
        try
        {
            ckks.Codecs.Ciphertext.Read(request).Dispose();
        }
        catch (InvalidDataException)
        {
            output.WriteLine("a flipped bit: InvalidDataException");
        }
    }

    // Knows bytes alone, and no secret.
    private static byte[] Serve(byte[] parameters, byte[] evaluationKeys, byte[] request, TextWriter output)
    {
        using CkksContext ckks = CkksContext.Create(ParametersCodec.Instance.Read(parameters));

        // Keys are readable one at a time; this circuit needs one rotation and the relinearisation key.
        using MemoryStream stream = new(evaluationKeys);
        EvaluationKeysReader reader = ckks.Codecs.EvaluationKeys.OpenReader(stream);
        using EvaluationKeys keys = reader.Load(KeyRequest.ForRotations([1], level: 3));
        output.WriteLine($"the server loads {keys.Count} of {reader.Entries.Count} keys");

        CkksEvaluator evaluator = ckks.CreateEvaluator(keys);
        using Ciphertext x = ckks.Codecs.Ciphertext.Read(request);
        using Ciphertext square = evaluator.Square(x);
        evaluator.RescaleInto(square, square);
        evaluator.RotateInto(square, 1, square);
        return ckks.Codecs.Ciphertext.ToBytes(square);
    }
}

/* Prints:
parameters: 184 bytes
evaluation keys: 2544384 bytes, 7864320 in memory
request: 161968 bytes, 524288 in memory
the server loads 2 of 3 keys
squares, one slot to the left: 4.0000 0.0625 0.0000
with the key from the file: 4.0000 0.0625 0.0000
a flipped bit: InvalidDataException
*/
