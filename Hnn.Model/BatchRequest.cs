using Heann.Core.Ciphertexts;

namespace Hnn.Model;

/// <summary>What a client sends for a batch of sentences. Public in it: the model, the bucket and what is asked for; nothing else, not
/// even how many sentences there are.</summary>
/// <param name="ModelId">SHA-256 of the model's files.</param>
/// <param name="Bucket">B.</param>
/// <param name="Release">What the client asks for.</param>
/// <param name="Features">A ciphertext for each feature of the embedded sentences.</param>
/// <param name="Mask">1 on real tokens, 0 on padding, encrypted: lengths and number of the sentences stay hidden.</param>
public sealed record BatchRequest(
    string ModelId, int Bucket, Release Release, IReadOnlyList<Ciphertext> Features, Ciphertext Mask) : IDisposable
{
    /// <summary>Bytes to be sent, uniform halves as seeds. Read it before the evaluation, which uses the ciphertexts up.</summary>
    public long ByteCount => Features.Sum(feature => feature.SeededByteCount) + Mask.SeededByteCount;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Ciphertext feature in Features)
        {
            feature.Dispose();
        }

        Mask.Dispose();
    }
}
