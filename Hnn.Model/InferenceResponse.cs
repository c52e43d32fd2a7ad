using Heann.Core.Ciphertexts;

namespace Hnn.Model;

/// <summary>What a server answers: y, encrypted, the same in every slot; or the probabilities, encrypted, see
/// <see cref="Packing.ReleasedSlots"/>.</summary>
/// <param name="ModelId">SHA-256 of the model's files.</param>
/// <param name="Bucket">B of the request.</param>
/// <param name="Release">What of it the values are: what the request asked for.</param>
/// <param name="Released">The values.</param>
public sealed record InferenceResponse(string ModelId, int Bucket, Release Release, Ciphertext Released) : IDisposable
{
    /// <summary>Bytes to be sent.</summary>
    public long ByteCount => Released.ByteCount;

    /// <inheritdoc/>
    public void Dispose() => Released.Dispose();
}
