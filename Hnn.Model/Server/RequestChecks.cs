using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Hnn.Model.Server;

/// <summary>What can be wrong with a request and its keys, told before the first step: the last ones come much later.</summary>
internal static class RequestChecks
{
    /// <summary>A ciphertext of these parameters and of the keys' client, as it was encrypted.</summary>
    /// <exception cref="ForeignOperandException">Other parameters or another key.</exception>
    /// <exception cref="ArgumentException">It is not fresh.</exception>
    public static void RequireFresh(CkksParameters parameters, EvaluationKeys keys, Ciphertext ciphertext)
    {
        if (ciphertext.Parameters.Id != parameters.Id || ciphertext.KeyId != keys.KeyId)
        {
            throw new ForeignOperandException(
                $"The request was encrypted for key {ciphertext.KeyId} of {ciphertext.Parameters.Id} and the evaluation keys are {keys.KeyId} of {parameters.Id}; send the keys of the client that made it.");
        }

        if (ciphertext.Level != parameters.MaxLevel || ciphertext.PartCount != 2 || !ciphertext.Scale.Matches(parameters.DefaultScale))
        {
            throw new ArgumentException(
                $"A request is encrypted at level {parameters.MaxLevel} and scale {parameters.DefaultScale}, in 2 parts; this one has level {ciphertext.Level}, scale {ciphertext.Scale} and {ciphertext.PartCount} parts.");
        }
    }

    /// <summary>Every key that a plan names, up to its level. Reads no key.</summary>
    /// <exception cref="MissingKeyException">One is missing, or reaches only lower levels.</exception>
    public static void RequireKeys(KeyRequest request, EvaluationKeys keys)
    {
        if (request.RelinearizationLevel is { } level)
        {
            RequireKey(keys.RelinearizationLevel, level, "relinearisation");
        }

        foreach ((GaloisElement element, int needed) in request.Galois)
        {
            RequireKey(keys.GaloisLevel(element), needed, element.ToString());
        }
    }

    private static void RequireKey(int? keyLevel, int level, string what)
    {
        if (keyLevel is null || keyLevel < level)
        {
            throw new MissingKeyException(
                $"The plan needs a key for {what} up to level {level} and there is {(keyLevel is null ? "none" : $"one up to level {keyLevel}")}; create the keys with the client's CreateEvaluationKeys for this bucket.");
        }
    }
}
