using Hnn.Model.Approximations;
using Hnn.Model.Compilation;

namespace Hnn.Model.Sessions;

/// <summary>A sentence classified under encryption, beside the same sentence in the clear.</summary>
/// <param name="Released">What the client decrypted.</param>
/// <param name="Clear">The same in the clear, exact and by the twin.</param>
/// <param name="EncryptTime">Embedding, encoding and encryption.</param>
/// <param name="EvaluateTime">The server's time; the first sentence of a session includes the preparation of the weights.</param>
/// <param name="DecryptTime">Decryption and decoding.</param>
/// <param name="RequestBytes">Bytes from client to server.</param>
/// <param name="ResponseBytes">Bytes from server to client.</param>
/// <remarks><b>Security</b>: values and errors are the key owner's; what is shown to others is the label alone (eprint 2020/1533).</remarks>
public sealed record LocalResult(
    ReleasedValue Released, ClearResult Clear, TimeSpan EncryptTime, TimeSpan EvaluateTime, TimeSpan DecryptTime, long RequestBytes, long ResponseBytes)
{
    /// <summary>Largest |decrypted − exact| of the released values, y or probabilities: approximation error and noise.</summary>
    public double AbsoluteError => Released.DistanceTo(Clear.Released);

    /// <summary>Largest |decrypted − clear twin's|: noise alone.</summary>
    public double TwinError => Released.DistanceTo(Clear.TwinReleased);

    /// <summary>Whether the released values are ones that a soft-argmax can have, and the clear arguments lie in the calibrated
    /// interval.</summary>
    public bool IsInRange => !Released.IsOutOfRange && Clear.IsInRange;

    /// <summary>The class; null when out of range: never a confident label.</summary>
    public int? Label => IsInRange ? Released.Label : null;

    /// <summary>The class in the clear, by the exact functions and the same rule: the argmax of probabilities, y rounded.</summary>
    public int ClearLabel => Clear.Released.Label!.Value; // exact functions give no value out of range

    /// <summary>How far the released values in the clear may be off without <see cref="ClearLabel"/> changing: a label that differs
    /// although <see cref="AbsoluteError"/> is less is no matter of precision.</summary>
    public double ClearMargin => Clear.Released.LabelMargin;
}
