using System.Numerics;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Core.Tests.Backends;

/// <summary>
/// Operands of a key switch, all in Coefficient form: run on any backend (which transforms them first and its results last), or by the
/// definition in BigInteger.
/// </summary>
internal sealed class KeySwitchScene
{
    // Addends: none, both, the first alone, the second alone.
    private static readonly (GaloisElement Element, bool HasFirst, bool HasSecond)[] Kinds =
    [
        (default, false, false), (GaloisElement.Rotation(1), true, true), (GaloisElement.Conjugation, true, false),
        (new(-3, true), false, true), (default, true, true), (GaloisElement.Rotation(-2), false, false),
    ];

    // Both sides of 2^32 and of 2^46, the largest below 2^50, the smallest sizes.
    private static readonly int[] BitCounts = [50, 25, 46, 32, 28, 49, 33, 40, 47, 36];

    private readonly KeySwitchPlan _plan;
    private readonly RnsBasis _keyKept;
    private readonly int _keyDigitCount;
    private readonly ulong[] _x;
    private readonly List<ulong[][]> _keys = [];
    private readonly List<(int Key, GaloisElement Element, ulong[]? Addend0, ulong[]? Addend1)> _terms = [];
    private readonly SeededRandom _random;

    /// <summary>A switch with one term of each kind, starting with kind <paramref name="firstKind"/>.</summary>
    /// <param name="degree">N.</param>
    /// <param name="digits">Limbs of each digit.</param>
    /// <param name="counts">Special primes; limbs (and as many digits) that the keys have beyond the plan; terms; first kind.</param>
    /// <param name="random">The source of what is not given.</param>
    /// <param name="pattern">Which of <see cref="Patterns"/> x is; its last is anything.</param>
    public KeySwitchScene(
        int degree, int[] digits, (int Special, int Extra, int Terms, int FirstKind) counts, SeededRandom random, int pattern = 6)
    {
        _random = random;
        int kept = digits.Sum();
        int first = degree + kept;
        RnsBasis all = BasisOfSizes(
            degree, [.. Enumerable.Range(first, kept + counts.Extra + counts.Special).Select(i => BitCounts[i % BitCounts.Length])]);
        _keyKept = all.Take(kept + counts.Extra);
        List<Range> ranges = [];
        int next = 0;
        foreach (int count in digits)
        {
            ranges.Add(next..(next + count));
            next += count;
        }

        _plan = new(all.Take(kept), all.Slice(kept + counts.Extra, counts.Special), ranges);
        _keyDigitCount = digits.Length + counts.Extra;
        _x = Patterns(random, _plan.Kept)[pattern];
        RnsBasis keyBasis = _keyKept.Concat(_plan.Special);
        for (int key = 0; key < 2; key++)
        {
            ulong[][] patterns = Patterns(random, keyBasis);
            _keys.Add([.. Enumerable.Range(0, 2 * _keyDigitCount).Select(_ =>
                random.Next(3) == 0 ? patterns[random.Next(7)] : RandomResidues(random, keyBasis))]);
        }

        for (int t = 0; t < counts.Terms; t++)
        {
            (GaloisElement element, bool hasFirst, bool hasSecond) = Kinds[(counts.FirstKind + t) % Kinds.Length];
            ulong[]? Addend(bool isThere) => isThere ? RandomResidues(random, _plan.Kept) : null;
            _terms.Add((t & 1, element, Addend(hasFirst), Addend(hasSecond)));
        }
    }

    /// <summary>q_0 … q_ℓ.</summary>
    public RnsBasis Kept => _plan.Kept;

    /// <summary>Both parts of every result (of a sum: of the one result), and after them x, computed by a backend.</summary>
    public ulong[][] Run(RingBackend backend, bool isSum)
    {
        using Store store = new(backend);
        SwitchingMatrix[] keys = [.. _keys.Select(key => Matrix(store, key))];
        LimbBlock x = store.Values(Kept, _x);
        LimbBlock[] results =
            [.. Enumerable.Range(0, isSum ? 2 : 2 * _terms.Count).Select(_ => store.Values(Kept, RandomResidues(_random, Kept)))];
        KeySwitchTerm[] terms = [.. _terms.Select((term, t) => new KeySwitchTerm
        {
            Key = keys[term.Key],
            Element = term.Element,
            Addend0 = term.Addend0 is null ? default : store.Values(Kept, term.Addend0),
            Addend1 = term.Addend1 is null ? default : store.Values(Kept, term.Addend1),
            Destination0 = results[isSum ? 0 : 2 * t],
            Destination1 = results[isSum ? 1 : (2 * t) + 1],
        })];
        if (isSum)
        {
            backend.SumSwitchedKeys(_plan, x, terms);
        }
        else
        {
            backend.SwitchKeys(_plan, x, terms);
        }

        return [.. results.Append(x).Select(store.Coefficients)];
    }

