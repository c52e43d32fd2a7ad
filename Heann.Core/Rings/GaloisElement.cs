namespace Heann.Core.Rings;

/// <summary>An automorphism X → X^g of Z[X]/(X^N + 1), g odd, named by what it does to the slots.</summary>
/// <remarks>
/// The slots of a polynomial m are m(ζ^(5^j)), ζ = exp(iπ/N), j = 0 … N/2 − 1. X → X^(5^k) moves slot j + k to slot j: a rotation to
/// the left by k. X → X^(2N−1) conjugates every slot. The value does not depend on N until <see cref="Exponent"/> is asked for.
/// Immutable, thread-safe.
/// </remarks>
/// <param name="RotationSteps">k; positive rotates to the left.</param>
/// <param name="IsConjugation">Whether slots are conjugated as well.</param>
public readonly record struct GaloisElement(int RotationSteps, bool IsConjugation)
{
    /// <summary>The complex conjugation of every slot.</summary>
    public static GaloisElement Conjugation => new(0, true);

    /// <summary>The rotation of the slots by <paramref name="steps"/> to the left (negative: to the right).</summary>
    public static GaloisElement Rotation(int steps) => new(steps, false);

    /// <summary>The automorphism that undoes this one.</summary>
    internal GaloisElement Inverse => this with { RotationSteps = -RotationSteps };

    /// <summary>Whether this is the identity in the ring of degree N.</summary>
    public bool IsIdentity(int ringDegree) => Exponent(ringDegree) == 1;

    /// <summary>g mod 2N: 5^k, times −1 for the conjugation. 1 ≤ g &lt; 2N, odd.</summary>
    public int Exponent(int ringDegree)
    {
        int mask = 2 * ringDegree - 1;
        int slots = Math.Max(1, ringDegree / 2);
        int steps = ((RotationSteps % slots) + slots) % slots;
        long g = 1;
        long square = 5;
        for (; steps != 0; steps >>= 1)
        {
            if ((steps & 1) != 0)
            {
                g = g * square & mask;
            }

            square = square * square & mask;
        }

        return (int)(IsConjugation ? 2L * ringDegree - g : g);
    }

    /// <summary>The same automorphism with 0 ≤ k &lt; N/2.</summary>
    public GaloisElement Normalize(int ringDegree)
    {
        int slots = Math.Max(1, ringDegree / 2);
        return this with { RotationSteps = ((RotationSteps % slots) + slots) % slots };
    }

    /// <inheritdoc/>
    public override string ToString() => (IsConjugation, RotationSteps) switch
    {
        (false, _) => $"rotation by {RotationSteps}",
        (true, 0) => "conjugation",
        (true, _) => $"conjugation of rotation by {RotationSteps}",
    };
}
