using Heann.Core.Ciphertexts;

namespace Hnn.Model;

/// <summary>What a client sends for one sentence. Public in it: the model, the bucket, and what is asked for; nothing else of the text.</summary>
/// <param name="ModelId">SHA-256 of the model's files.</param>
/// <param name="Bucket">B.</param>
/// <param name="Release">What the client asks for.</param>
/// <param name="Tokens">The embedded sentence, encrypted.</param>
/// <param name="Mask">1 on real tokens, 0 on padding, encrypted: the exact length stays hidden.</param>
public sealed record InferenceRequest(string ModelId, int Bucket, Release Release, Ciphertext Tokens, Ciphertext Mask) : IDisposable
{
    /// <summary>Bytes to be sent, uniform halves as seeds.</summary>
    public long ByteCount => Tokens.SeededByteCount + Mask.SeededByteCount;

    /// <inheritdoc/>
    public void Dispose()
    {
        Tokens.Dispose();
        Mask.Dispose();
    }
}
