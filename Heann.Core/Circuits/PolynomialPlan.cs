using System.Numerics;

namespace Heann.Core.Circuits;

/// <summary>How to evaluate a polynomial of degree d on a ciphertext in ⌈log2(d + 1)⌉ levels, constants included, with few key
/// switches: Paterson–Stockmeyer in either basis, as data.</summary>
/// <remarks>
/// <para><b>Depth.</b> The variable t stands at depth 0; a power T_k (or x^k; T_k below means either) costs only products and stands
/// at depth ⌈log2 k⌉. A node c_0 + Σ c_k·T_k + Σ q_j·T_(g_j) of depth D takes every operand at depth D − 1, adds all products before
/// one common rescaling, and stands at depth D. So a product with a plaintext constant costs the same one level as a product of
/// ciphertexts and shares it with those beside it. Claim: degree d ≤ 2^D − 1 fits depth D. Let g be the largest power of two ≤ d, so g
/// ≤ 2^(D−1) and T_g stands at depth ≤ D − 1. Divide p = q·T_g + r: deg q = d − g ≤ 2^(D−1) − 1 fits a node of depth D − 1 by
/// induction (a constant q is a term of this node); r, of degree below g, is expanded in the <i>same</i> node, as terms while their
/// powers stand at depth ≤ D − 1, else divided again. Degree 1 is one term: depth 1. Hence <see cref="MinimalDepth"/> = ⌈log2(d + 1)⌉:
/// degree 2 or 3 in 2 levels, 7 in 3, 15 in 4.</para>
/// <para><b>Scales</b> run backwards from the scale Δ asked of the root. With q the prime by which the node rescales and s_k the scale
/// T_k happens to have, a coefficient is encoded at Δ·q/s_k, the constant at Δ·q, and a quotient is asked for at scale Δ·q/s_g: all
/// terms meet at exactly Δ·q and the result has exactly scale Δ. Powers take the scale their product has; dropping a level changes no
/// scale.</para>
/// <para><b>Choice.</b> Splits are chosen by dynamic programming over (degree, depth, parity) for several sets of baby powers and
/// giants g·2^j, minimising 10 per key switch, 2 per rescaling, 1 per ciphertext product (a key switch dominates by far). Odd and even
/// polynomials take only odd or even terms; c_0 belongs to the root and does not count as breaking
/// oddness.</para>
/// <para>Immutable, thread-safe. Sources: Paterson and Stockmeyer, SIAM J. Comput. 2 (1973) 60; the Chebyshev form as in Chen,
/// Chillotti and Song, eprint 2018/1043.</para>
/// </remarks>
public sealed class PolynomialPlan
{
    internal PolynomialPlan(PolynomialBasis basis, int degree, IReadOnlyList<PowerStep> powers, PlanNode root)
    {
        (Basis, Degree, Powers, Root) = (basis, degree, powers, root);
        (NodeCount, RelinearizationCount, ProductCount, ConstantProductCount) = Count(root);
        RelinearizationCount += powers.Count;
        ProductCount += powers.Count;
    }

    /// <summary>What the coefficients multiply: x^k, or T_k of the variable t = αx + β that the caller supplies.</summary>
    public PolynomialBasis Basis { get; }

    /// <summary>d ≥ 1.</summary>
    public int Degree { get; }

    /// <summary>Levels from the variable to the result, constants included.</summary>
    public int Depth => Root.Depth;

    /// <summary>The powers of index ≥ 2 to compute, ascending: each is made of earlier ones.</summary>
    public IReadOnlyList<PowerStep> Powers { get; }

    /// <summary>The node whose value is p.</summary>
    public PlanNode Root { get; }

    /// <summary>Nodes; one rescaling each.</summary>
    public int NodeCount { get; }

    /// <summary>Relinearisations, that is key switches: one per power and one per node that has products.</summary>
    public int RelinearizationCount { get; }

    /// <summary>Products of two ciphertexts, squarings included.</summary>
    public int ProductCount { get; }

    /// <summary>Products of a ciphertext and a plaintext constant, without those that subtract T_|a−b|.</summary>
    public int ConstantProductCount { get; }

    /// <summary>Rescalings: one per power and one per node.</summary>
    public int RescaleCount => Powers.Count + NodeCount;

