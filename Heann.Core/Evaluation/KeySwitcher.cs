using System.Collections.Concurrent;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Evaluation;

/// <summary>Hybrid key switching: digits → ModUp → inner product with the key → ModDown.</summary>
/// <remarks>
/// Digits are centred (the conversion is), which keeps their error 10 to 100 times below that of digits in [0, q).
/// Source: Han, Ki, eprint 2019/688; hoisting: Halevi, Shoup, eprint 2018/244. Thread-safe.
/// </remarks>
internal sealed class KeySwitcher(CkksParameters parameters, RingBackend backend)
{
    private readonly ConcurrentDictionary<(int KeyLevel, int Level), Plan> _plans = new();

    /// <summary>The digits of c (Evaluation form, level ℓ), each extended to q_0 … q_ℓ·P' in Evaluation form.</summary>
    public RnsPolynomial[] Decompose(LimbBlock c, KeySwitchLayout layout)
    {
        Plan plan = PlanFor(layout, c.LimbCount - 1);
        using RnsPolynomial coefficients = new(backend, c.Basis, Domain.Evaluation);
        backend.Copy([c], [coefficients.Block]);
        backend.InverseNtt([coefficients.Block]);
        RnsPolynomial[] digits = new RnsPolynomial[plan.Digits.Length];
        for (int d = 0; d < digits.Length; d++)
        {
            digits[d] = new(backend, plan.Extended, Domain.Evaluation);
            int start = plan.Digits[d].Start;
            LimbBlock evaluations = new(c.Buffer, c.FirstLimb + start, plan.Digits[d].Conversion.Source);
            backend.ModUp(plan.Digits[d].Conversion, [coefficients.Slice(start, plan.Digits[d].Conversion.Source)], [evaluations], [digits[d].Block]);
        }

        return digits;
    }

    /// <summary>(v_0, v_1) ← ⌊(Σ digit_d·b_d, Σ digit_d·a_d) / P'⌉ modulo q_0 … q_ℓ: a whole key switch from the digits on.</summary>
    public void Switch(ReadOnlySpan<RnsPolynomial> digits, KeySwitchingKey key, int level, ReadOnlySpan<LimbBlock> destinations)
    {
        using RnsPolynomial u0 = AllocateExtended(key.Layout, level);
        using RnsPolynomial u1 = AllocateExtended(key.Layout, level);
        InnerProduct(digits, key, level, u0, u1);
        ModDown(key.Layout, level, [u0.Block, u1.Block], destinations);
    }

    /// <summary>(u_0, u_1) ← (Σ digit_d·b_d, Σ digit_d·a_d) modulo q_0 … q_ℓ·P'.</summary>
    public void InnerProduct(ReadOnlySpan<RnsPolynomial> digits, KeySwitchingKey key, int level, RnsPolynomial u0, RnsPolynomial u1)
    {
        Plan plan = PlanFor(key.Layout, level);

        // The key's limbs of Q_ℓ and of P' stand apart when it serves a higher level than ℓ.
        Sum(digits, key, plan.Kept, 0, 0, u0, u1);
        Sum(digits, key, key.Layout.BasisP, level + 1, key.Layout.Level + 1, u0, u1);
    }

    /// <summary>destinations ← ⌊u / P'⌉.</summary>
    public void ModDown(KeySwitchLayout layout, int level, ReadOnlySpan<LimbBlock> u, ReadOnlySpan<LimbBlock> destinations) =>
        backend.Divide(PlanFor(layout, level).Division, u, destinations);

    /// <summary>A polynomial modulo q_0 … q_ℓ·P', uninitialised.</summary>
    public RnsPolynomial AllocateExtended(KeySwitchLayout layout, int level) => new(backend, PlanFor(layout, level).Extended, Domain.Evaluation);

    private void Sum(
        ReadOnlySpan<RnsPolynomial> digits, KeySwitchingKey key, RnsBasis basis, int firstLimb, int firstKeyLimb, RnsPolynomial u0, RnsPolynomial u1)
    {
        int count = digits.Length;
        LimbBlock[] x = new LimbBlock[count];
        LimbBlock[] weights = new LimbBlock[2 * count];
        for (int d = 0; d < count; d++)
        {
            x[d] = digits[d].Slice(firstLimb, basis);
            weights[d] = key.B[d].Slice(firstKeyLimb, basis);
            weights[count + d] = key.A[d].Slice(firstKeyLimb, basis);
        }

        backend.MatrixProduct(weights, x, [u0.Slice(firstLimb, basis), u1.Slice(firstLimb, basis)]);
    }

    private Plan PlanFor(KeySwitchLayout layout, int level) => _plans.GetOrAdd((layout.Level, level), _ => new Plan(parameters, layout, level));

    private sealed class Plan
    {
        public Plan(CkksParameters parameters, KeySwitchLayout layout, int level)
        {
            Kept = parameters.BasisAt(level);
            Extended = level == layout.Level ? layout.Basis : Kept.Concat(layout.BasisP);
            Division = new(Kept, layout.BasisP);
            Digits = [.. layout.DigitsAt(level).Select(d => (d.Start.Value, new BasisConversion(Kept.Slice(d.Start.Value, d.End.Value - d.Start.Value), Extended)))];
        }

        public RnsBasis Kept { get; }

        public RnsBasis Extended { get; }

        public LimbDivision Division { get; }

        public (int Start, BasisConversion Conversion)[] Digits { get; }
    }
}
