namespace Heann.Core.Rings;

/// <summary>The constants of a hybrid key switch at one level: digits, their conversions, and the division by the special primes.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class KeySwitchPlan
{
    private readonly ulong[] _specialFactors;
    private readonly BasisConversion[] _digits;
    private readonly int[] _starts;

    /// <summary>Prepares a key switch.</summary>
    /// <param name="kept">q_0 … q_ℓ.</param>
    /// <param name="special">The special primes; their product is P.</param>
    /// <param name="digits">Limbs of each digit: consecutive, together all of <paramref name="kept"/>.</param>
    public KeySwitchPlan(RnsBasis kept, RnsBasis special, IReadOnlyList<Range> digits)
    {
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(special);
        ArgumentNullException.ThrowIfNull(digits);
        Kept = kept;
        Special = special;
        Extended = kept.Concat(special);
        Division = new(kept, special);
        _starts = [.. digits.Select(digit => digit.Start.Value)];
        _digits = [.. digits.Select(digit => 
            new BasisConversion(kept.Slice(digit.Start.Value, digit.End.Value - digit.Start.Value), Extended))];
        _specialFactors = [.. kept.Moduli.Select(q => q.Reduce(special.Product))];
        int next = 0;
        foreach (Range digit in digits)
        {
            next = digit.Start.Value == next
                ? digit.End.Value
                : throw new ArgumentException($"A digit starts at limb {digit.Start.Value}, not at {next}.", nameof(digits));
        }

        if (next != kept.Count)
        {
            throw new ArgumentException($"The digits cover {next} limbs of {kept.Count}.", nameof(digits));
        }
    }

    /// <summary>q_0 … q_ℓ.</summary>
    public RnsBasis Kept { get; }

    /// <summary>The special primes.</summary>
    public RnsBasis Special { get; }

    /// <summary>q_0 … q_ℓ and the special primes.</summary>
    public RnsBasis Extended { get; }

    /// <summary>By P: <see cref="Extended"/> → <see cref="Kept"/>.</summary>
    public LimbDivision Division { get; }

    /// <summary>dnum at this level.</summary>
    public int DigitCount => _digits.Length;

    /// <summary>From each digit's primes to <see cref="Extended"/>.</summary>
    public ReadOnlySpan<BasisConversion> Digits => _digits;

    /// <summary>First limb of each digit.</summary>
    public ReadOnlySpan<int> Starts => _starts;

    /// <summary>P mod q_i.</summary>
    public ReadOnlySpan<ulong> SpecialFactors => _specialFactors;
}
