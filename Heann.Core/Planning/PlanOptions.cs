using Heann.Core.Parameters;

namespace Heann.Core.Planning;

/// <summary>What a plan is made for.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed record PlanOptions
{
    /// <summary>λ: 128, 192 or 256.</summary>
    public int SecurityBits { get; init; } = 128;

    /// <summary>Slots needed at least; the ring may have more.</summary>
    public int SlotCount { get; init; } = 1;

    /// <summary>log2 Δ and the size of the primes of all levels, 25 … 49. With <see cref="MinPrecisionBits"/> the least to try.</summary>
    public int ScaleBits { get; init; } = 40;

    /// <summary>Bits of q_0 above the scale, for the integer part of results; q_0 has at most 50 in all.</summary>
    public int HeadRoomBits { get; init; } = 10;

    /// <summary>Size of the primes of levels at which plaintexts and constants are multiplied but no two ciphertexts are, 25 … 49: weights
    /// need fewer bits than products, and a smaller modulus is faster. The circuit must leave the scale of such products to the evaluator
    /// (null), which then takes the prime. Null: as large as the others.</summary>
    public int? PlainPrimeBits { get; init; }

    /// <summary>Bits after the binary point that every result must keep by prediction: the scale grows until it does. Null: whatever the
    /// scale gives.</summary>
    public double? MinPrecisionBits { get; init; }

    /// <summary>Most digits of a key: fewer make keys smaller and the ring perhaps larger.</summary>
    public int MaxDigitCount { get; init; } = int.MaxValue;

    /// <summary>Declared root mean square of the slots of each input; one input of magnitude 1 unless given.</summary>
    public IReadOnlyList<double> InputMagnitudes { get; init; } = [1];

    /// <summary>Whether inputs are encrypted with the public key, which has more noise, instead of the secret one.</summary>
    public bool UsesPublicKey { get; init; }

    /// <summary>Most levels to try.</summary>
    public int MaxLevelCount { get; init; } = 100;

    internal void Validate()
    {
        if (InputMagnitudes is null || InputMagnitudes.Count == 0 || InputMagnitudes.Any(m => !(m > 0) || !double.IsFinite(m)))
        {
            throw new ArgumentException("A circuit has at least one input, and every magnitude is a positive finite number.", nameof(InputMagnitudes));
        }

        if (ScaleBits is < 25 or > 49 || HeadRoomBits < 1 || MaxLevelCount < 0 || MaxDigitCount < 1)
        {
            throw new ArgumentException(
                $"A plan takes a scale of 25 to 49 bits, head-room of at least 1 bit, at least one digit; got {ScaleBits}, {HeadRoomBits} and {MaxDigitCount}.");
        }

        if (PlainPrimeBits is < 25 or > 49)
        {
            throw new ArgumentException($"Primes for products with plaintexts have 25 to 49 bits; got {PlainPrimeBits}.", nameof(PlainPrimeBits));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(SlotCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SlotCount, 1 << (SecurityTable.MaxLogN - 1));
    }

    internal int FirstPrimeBits(int scaleBits) => Math.Min(50, scaleBits + HeadRoomBits);
}
