using Heann.Core.Ciphertexts;

namespace Hnn.Model;

/// <summary>What a server answers to a batch: what is released of every sentence, encrypted.</summary>
/// <param name="ModelId">SHA-256 of the model's files.</param>
/// <param name="Bucket">B of the request.</param>
/// <param name="Release">What was released.</param>
/// <param name="Released">y of each sentence in all its slots, or a ciphertext for each of the n probabilities.</param>
public sealed record BatchResponse(string ModelId, int Bucket, Release Release, IReadOnlyList<Ciphertext> Released) : IDisposable
{
    /// <summary>Bytes to be sent.</summary>
    public long ByteCount => Released.Sum(value => value.ByteCount);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Ciphertext value in Released)
        {
            value.Dispose();
        }
    }
}
