using Heann.Core.Parameters;

namespace Hnn.Tool.Output;

/// <summary>A parameter set in a JSON object.</summary>
/// <param name="Id">The beginning of its hash.</param>
/// <param name="SecurityBits">Classical security.</param>
/// <param name="LogN">log2 of the ring degree.</param>
/// <param name="LogQ">Bits of the ciphertext modulus.</param>
/// <param name="LogQP">Bits of the largest modulus.</param>
/// <param name="Levels">Levels of a fresh ciphertext.</param>
/// <param name="DigitCount">dnum.</param>
internal sealed record ParametersOutput(string Id, int SecurityBits, int LogN, double LogQ, double LogQP, int Levels, int DigitCount)
{
    /// <summary>Describes a set.</summary>
    public static ParametersOutput Create(CkksParameters p) =>
        new(p.Id.ToString(), p.SecurityBits, p.LogN, Math.Round(p.BasisQ.Log2, 2), Math.Round(p.BasisQP.Log2, 2), p.MaxLevel, p.DigitCount);
}
