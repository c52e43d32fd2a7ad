using System.Collections.Concurrent;
using System.Numerics;
using Heann.Core.Arithmetic;

namespace Heann.Core.Rings;

/// <summary>An ordered list of distinct primes q_0 … q_(k−1) for one ring degree: the residue number system of a polynomial.</summary>
/// <remarks>Immutable and thread-safe. Slices share the transform tables, which are built when first needed.</remarks>
public sealed class RnsBasis
{
    private readonly Lazy<NttTables>[] _tables;
    private readonly RnsBasis?[] _prefixes;
    private readonly ConcurrentDictionary<int, RnsBasis> _subrings = new();

    /// <summary>Creates a basis.</summary>
    /// <param name="ringDegree">N, a power of two.</param>
    /// <param name="primes">Distinct primes ≡ 1 (mod 2N).</param>
    /// <exception cref="ArgumentException">A prime is repeated, is not prime, or is not 1 mod 2N.</exception>
    public RnsBasis(int ringDegree, IEnumerable<ulong> primes)
        : this(ringDegree, [.. primes.Select(q => CreateTables(ringDegree, new Modulus(q)))])
    {
    }

    private RnsBasis(int ringDegree, Lazy<NttTables>[] tables, Modulus[] moduli)
    {
        RingDegree = ringDegree;
        _tables = tables;
        Moduli = moduli;
        _prefixes = new RnsBasis?[tables.Length];
        Log2 = moduli.Sum(q => q.Log2);
    }

    private RnsBasis(int ringDegree, (Lazy<NttTables> Tables, Modulus Modulus)[] limbs)
        : this(ringDegree, [.. limbs.Select(l => l.Tables)], [.. limbs.Select(l => l.Modulus)])
    {
        PrimeSearch.RequireDegree(ringDegree);
        HashSet<ulong> seen = [];
        foreach (Modulus modulus in Moduli)
        {
            if (!seen.Add(modulus.Value))
            {
                throw new ArgumentException($"The primes of a basis must be distinct; {modulus} occurs twice.");
            }
        }
    }

    /// <summary>N.</summary>
    public int RingDegree { get; }

    /// <summary>The primes, in order.</summary>
    public IReadOnlyList<Modulus> Moduli { get; }

    /// <summary>k, the number of limbs.</summary>
    public int Count => Moduli.Count;

    /// <summary>Σ log2 q_i.</summary>
    public double Log2 { get; }

    /// <summary>∏ q_i.</summary>
    public BigInteger Product => Moduli.Aggregate(BigInteger.One, (product, q) => product * q.Value);

    /// <summary>q_i.</summary>
    public Modulus this[int index] => Moduli[index];

    /// <summary>The transform tables of q_i.</summary>
    public NttTables Tables(int index) => _tables[index].Value;

    /// <summary>The first <paramref name="count"/> primes; the same object for the same count.</summary>
    public RnsBasis Take(int count)
    {
        if (count == Count)
        {
            return this;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        return _prefixes[count] ?? Interlocked.CompareExchange(ref _prefixes[count], Slice(0, count), null) ?? _prefixes[count]!;
    }

    /// <summary>The primes start … start + count − 1.</summary>
    public RnsBasis Slice(int start, int count) =>
        new(RingDegree, _tables.AsSpan(start, count).ToArray(), [.. Moduli.Skip(start).Take(count)]);

    /// <summary>The primes of this basis followed by those of the other.</summary>
    /// <exception cref="ArgumentException">The degrees differ or a prime occurs in both.</exception>
    public RnsBasis Concat(RnsBasis other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.RingDegree != RingDegree)
        {
            throw new ArgumentException($"Bases of ring degrees {RingDegree} and {other.RingDegree} cannot be joined.", nameof(other));
        }

        return new(RingDegree, [.. Limbs(this), .. Limbs(other)]);
    }

    /// <summary>The same primes for the subring of degree M | N: the polynomials in X^(N/M).</summary>
    /// <remarks>
    /// The transform in Z[X]/(X^N + 1) of a polynomial in X^(N/M) is constant on runs of N/M values, and the M values are the transform of
    /// its M coefficients in this basis: <see cref="PrimeSearch.PrimitiveRoot"/> derives the roots of all degrees from one generator, so
    /// the root for M is the (N/M)-th power of the root for N.
    /// </remarks>
    /// <exception cref="ArgumentException">M is not a power of two from 1 to N.</exception>
    public RnsBasis Subring(int degree)
    {
        PrimeSearch.RequireDegree(degree);
        if (degree > RingDegree)
        {
            throw new ArgumentException($"A subring of degree {degree} does not exist in the ring of degree {RingDegree}.", nameof(degree));
        }

        return degree == RingDegree
            ? this
            : _subrings.GetOrAdd(degree, static (m, basis) => new(m, [.. basis.Moduli.Select(q => CreateTables(m, q))]), this);
    }

    /// <inheritdoc/>
    public override string ToString() => $"N = {RingDegree}, {Count} primes, {Log2:F2} bits";

    private static (Lazy<NttTables> Tables, Modulus Modulus) CreateTables(int ringDegree, Modulus modulus)
    {
        PrimeSearch.RequireDegree(ringDegree);
        return (modulus.Value - 1) % (2UL * (ulong)ringDegree) == 0
            ? (new(() => new NttTables(modulus, ringDegree)), modulus)
            : throw new ArgumentException($"q = {modulus} is not 1 mod 2N = {2 * ringDegree}; PrimeSearch finds primes that are.");
    }

    private static IEnumerable<(Lazy<NttTables> Tables, Modulus Modulus)> Limbs(RnsBasis basis) => basis._tables.Zip(basis.Moduli);
}
