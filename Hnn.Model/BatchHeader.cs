using Heann.Core.Ciphertexts;

namespace Hnn.Model;

/// <summary>What a client sends for a batch of sentences before its features, which may follow one by one.</summary>
/// <param name="ModelId">SHA-256 of the model's files.</param>
/// <param name="Bucket">B.</param>
/// <param name="Release">What the client asks for.</param>
/// <param name="Mask">1 on real tokens, 0 on padding, encrypted: lengths and number of the sentences stay hidden.</param>
public sealed record BatchHeader(string ModelId, int Bucket, Release Release, Ciphertext Mask) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Mask.Dispose();
}
