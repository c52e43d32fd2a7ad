using Hnn.Model.Approximations;
using Hnn.Model.Compilation;

namespace Hnn.Model.Sessions;

/// <summary>A sentence classified under encryption, beside the same sentence in the clear.</summary>
/// <param name="Released">y as the client decrypted it.</param>
/// <param name="Clear">y in the clear, exact and by the twin.</param>
/// <param name="EncryptTime">Embedding, encoding and encryption.</param>
/// <param name="EvaluateTime">The server's time; the first sentence of a session includes the preparation of the weights.</param>
/// <param name="DecryptTime">Decryption and decoding.</param>
/// <param name="RequestBytes">Bytes from client to server.</param>
/// <param name="ResponseBytes">Bytes from server to client.</param>
/// <remarks><b>Security</b>: values and errors are the key owner's; what is shown to others is the label alone (eprint 2020/1533).</remarks>
public sealed record LocalResult(
    ReleasedValue Released, ClearResult Clear, TimeSpan EncryptTime, TimeSpan EvaluateTime, TimeSpan DecryptTime, long RequestBytes, long ResponseBytes)
{
    /// <summary>|decrypted y − y with the exact sigmoid|: approximation error and noise.</summary>
    public double AbsoluteError => Math.Abs(Released.Value - Clear.SoftArgmax);

    /// <summary>|decrypted y − the clear twin's y|: noise alone.</summary>
    public double TwinError => Math.Abs(Released.Value - Clear.TwinSoftArgmax);

    /// <summary>Whether y is a value that a soft-argmax can have, and the clear argument lies in the calibrated interval.</summary>
    public bool IsInRange => !Released.IsOutOfRange && Clear.IsInRange;

    /// <summary>The class; null when out of range: never a confident label.</summary>
    public int? Label => IsInRange ? Released.Label : null;

    /// <summary>The class in the clear, by the exact sigmoid.</summary>
    public int ClearLabel => Clear.SoftArgmax > 0.5 ? 1 : 0;
}