    /// <summary>⌈log2(d + 1)⌉, the least depth of a plan for degree d.</summary>
    /// <param name="degree">d ≥ 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">d &lt; 1.</exception>
    public static int MinimalDepth(int degree)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degree, 1);
        return BitOperations.Log2((uint)degree) + 1;
    }

    /// <summary>⌈log2 k⌉, the depth of x^k or T_k.</summary>
    /// <param name="power">k ≥ 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">k &lt; 1.</exception>
    public static int PowerDepth(int power)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(power, 1);
        return power == 1 ? 0 : BitOperations.Log2((uint)power - 1) + 1;
    }

    /// <summary>Plans a polynomial.</summary>
    /// <param name="polynomial">Degree 1 to 1023.</param>
    /// <param name="depth">Levels to use, at least <see cref="MinimalDepth"/> and at most 16; 0 means the least. More levels can
    /// save key switches.</param>
    /// <returns>The cheapest plan found.</returns>
    /// <exception cref="ArgumentException">The polynomial is constant, or the depth is out of its range.</exception>
    public static PolynomialPlan Create(ApproximationPolynomial polynomial, int depth = 0)
    {
        ArgumentNullException.ThrowIfNull(polynomial);
        if (polynomial.Degree < 1)
        {
            throw new ArgumentException("A constant polynomial needs no plan: encode the constant.", nameof(polynomial));
        }

        int minimum = MinimalDepth(polynomial.Degree);
        depth = depth == 0 ? minimum : depth;
        if (depth < minimum || depth > 16)
        {
            throw new ArgumentOutOfRangeException(
                nameof(depth), depth, $"Degree {polynomial.Degree} needs a depth of {minimum} to 16 levels.");
        }

        return PolynomialPlanner.Plan(polynomial.Basis, polynomial.Coefficients, depth);
    }

    /// <summary>Evaluates p on a value, quotients before the nodes that need them; every value made on the way is released, also
    /// when an operation throws.</summary>
    /// <param name="variable">t at depth 0: x itself, or its image αx + β in [−1, 1] in the Chebyshev basis. Borrowed.</param>
    /// <param name="scale">The scale asked of the result.</param>
    /// <param name="arithmetic">The operations.</param>
    /// <returns>p at depth <see cref="Depth"/>; owned by the caller.</returns>
    public TValue Evaluate<TValue, TScale>(TValue variable, TScale scale, IPolynomialArithmetic<TValue, TScale> arithmetic)
    {
        ArgumentNullException.ThrowIfNull(arithmetic);
        Dictionary<int, TValue> powers = new() { [1] = variable };
        try
        {
            foreach (PowerStep step in Powers)
            {
                TValue? difference = step.Difference >= 1 ? powers[step.Difference] : default;
                powers[step.Index] = arithmetic.MakePower(step, powers[step.Left], powers[step.Right], difference);
            }

            return Evaluate(Root, scale, powers, arithmetic);
        }
        finally
        {
            powers.Remove(1);
            foreach (TValue power in powers.Values)
            {
                arithmetic.Release(power);
            }
        }
    }

    private static TValue Evaluate<TValue, TScale>(
        PlanNode node, TScale scale, Dictionary<int, TValue> powers, IPolynomialArithmetic<TValue, TScale> arithmetic)
    {
        List<(TValue Quotient, TValue Power)> products = [];
        try
        {
            foreach (PlanProduct product in node.Products)
            {
                TValue power = powers[product.Power];
                TScale quotientScale = arithmetic.QuotientScale(node.Depth, scale, power);
                products.Add((Evaluate(product.Quotient, quotientScale, powers, arithmetic), power));
            }

            (double, TValue)[] terms = [.. node.Terms.Select(term => (term.Coefficient, powers[term.Power]))];
            return arithmetic.Combine(node.Depth, scale, node.Constant, terms, products);
        }
        finally
        {
            foreach ((TValue quotient, _) in products)
            {
                arithmetic.Release(quotient);
            }
        }
    }

    private static (int Nodes, int Relinearizations, int Products, int ConstantProducts) Count(PlanNode node)
    {
        (int Nodes, int Relinearizations, int Products, int ConstantProducts) sum =
            (1, node.Products.Count > 0 ? 1 : 0, node.Products.Count, node.Terms.Count);
        foreach (PlanProduct product in node.Products)
        {
            var inner = Count(product.Quotient);
            sum = (sum.Nodes + inner.Nodes, sum.Relinearizations + inner.Relinearizations,
                sum.Products + inner.Products, sum.ConstantProducts + inner.ConstantProducts);
        }

        return sum;
    }
}
