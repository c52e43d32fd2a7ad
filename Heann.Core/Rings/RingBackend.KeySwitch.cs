using Heann.Core.Arithmetic;

namespace Heann.Core.Rings;

/// <content>Hybrid key switching: digits → ModUp → inner product with the key → division by P.</content>
/// <remarks>
/// The compositions below are the definition; a backend fuses them. With x cut into digits x_d and extended to all primes (centred),
/// u = (Σ_d x_d·b_d, Σ_d x_d·a_d) and v = ⌊u / P⌉. Source: Han, Ki, eprint 2019/688; hoisting: Halevi, Shoup, eprint 2018/244.
/// </remarks>
public abstract partial class RingBackend
{
    /// <summary>Storage for the polynomials of a key-switching key; its entries are not yet set.</summary>
    /// <param name="kept">q_0 … q_ℓ of the highest level that it serves.</param>
    /// <param name="special">The special primes.</param>
    /// <param name="digitCount">dnum.</param>
    public virtual SwitchingMatrix CreateSwitchingMatrix(RnsBasis kept, RnsBasis special, int digitCount) =>
        new PolynomialSwitchingMatrix(this, kept, special, digitCount);

    /// <summary>For each term: (destination_0, destination_1) ← σ(addend + ⌊(Σ_d x_d·b_d, Σ_d x_d·a_d) / P⌉). x is decomposed once for all.</summary>
    /// <param name="plan">The constants for x's level.</param>
    /// <param name="x">The part to be switched, Evaluation form, over <see cref="KeySwitchPlan.Kept"/>.</param>
    /// <param name="terms">Keys and destinations. A destination may be x or an addend if there is one term only.</param>
    public void SwitchKeys(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms)
    {
        RequireTerms(plan, x, terms);
        SwitchKeysCore(plan, x, terms);
    }

    /// <summary>destination ← Σ over the terms of σ(addend + (Σ_d x_d·b_d, Σ_d x_d·a_d) / P), rounded once: one division for the whole sum.</summary>
    /// <param name="plan">The constants for x's level.</param>
    /// <param name="x">The part to be switched.</param>
    /// <param name="terms">At least one; all have the same destinations, which are not operands.</param>
    public void SumSwitchedKeys(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms)
    {
        ArgumentOutOfRangeException.ThrowIfZero(terms.Length, nameof(terms));
        RequireTerms(plan, x, terms);
        RequireOneDestination(terms);
        SumSwitchedKeysCore(plan, x, terms);
    }

    /// <inheritdoc cref="SwitchKeys"/>
    protected virtual void SwitchKeysCore(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms)
    {
        using RingBuffer digits = Decompose(plan, x);
        using RnsPolynomial u0 = new(this, plan.Extended, Domain.Evaluation), u1 = new(this, plan.Extended, Domain.Evaluation);
        using RnsPolynomial v0 = new(this, plan.Kept, Domain.Evaluation), v1 = new(this, plan.Kept, Domain.Evaluation);
        foreach (KeySwitchTerm term in terms)
        {
            InnerProduct(plan, digits, term.Key, u0, u1);
            Divide(plan.Division, [u0.Block, u1.Block], [v0.Block, v1.Block]);
            AddUnlessZero(v0.Block, term.Addend0);
            AddUnlessZero(v1.Block, term.Addend1);
            Automorphism(Domain.Evaluation, term.Element, [v0.Block, v1.Block], [term.Destination0, term.Destination1]);
        }
    }

    /// <inheritdoc cref="SumSwitchedKeys"/>
    protected virtual void SumSwitchedKeysCore(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms)
    {
        using RingBuffer digits = Decompose(plan, x);
        using RnsPolynomial u0 = new(this, plan.Extended, Domain.Evaluation), u1 = new(this, plan.Extended, Domain.Evaluation);
        using RnsPolynomial w0 = new(this, plan.Extended, Domain.Evaluation), w1 = new(this, plan.Extended, Domain.Evaluation);
        using RnsPolynomial sum0 = new(this, plan.Extended, Domain.Evaluation), sum1 = new(this, plan.Extended, Domain.Evaluation);
        Clear([sum0.Block, sum1.Block]);
        foreach (KeySwitchTerm term in terms)
        {
            // P·addend before the division is the addend after it, exactly.
            InnerProduct(plan, digits, term.Key, u0, u1);
            AddMultipleUnlessZero(u0.Prefix(plan.Kept), term.Addend0, plan.SpecialFactors);
            AddMultipleUnlessZero(u1.Prefix(plan.Kept), term.Addend1, plan.SpecialFactors);
            Automorphism(Domain.Evaluation, term.Element, [u0.Block, u1.Block], [w0.Block, w1.Block]);
            Add([sum0.Block, sum1.Block], [w0.Block, w1.Block], [sum0.Block, sum1.Block]);
        }

        Divide(plan.Division, [sum0.Block, sum1.Block], [terms[0].Destination0, terms[0].Destination1]);
    }

