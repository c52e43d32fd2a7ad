using Heann.Core.Encoders;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Hnn.Model.Approximations;
using Hnn.Model.Files;
using Hnn.Model.Packing;

namespace Hnn.Model.Client;

/// <summary>What a client keeps: its secret key, and the model that the key is for. Serves every bucket.</summary>
/// <remarks><b>Security:</b> whoever has it decrypts the client's requests and answers. Owns the key, which is wiped on
/// <see cref="Dispose"/>.</remarks>
public sealed class ClientKeys : IDisposable
{
    /// <summary>Puts a client's keys together.</summary>
    /// <param name="model">The model.</param>
    /// <param name="secret">The key; owned from now on.</param>
    /// <param name="release">What the client asks for.</param>
    public ClientKeys(ModelIdentity model, SecretKey secret, Release release = Release.SoftArgmax)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(secret);
        (Model, Secret, Release) = (model, secret, release);
    }

    /// <summary>The model.</summary>
    public ModelIdentity Model { get; }

    /// <summary>What the client asks for: the parameters are made for it.</summary>
    public Release Release { get; }

    /// <summary>The parameters.</summary>
    public CkksParameters Parameters => Secret.Parameters;

    /// <summary>The key.</summary>
    public SecretKey Secret { get; }

    /// <summary>Decrypts an answer. Needs neither the model nor its folder.</summary>
    /// <remarks><b>Security:</b> the value is for the key's owner; show others the label.</remarks>
    /// <exception cref="InvalidDataException">The answer is of another model or to another client.</exception>
    public ReleasedValue Decrypt(InferenceResponse response, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(response);
        Model.RequireSame(response.ModelId, "The answer is");
        if (response.Released.KeyId != Secret.Id)
        {
            throw new InvalidDataException(
                $"The answer is to client {response.Released.KeyId} and these are the keys of client {Secret.Id}; use the keys that the request was encrypted with.");
        }

        RequireSame(response.Release);
        var slots = new Decryptor(Parameters, backend, new SlotEncoder(Parameters, backend)).Decrypt(Secret, response.Released);
        return ReleasedSlots.Read(slot => slots[slot].Real, Model.Labels.Count, Release);
    }

    /// <summary>Requires an answer to be what was asked for.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    internal void RequireSame(Release release)
    {
        if (release != Release)
        {
            throw new InvalidDataException(
                $"The answer has released {ReleaseName.Of(release)} and these keys ask for {ReleaseName.Of(Release)}; use the keys that the request was encrypted with.");
        }
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose() => Secret.Dispose();
}
