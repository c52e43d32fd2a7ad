using Heann.Core.Ciphertexts;

namespace Hnn.Model;

/// <summary>What a server answers: the soft-argmax, encrypted, the same in every slot.</summary>
/// <param name="ModelId">SHA-256 of the model's files.</param>
/// <param name="Bucket">B of the request.</param>
/// <param name="SoftArgmax">y.</param>
public sealed record InferenceResponse(string ModelId, int Bucket, Ciphertext SoftArgmax) : IDisposable
{
    /// <summary>Bytes to be sent.</summary>
    public long ByteCount => SoftArgmax.ByteCount;

    /// <inheritdoc/>
    public void Dispose() => SoftArgmax.Dispose();
}