    // All digits over all primes, digit after digit.
    private RingBuffer Decompose(KeySwitchPlan plan, LimbBlock x)
    {
        RingBuffer digits = Allocate(plan.Extended.RingDegree, plan.DigitCount * plan.Extended.Count);
        using RnsPolynomial coefficients = new(this, plan.Kept, Domain.Coefficient);
        Copy([x], [coefficients.Block]);
        InverseNtt([coefficients.Block]);
        for (int d = 0; d < plan.DigitCount; d++)
        {
            BasisConversion conversion = plan.Digits[d];
            LimbBlock digit = coefficients.Slice(plan.Starts[d], conversion.Source);
            LimbBlock evaluations = new(x.Buffer, x.FirstLimb + plan.Starts[d], conversion.Source);
            ModUp(conversion, [digit], [evaluations], [new LimbBlock(digits, d * plan.Extended.Count, plan.Extended)]);
        }

        return digits;
    }

    // The key's limbs of Q_ℓ and of P stand apart when it serves a higher level than ℓ.
    private void InnerProduct(KeySwitchPlan plan, RingBuffer digits, SwitchingMatrix key, RnsPolynomial u0, RnsPolynomial u1)
    {
        PolynomialSwitchingMatrix polynomials = key as PolynomialSwitchingMatrix
            ?? throw new ArgumentException($"A key made by another backend cannot be used by '{Name}'; write it out and read it with this one.");
        Sum(plan, digits, polynomials, (plan.Kept, 0, 0), u0, u1);
        Sum(plan, digits, polynomials, (plan.Special, plan.Kept.Count, key.Kept.Count), u0, u1);
    }

    private void Sum(
        KeySwitchPlan plan,
        RingBuffer digits,
        PolynomialSwitchingMatrix key,
        (RnsBasis Basis, int First, int FirstOfKey) limbs,
        RnsPolynomial u0,
        RnsPolynomial u1)
    {
        int count = plan.DigitCount;
        LimbBlock[] x = new LimbBlock[count];
        LimbBlock[] weights = new LimbBlock[2 * count];
        for (int d = 0; d < count; d++)
        {
            x[d] = new(digits, d * plan.Extended.Count + limbs.First, limbs.Basis);
            weights[d] = key.Entry(0, d, limbs.FirstOfKey, limbs.Basis);
            weights[count + d] = key.Entry(1, d, limbs.FirstOfKey, limbs.Basis);
        }

        MatrixProduct(weights, x, [u0.Slice(limbs.First, limbs.Basis), u1.Slice(limbs.First, limbs.Basis)]);
    }

    private void AddUnlessZero(LimbBlock sum, LimbBlock addend)
    {
        if (!addend.IsZero)
        {
            Add([sum], [addend], [sum]);
        }
    }

    private void AddMultipleUnlessZero(LimbBlock sum, LimbBlock addend, ReadOnlySpan<ulong> factors)
    {
        if (!addend.IsZero)
        {
            MultiplyScalarAdd([addend], factors, [sum]);
        }
    }

    private static void RequireTerms(KeySwitchPlan plan, LimbBlock x, ReadOnlySpan<KeySwitchTerm> terms)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RequireBasis([x], plan.Kept);
        foreach (KeySwitchTerm term in terms)
        {
            RequireBasis([term.Destination0, term.Destination1], plan.Kept);
            RequireAddend(term.Addend0, plan.Kept);
            RequireAddend(term.Addend1, plan.Kept);
            RequireKey(plan, term.Key);
        }
    }

    private static void RequireOneDestination(ReadOnlySpan<KeySwitchTerm> terms)
    {
        for (int t = 1; t < terms.Length; t++)
        {
            if (!IsSame(terms[t].Destination0, terms[0].Destination0) || !IsSame(terms[t].Destination1, terms[0].Destination1))
            {
                throw new ArgumentException($"Terms 0 and {t} of one sum have different destinations; give both the same.", nameof(terms));
            }
        }
    }

    private static bool IsSame(LimbBlock x, LimbBlock y) => ReferenceEquals(x.Buffer, y.Buffer) && x.FirstLimb == y.FirstLimb;

    private static void RequireAddend(LimbBlock addend, RnsBasis basis)
    {
        if (!addend.IsZero)
        {
            RequireBasis([addend], basis);
        }
    }

    private static void RequireKey(KeySwitchPlan plan, SwitchingMatrix key)
    {
        ArgumentNullException.ThrowIfNull(key, "terms");
        if (key.DigitCount < plan.DigitCount || key.Kept.Count < plan.Kept.Count || key.Special.Count != plan.Special.Count)
        {
            throw new ArgumentException(
                $"A key of {key.DigitCount} digits, {key.Kept.Count} primes and {key.Special.Count} special ones does not serve a switch "
                + $"of {plan.DigitCount}, {plan.Kept.Count} and {plan.Special.Count}.");
        }

        for (int i = 0; i < plan.Extended.Count; i++)
        {
            Modulus q = i < plan.Kept.Count ? key.Kept[i] : key.Special[i - plan.Kept.Count];
            if (q.Value != plan.Extended[i].Value)
            {
                throw new ArgumentException($"The primes of limb {i} differ: {q} in the key and {plan.Extended[i]} in the plan.");
            }
        }
    }
}
