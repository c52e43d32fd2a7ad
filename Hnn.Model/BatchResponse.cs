using Heann.Core.Ciphertexts;

namespace Hnn.Model;

/// <summary>What a server answers to a batch: the soft-argmax of every sentence, encrypted in one ciphertext.</summary>
/// <param name="ModelId">SHA-256 of the model's files.</param>
/// <param name="Bucket">B of the request.</param>
/// <param name="SoftArgmax">y of each sentence, in all its slots.</param>
public sealed record BatchResponse(string ModelId, int Bucket, Ciphertext SoftArgmax) : IDisposable
{
    /// <summary>Bytes to be sent.</summary>
    public long ByteCount => SoftArgmax.ByteCount;

    /// <inheritdoc/>
    public void Dispose() => SoftArgmax.Dispose();
}
