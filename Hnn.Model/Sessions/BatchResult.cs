namespace Hnn.Model.Sessions;

/// <summary>A batch of sentences classified under encryption, beside the same sentences in the clear.</summary>
/// <param name="Sentences">One result for each sentence, in their order. Times and bytes are the sentence's share of the batch.</param>
/// <param name="EncryptTime">Embedding, encoding and encryption of the batch; where its columns wait on disk, also writing them.</param>
/// <param name="EvaluateTime">The server's time.</param>
/// <param name="DecryptTime">Decryption and decoding.</param>
/// <param name="RequestBytes">Bytes from client to server.</param>
/// <param name="ResponseBytes">Bytes from server to client.</param>
/// <remarks><b>Security</b>: values and errors are the key owner's; what is shown to others is the label alone (eprint 2020/1533).</remarks>
public sealed record BatchResult(
    IReadOnlyList<LocalResult> Sentences, TimeSpan EncryptTime, TimeSpan EvaluateTime, TimeSpan DecryptTime, long RequestBytes, long ResponseBytes)
{
    /// <summary>The largest |decrypted y − y with the exact sigmoid|.</summary>
    public double MaxAbsoluteError => Sentences.Max(sentence => sentence.AbsoluteError);

    /// <summary>The largest |decrypted y − y with the polynomial|: noise alone.</summary>
    public double MaxTwinError => Sentences.Max(sentence => sentence.TwinError);
}
