using System.Globalization;
using System.Text;
using Heann.Core.Noise;
using Heann.Core.Parameters;

namespace Heann.Core.Ciphertexts;

/// <summary>What is known of a value without its key: level, exact scale, predicted error, remaining budget. Reads well when
/// printed.</summary>
/// <remarks>All of it is public. Predictions, not measurements: to compare with decrypted values use <see cref="Compare"/>. Immutable,
/// thread-safe.</remarks>
public sealed record Diagnosis
{
    private Diagnosis()
    {
    }

    /// <summary>ℓ: rescalings left.</summary>
    public required int Level { get; init; }

    /// <summary>L: rescalings that a fresh ciphertext has.</summary>
    public required int MaxLevel { get; init; }

    /// <summary>N.</summary>
    public required int RingDegree { get; init; }

    /// <summary>2, or 3 for the expanded form, a product that was not relinearised.</summary>
    public required int PartCount { get; init; }

    /// <summary>Δ, exact.</summary>
    public required Scale Scale { get; init; }

    /// <summary>log2 Q_ℓ.</summary>
    public required double ModulusBits { get; init; }

    /// <summary>log2 q_ℓ, by which the next rescaling divides.</summary>
    public required double PrimeBits { get; init; }

    /// <summary>Predicted error of a coefficient, and declared magnitude of a slot.</summary>
    public required NoiseEstimate Noise { get; init; }

    /// <summary>Predicted standard deviation of the error of one real slot value.</summary>
    public double SlotError => Noise.SlotError(RingDegree, Scale);

    /// <summary>−log2 <see cref="SlotError"/>: bits after the binary point that the prediction trusts.</summary>
    public double PrecisionBits => -Math.Log2(SlotError);

    /// <summary>Bits between message with error and modulus; below zero the value has wrapped.</summary>
    public double BudgetBits => Noise.BudgetBits(RingDegree, Scale, ModulusBits);

    /// <summary>Bytes of a ciphertext of this level and number of parts.</summary>
    public long ByteCount => 8L * RingDegree * (Level + 1) * PartCount;

    /// <summary>What deserves attention, each with its remedy; usually empty.</summary>
    public IReadOnlyList<string> Findings
    {
        get
        {
            List<string> findings = [];
            if (BudgetBits < 0)
            {
                findings.Add(Invariant($"It has wrapped: message and error exceed the modulus by {-BudgetBits:F1} bits. Use a larger q_0, a smaller scale, or smaller values."));
            }

            if (!(SlotError < Noise.Magnitude))
            {
                findings.Add(Invariant($"Nothing is left of the message: the error {SlotError:E1} is not below the magnitude {Noise.Magnitude:G3}. Use a larger scale or fewer products."));
            }

            if (PartCount > 2)
            {
                findings.Add("It has three parts: relinearise before rotating or multiplying it.");
            }

            if (Level > 0 && Scale.Log2 > PrimeBits + 20)
            {
                findings.Add(Invariant($"Its scale is that of a product: rescale by q_{Level} of {PrimeBits:F0} bits before the next one."));
            }

            if (Level == 0)
            {
                findings.Add("No level is left: it can be added and rotated, not multiplied by a value or rescaled.");
            }

            return findings;
        }
    }

    /// <summary>Diagnoses any kind of circuit value.</summary>
    /// <exception cref="ObjectDisposedException">The value has no parts any more.</exception>
    public static Diagnosis Of(ICircuitValue value, CkksParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(parameters);
        ObjectDisposedException.ThrowIf(value.PartCount == 0, value);
        return new()
        {
            Level = value.Level,
            MaxLevel = parameters.MaxLevel,
            RingDegree = parameters.RingDegree,
            PartCount = value.PartCount,
            Scale = value.Scale,
            ModulusBits = parameters.BasisAt(value.Level).Log2,
            PrimeBits = parameters.BasisQ[value.Level].Log2,
            Noise = value.Noise,
        };
    }

    /// <summary>Holds decrypted values against what they should be and both against the prediction.</summary>
    /// <param name="expected">What the slots should hold.</param>
    /// <param name="actual">What was decrypted, as many.</param>
    /// <exception cref="ArgumentException">The counts differ or are 0.</exception>
    public PrecisionComparison Compare(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual) =>
        new(PrecisionReport.Measure(expected, actual), SlotError);

    /// <summary>Several lines: level, scale, precision, budget, size, and findings.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.AppendLine(Invariant($"level      {Level} of {MaxLevel}, log Q = {ModulusBits:F1} bits, next prime 2^{PrimeBits:F2}"));
        text.AppendLine(Invariant($"scale      {Scale} = {Scale.Value:R}"));
        text.AppendLine(Invariant($"parts      {PartCount}, {ByteCount / 1048576.0:F2} MiB"));
        text.AppendLine(Invariant($"message    magnitude {Noise.Magnitude:G3}"));
        text.AppendLine(Invariant($"noise      2^{Math.Log2(Noise.Sigma):F1} in a coefficient, {SlotError:E2} in a slot: {PrecisionBits:F1} bits after the point"));
        text.Append(Invariant($"budget     {BudgetBits:F1} bits"));
        foreach (string finding in Findings)
        {
            text.AppendLine().Append("!          ").Append(finding);
        }

        return text.ToString();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
