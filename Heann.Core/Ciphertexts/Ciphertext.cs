using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Ciphertexts;

/// <summary>A CKKS ciphertext (c_0, c_1[, c_2]): c_0 + c_1·s [+ c_2·s²] = Δ·m + e modulo q_0 … q_ℓ. Always in Evaluation form.</summary>
/// <remarks>
/// Data only. Carries the identity of its parameters and of the key it is encrypted for. As the destination of an operation it takes on
/// level, scale and number of parts of the result, growing its storage when that is too small. Owns its storage; not thread-safe for writing.
/// </remarks>
public sealed class Ciphertext : ICircuitValue
{
    private readonly RingBackend _backend;
    private List<RnsPolynomial> _parts = [];
    private bool _isDisposed;

    internal Ciphertext(RingBackend backend, CkksParameters parameters, int level, int partCount)
    {
        _backend = backend;
        Parameters = parameters;
        Scale = parameters.DefaultScale;
        Resize(level, partCount);
    }

    /// <inheritdoc/>
    public int Level { get; private set; }

    /// <inheritdoc/>
    public Scale Scale { get; internal set; }

    /// <inheritdoc/>
    public NoiseEstimate Noise { get; internal set; }

    /// <inheritdoc/>
    public int PartCount { get; private set; }

    /// <summary>The parameters.</summary>
    public CkksParameters Parameters { get; }

    /// <summary>The key it is encrypted for.</summary>
    public KeyId KeyId { get; internal set; }

    /// <summary>Bytes of the residues in use: 8·N·(ℓ+1) for each part.</summary>
    public long ByteCount => 8L * Parameters.RingDegree * (Level + 1) * PartCount;

    /// <summary>Bytes to be stored or sent: for a fresh encryption with the secret key c_1 is a 32-byte seed, until an operation writes to it.</summary>
    public long SeededByteCount => Seed is null ? ByteCount : (ByteCount / PartCount) + Seed.Length;

    /// <summary>Bits between message with error and modulus, predicted: see <see cref="NoiseEstimate.BudgetBits"/>.</summary>
    public double BudgetBits => Noise.BudgetBits(Parameters.RingDegree, Scale, Basis.Log2);

    /// <summary>Level, scale, predicted noise and remaining budget, to be read or printed.</summary>
    public Diagnosis Diagnose() => Diagnosis.Of(this, Parameters);

    internal byte[]? Seed { get; set; }

    internal RnsBasis Basis => Parameters.BasisAt(Level);

    /// <summary>For people: level, scale, parts, predicted precision.</summary>
    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"level {Level}, scale {Scale}, {PartCount} parts, {-Math.Log2(Noise.SlotError(Parameters.RingDegree, Scale)):F1} bits predicted, budget {BudgetBits:F0} bits");

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (RnsPolynomial part in _parts)
        {
            part.Dispose();
        }

        _parts.Clear();
        PartCount = 0;
    }

    internal LimbBlock Part(int index)
    {
        ObjectDisposedException.ThrowIf(_isDisposed || index >= PartCount, this);
        return _parts[index].Prefix(Basis);
    }

    // Sets level and number of parts; contents are undefined afterwards unless nothing had to grow.
    internal void Resize(int level, int partCount)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        for (int i = 0; i < partCount; i++)
        {
            if (i < _parts.Count && _parts[i].LimbCount >= level + 1)
            {
                continue;
            }

            RnsPolynomial grown = new(_backend, Parameters.BasisAt(level), Domain.Evaluation);
            if (i < _parts.Count)
            {
                _parts[i].Dispose();
                _parts[i] = grown;
            }
            else
            {
                _parts.Add(grown);
            }
        }

        Level = level;
        PartCount = partCount;
        Seed = null;
    }

    // Takes the storage of a temporary result, so that a destination may be an operand.
    internal void TakeStorage(Ciphertext other)
    {
        (_parts, other._parts) = (other._parts, _parts);
        (Level, PartCount, Seed) = (other.Level, other.PartCount, null);
        other.Dispose();
    }
}
