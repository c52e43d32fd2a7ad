using Heann.Core.Parameters;
using Hnn.Model.Text;

namespace Hnn.Model.Sessions;

/// <summary>Client and server in one process, for one bucket, in either packing: keys once, then sentences, a batch at a time.</summary>
/// <remarks>Not thread-safe. Disposing wipes the secret key and frees the evaluation keys.</remarks>
public interface IEncryptedSession : IDisposable
{
    /// <summary>B.</summary>
    int Bucket { get; }

    /// <summary>The most sentences that are classified at once; 1 for one at a time.</summary>
    int BatchSize { get; }

    /// <summary>The parameters of both halves.</summary>
    CkksParameters Parameters { get; }

    /// <summary>What <see cref="CreateKeys"/> took; zero before.</summary>
    TimeSpan KeyGenerationTime { get; }

    /// <summary>Bytes of the evaluation keys as they are sent; zero before <see cref="CreateKeys"/>.</summary>
    long KeyBytes { get; }

    /// <summary>Makes the evaluation keys. Does nothing the second time.</summary>
    /// <param name="progress">Told the part done, 0 … 1.</param>
    /// <param name="cancellation">Stops between keys.</param>
    void CreateKeys(IProgress<double>? progress = null, CancellationToken cancellation = default);

    /// <summary>Encrypts sentences, has them classified, decrypts the answers; then evaluates them in the clear.</summary>
    /// <param name="sentences">1 to <see cref="BatchSize"/>, each of at most B tokens.</param>
    /// <param name="progress">Told <c>encrypt</c>, every step of the evaluation, and <c>decrypt</c>, each when it is done.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <returns>A result for each sentence, in order. Times and bytes are the sentence's share of the batch: they add up.</returns>
    /// <exception cref="ArgumentException">No sentence, more than a batch, or one that does not fit the bucket.</exception>
    IReadOnlyList<LocalResult> Classify(
        IReadOnlyList<TokenizedText> sentences, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default);

    /// <summary>Evaluates sentences once more with keys of their own, decrypts what every step leaves, and holds it against the clear
    /// twin at the same step.</summary>
    /// <param name="sentences">Any number, each of at most B tokens.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <returns>The steps in order, one batch after the other; none where the packing does not support it.</returns>
    /// <remarks>Keys for it are made and freed within the call: to save memory, call it on a session that has made none.
    /// <b>Security</b>: it has text, weights and secret key at once, as no server may.</remarks>
    IReadOnlyList<StageError> Trace(IReadOnlyList<TokenizedText> sentences, CancellationToken cancellation = default);
}