    /// <summary>The first term alone, with destinations that are operands.</summary>
    /// <param name="backend">Computes it.</param>
    /// <param name="destinations">Of the two destinations: x, a (first addend), b (second addend) or - (neither).</param>
    public ulong[][] RunInPlace(RingBackend backend, string destinations)
    {
        using Store store = new(backend);
        LimbBlock x = store.Values(Kept, _x);
        LimbBlock a = _terms[0].Addend0 is { } first ? store.Values(Kept, first) : default;
        LimbBlock b = _terms[0].Addend1 is { } second ? store.Values(Kept, second) : default;
        LimbBlock[] to = [.. destinations.Select(name => name switch
        {
            'x' => x, 'a' when !a.IsZero => a, 'b' when !b.IsZero => b, _ => store.Values(Kept, RandomResidues(_random, Kept)),
        })];
        backend.SwitchKeys(_plan, x, [new()
        {
            Key = Matrix(store, _keys[0]), Element = _terms[0].Element, Addend0 = a, Addend1 = b, Destination0 = to[0], Destination1 = to[1],
        }]);
        return [.. to.Select(store.Coefficients)];
    }

    /// <summary>What <see cref="Run"/> must return, by the definition.</summary>
    public ulong[][] Twin(bool isSum)
    {
        RnsBasis extended = _plan.Extended;
        List<ulong[]> results = [];
        ulong[][] lifts = [.. Enumerable.Range(0, _plan.DigitCount).Select(d =>
        {
            RnsBasis digit = _plan.Digits[d].Source;
            int start = _plan.Starts[d] * extended.RingDegree;
            return Reduce(extended, LiftAsDefined(digit, _x[start..(start + digit.Count * extended.RingDegree)]));
        })];
        ulong[][] sums = [new ulong[extended.Count * extended.RingDegree], new ulong[extended.Count * extended.RingDegree]];
        foreach ((int key, GaloisElement element, ulong[]? addend0, ulong[]? addend1) in _terms)
        {
            for (int row = 0; row < 2; row++)
            {
                ulong[]? addend = row == 0 ? addend0 : addend1;
                ulong[] u = new ulong[sums[row].Length];
                for (int d = 0; d < lifts.Length; d++)
                {
                    u = Add(extended, u, Schoolbook(extended, lifts[d], OfPlan(_keys[key][row * _keyDigitCount + d])));
                }

                if (isSum)
                {
                    BigInteger p = _plan.Special.Product;
                    ulong[] raised = addend is null ? u : Add(extended, u, Expect(
                        extended, (_, i, k) => i < Kept.Count ? p * addend[(i * extended.RingDegree) + k] : 0));
                    sums[row] = Add(extended, sums[row], Substitute(extended, raised, element.Exponent(extended.RingDegree)));
                }
                else
                {
                    ulong[] v = Divide(u);
                    results.Add(Substitute(Kept, addend is null ? v : Add(Kept, v, addend), element.Exponent(extended.RingDegree)));
                }
            }
        }

        return isSum ? [Divide(sums[0]), Divide(sums[1]), _x] : [.. results, _x];
    }

    private SwitchingMatrix Matrix(Store store, ulong[][] entries)
    {
        SwitchingMatrix matrix = store.Matrix(_keyKept, _plan.Special, _keyDigitCount);
        for (int i = 0; i < entries.Length; i++)
        {
            matrix.Write(i / _keyDigitCount, i % _keyDigitCount, store.Values(matrix.Basis, entries[i]));
        }

        return matrix;
    }

    // The key's limbs that the plan has.
    private ulong[] OfPlan(ulong[] entry)
    {
        int degree = Kept.RingDegree;
        return [.. entry[..(Kept.Count * degree)], .. entry[(_keyKept.Count * degree)..]];
    }

    private static ulong[] Add(RnsBasis basis, ulong[] x, ulong[] y) =>
        Expect(basis, (_, i, k) => (BigInteger)x[(i * basis.RingDegree) + k] + y[(i * basis.RingDegree) + k]);

    // (u − [u]_P)/P modulo every kept prime.
    private ulong[] Divide(ulong[] u)
    {
        BigInteger[] remainders = LiftAsDefined(_plan.Special, u[(Kept.Count * Kept.RingDegree)..]);
        BigInteger[] inverses = [.. Kept.Moduli.Select(q => BigInteger.ModPow(_plan.Special.Product, q.Value - 2, q.Value))];
        return Expect(Kept, (_, i, k) => (u[(i * Kept.RingDegree) + k] - remainders[k]) * inverses[i]);
    }

    // What a run allocates on its backend.
    private sealed class Store(RingBackend backend) : IDisposable
    {
        private readonly List<IDisposable> _owned = [];

        public LimbBlock Values(RnsBasis basis, ulong[] coefficients)
        {
            RnsPolynomial polynomial = Upload(backend, basis, coefficients);
            _owned.Add(polynomial);
            backend.ForwardNtt([polynomial.Block]);
            return polynomial.Block;
        }

        public SwitchingMatrix Matrix(RnsBasis kept, RnsBasis special, int digitCount)
        {
            SwitchingMatrix matrix = backend.CreateSwitchingMatrix(kept, special, digitCount);
            _owned.Add(matrix);
            return matrix;
        }

        public ulong[] Coefficients(LimbBlock values)
        {
            using RnsPolynomial copy = new(backend, values.Basis, Domain.Coefficient);
            backend.Copy([values], [copy.Block]);
            backend.InverseNtt([copy.Block]);
            return copy.ToResidues();
        }

        public void Dispose() => _owned.ForEach(owned => owned.Dispose());
    }
}
