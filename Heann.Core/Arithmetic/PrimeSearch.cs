namespace Heann.Core.Arithmetic;

/// <summary>Primes for the negacyclic NTT, q ≡ 1 (mod 2N), and roots of unity modulo them.</summary>
/// <remarks>Thread-safe.</remarks>
public static class PrimeSearch
{
    /// <summary>Smallest bit length of a prime: 25.</summary>
    public const int MinBitCount = 25;

    /// <summary>The <paramref name="count"/> largest primes q ≡ 1 (mod 2N) of exactly <paramref name="bitCount"/> bits that are not in <paramref name="exclude"/>, descending.</summary>
    /// <param name="bitCount">25 to 50.</param>
    /// <param name="ringDegree">N, a power of two.</param>
    /// <param name="count">How many.</param>
    /// <param name="exclude">Primes already taken.</param>
    /// <exception cref="ArgumentException">There are fewer such primes; the message says how many there are.</exception>
    public static ulong[] Descending(int bitCount, int ringDegree, int count, IReadOnlySet<ulong>? exclude = null) =>
        Take(Candidates(bitCount, ringDegree), bitCount, ringDegree, count, exclude);

    /// <summary>The <paramref name="count"/> primes q ≡ 1 (mod 2N) nearest to <paramref name="target"/> that are not in <paramref name="exclude"/>, nearest first (of two equally near the smaller), each of 25 to 50 bits.</summary>
    /// <remarks>Primes at which two ciphertexts are multiplied should lie close to the scale, so that the scale stays where it is.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The target is not a number of 25 to 50 bits.</exception>
    /// <exception cref="ArgumentException">There are fewer such primes within a factor of two of the target.</exception>
    public static ulong[] Nearest(double target, int ringDegree, int count, IReadOnlySet<ulong>? exclude = null)
    {
        RequireDegree(ringDegree);
        if (!(target >= 1UL << (MinBitCount - 1) && target < 1UL << Modulus.MaxBitCount))
        {
            throw new ArgumentOutOfRangeException(
                nameof(target), target, $"Primes have {MinBitCount} to {Modulus.MaxBitCount} bits; a target of {target} lies outside.");
        }

        ulong step = 2UL * (ulong)ringDegree;
        double low = Math.Max(target / 2, 1UL << (MinBitCount - 1));
        double high = Math.Min(target * 2, 1UL << Modulus.MaxBitCount);
        // The candidates are 1 mod step; the cursors stand at the nearest untried one at or below the target and above it.
        ulong down = (ulong)(target - 1) / step * step + 1;
        ulong up = down + step;
        List<ulong> found = [];
        while (found.Count < count)
        {
            bool downInRange = down >= low;
            bool upInRange = up < high;
            if (!downInRange && !upInRange)
            {
                throw new ArgumentException(
                    $"Only {found.Count} free primes = 1 mod {step} lie within a factor of two of 2^{Math.Log2(target):F2}; {count} were asked for. Choose another size.",
                    nameof(count));
            }

            bool takesDown = downInRange && (!upInRange || target - down <= up - target);
            ulong q = takesDown ? down : up;
            if (takesDown)
            {
                down -= step;
            }
            else
            {
                up += step;
            }

            if (exclude?.Contains(q) != true && Primality.IsPrime(q))
            {
                found.Add(q);
            }
        }

        return [.. found];
    }

    /// <summary>The smallest generator-derived primitive 2N-th root of unity: ψ = g^((q−1)/2N) for the least g ≥ 2 with ψ^N = −1.</summary>
    /// <exception cref="ArgumentException">q ≢ 1 (mod 2N).</exception>
    public static ulong PrimitiveRoot(Modulus modulus, int ringDegree)
    {
        ArgumentNullException.ThrowIfNull(modulus);
        RequireDegree(ringDegree);
        ulong order = 2UL * (ulong)ringDegree;
        if ((modulus.Value - 1) % order != 0)
        {
            throw new ArgumentException($"q = {modulus} is not 1 mod 2N = {order}, so it has no primitive root of that order.", nameof(modulus));
        }

        for (ulong g = 2; ; g++)
        {
            ulong root = modulus.Power(g, (modulus.Value - 1) / order);
            if (modulus.Power(root, (ulong)ringDegree) == modulus.Value - 1)
            {
                return root;
            }
        }
    }

    internal static void RequireDegree(int ringDegree)
    {
        if (ringDegree < 1 || ringDegree > 1 << 20 || !System.Numerics.BitOperations.IsPow2(ringDegree))
        {
            throw new ArgumentOutOfRangeException(nameof(ringDegree), ringDegree, $"A ring degree is a power of two from 1 to 2^20; got {ringDegree}.");
        }
    }

    private static IEnumerable<ulong> Candidates(int bitCount, int ringDegree)
    {
        RequireDegree(ringDegree);
        if (bitCount is < MinBitCount or > Modulus.MaxBitCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(bitCount), bitCount, $"Primes have {MinBitCount} to {Modulus.MaxBitCount} bits; {bitCount} were asked for.");
        }

        ulong step = 2UL * (ulong)ringDegree;
        ulong low = 1UL << (bitCount - 1);
        ulong high = 1UL << bitCount;
        for (ulong q = (high - 1) / step * step + 1; q > low; q -= step)
        {
            if (q < high)
            {
                yield return q;
            }
        }
    }

    private static ulong[] Take(IEnumerable<ulong> candidates, int bitCount, int ringDegree, int count, IReadOnlySet<ulong>? exclude)
    {
        ulong[] found = [.. candidates.Where(q => exclude?.Contains(q) != true && Primality.IsPrime(q)).Take(count)];
        return found.Length == count
            ? found
            : throw new ArgumentException(
                $"There are only {found.Length} free primes of {bitCount} bits that are 1 mod {2 * ringDegree}; {count} were asked for. Choose another size.",
                nameof(count));
    }
}
