namespace Heann.Core.Circuits;

/// <summary>Searches the cheapest plan: tries sets of baby powers and giants, splits by dynamic programming for each, keeps the
/// best.</summary>
internal static class PolynomialPlanner
{
    // What counts, relative to one tensor product: a key switch transforms every digit, a rescaling transforms two polynomials.
    private const int KeySwitchCost = 10;
    private const int RescaleCost = 2;

    /// <summary>The cheapest plan found for coefficients of degree ≥ 1 within the given depth.</summary>
    public static PolynomialPlan Plan(PolynomialBasis basis, ReadOnlySpan<double> coefficients, int depth)
    {
        double[] varying = coefficients.ToArray();
        double constant = varying[0];
        varying[0] = 0;
        PolynomialParity parity = FindParity(varying);
        int degree = varying.Length - 1;
        PolynomialPlan? best = null;
        int largestBaby = Math.Min(degree, 2 * (int)Math.Sqrt(degree) + 2);
        foreach (int seed in (int[])[1, 3, 5, 7])
        {
            for (int baby = 1; baby <= largestBaby; baby++)
            {
                PolynomialPlan? plan = new Search(basis, parity, AllowedPowers(degree, parity, baby, seed)).Plan(varying, constant, depth);
                best = plan is not null && (best is null || Cost(plan) < Cost(best)) ? plan : best;
            }
        }

        return best ?? throw new InvalidOperationException($"No plan of depth {depth} for degree {degree}.");
    }

    private static int Cost(PolynomialPlan plan) =>
        KeySwitchCost * plan.RelinearizationCount + RescaleCost * plan.RescaleCount + plan.ProductCount;

    private static PolynomialParity FindParity(double[] coefficients)
    {
        bool hasOdd = coefficients.Where((c, k) => k % 2 == 1 && c != 0).Any();
        bool hasEven = coefficients.Where((c, k) => k % 2 == 0 && c != 0).Any();
        return !hasOdd ? PolynomialParity.Even : hasEven ? PolynomialParity.None : PolynomialParity.Odd;
    }

    /// <summary>What a plan may use: every power of the right parity up to the largest baby as a term; the largest baby, powers of
    /// two (so that the depth law can be met) and seed·2^j as terms and divisors.</summary>
    private static (bool[] IsAllowed, int[] Giants) AllowedPowers(int degree, PolynomialParity parity, int baby, int seed)
    {
        SortedSet<int> giants = [baby];
        foreach (int start in (int[])[1, seed])
        {
            for (int g = start; g <= degree; g *= 2)
            {
                giants.Add(g);
            }
        }

        bool[] isAllowed = new bool[degree + 1];
        for (int k = 1; k <= degree; k++)
        {
            bool isRightParity = parity == PolynomialParity.None || k % 2 == (parity == PolynomialParity.Odd ? 1 : 0);
            isAllowed[k] = giants.Contains(k) || (k <= baby && isRightParity);
        }

        return (isAllowed, [.. giants.Reverse()]);
    }

    /// <summary>The search for one set of powers: dynamic programming over (degree, depth, parity) of what is left to express.</summary>
    private sealed class Search(PolynomialBasis basis, PolynomialParity parity, (bool[] IsAllowed, int[] Giants) powers)
    {
        private const int Impossible = 1 << 20;

        private readonly Dictionary<(int Degree, int Depth, PolynomialParity Parity), (int Cost, int Giant)> _rests = [];
        private readonly HashSet<int> _used = [];

        public PolynomialPlan? Plan(double[] coefficients, double constant, int depth)
        {
            int degree = coefficients.Length - 1;
            if (NodeCost(degree, depth, parity) >= Impossible)
            {
                return null;
            }

            PlanNode root = Build(coefficients, depth, parity);
            return new PolynomialPlan(basis, degree, PowerPlanner.Plan(basis, _used), root with { Constant = root.Constant + constant });
        }

        private int NodeCost(int degree, int depth, PolynomialParity symmetry)
        {
            if (depth < 1)
            {
                return Impossible;
            }

            int rest = Rest(degree, depth, symmetry).Cost;
            return RescaleCost + rest + (rest > 0 ? KeySwitchCost : 0);
        }

        /// <summary>Least cost of the products that a node of this depth still needs for the given degree, and how to go on: giant
        /// g, or 0 to take the leading power as a term.</summary>
        private (int Cost, int Giant) Rest(int degree, int depth, PolynomialParity symmetry)
        {
            degree = Align(degree, symmetry);
            if (degree <= 0)
            {
                return (0, 0);
            }

            if (_rests.TryGetValue((degree, depth, symmetry), out (int Cost, int Giant) known))
            {
                return known;
            }

            (int Cost, int Giant) best = (Impossible, 0);
            if (IsUsable(degree, depth))
            {
                best = (Rest(degree - 1, depth, symmetry).Cost, 0);
            }

            foreach (int g in powers.Giants)
            {
                if (g >= degree || !IsUsable(g, depth))
                {
                    continue;
                }

                int cost = 1 + NodeCost(degree - g, depth - 1, Shift(symmetry, g)) + Rest(g - 1, depth, symmetry).Cost;
                best = cost < best.Cost ? (cost, g) : best;
            }

            return _rests[(degree, depth, symmetry)] = best with { Cost = Math.Min(best.Cost, Impossible) };
        }

        private PlanNode Build(double[] coefficients, int depth, PolynomialParity symmetry)
        {
            List<PlanTerm> terms = [];
            List<PlanProduct> products = [];
            double[] rest = coefficients;
            for (int degree = DegreeOf(rest); degree >= 1; degree = DegreeOf(rest))
            {
                int giant = Rest(degree, depth, symmetry).Giant;
                _used.Add(giant == 0 ? degree : giant);
                if (giant == 0)
                {
                    terms.Add(new PlanTerm(degree, rest[degree]));
                    rest = rest[..degree];
                    continue;
                }

                (double[] quotient, rest) = Divide(rest.AsSpan(0, degree + 1), giant);
                products.Add(new PlanProduct(giant, Build(quotient, depth - 1, Shift(symmetry, giant))));
            }

            terms.Reverse();
            return new PlanNode(depth, rest[0], terms, products);
        }

        private (double[] Quotient, double[] Remainder) Divide(ReadOnlySpan<double> coefficients, int giant) =>
            basis == PolynomialBasis.Chebyshev
                ? ChebyshevSeries.Divide(coefficients, giant)
                : (coefficients[giant..].ToArray(), coefficients[..giant].ToArray());

        private bool IsUsable(int power, int depth) => powers.IsAllowed[power] && PolynomialPlan.PowerDepth(power) < depth;

        private static int DegreeOf(double[] coefficients) => Math.Max(0, Array.FindLastIndex(coefficients, c => c != 0));

        private static int Align(int degree, PolynomialParity symmetry) => symmetry switch
        {
            PolynomialParity.Odd when degree % 2 == 0 => degree - 1,
            PolynomialParity.Even when degree % 2 != 0 => degree - 1,
            _ => degree,
        };

        private static PolynomialParity Shift(PolynomialParity symmetry, int power) => symmetry switch
        {
            PolynomialParity.Odd when power % 2 == 1 => PolynomialParity.Even,
            PolynomialParity.Even when power % 2 == 1 => PolynomialParity.Odd,
            _ => symmetry,
        };
    }
}
