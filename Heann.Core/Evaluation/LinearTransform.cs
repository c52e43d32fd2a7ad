using Heann.Core.Encoders;

namespace Heann.Core.Evaluation;

/// <summary>A linear map of the slots with its schedule: baby steps that share one decomposition, giant steps that share one key.</summary>
/// <remarks>
/// <para>With G baby steps, k = g·G + b and y = Σ_g rot_(gG)( Σ_b rot_(−gG)(d_k) · rot_b(x) ). The giant sums are gathered by Horner's rule
/// from the outermost inwards, g &gt; 0 with rotations by G and g &lt; 0 with rotations by −G, so the whole map needs the G + 1 keys
/// for 1 … G − 1, G and −G, however many diagonals it has; maps with the same G share them.</para>
/// <para>Cost: G − 1 hoisted rotations, one rotation per giant step, one product per diagonal. One level. Immutable, thread-safe.</para>
/// Source: Halevi, Shoup, "Faster Homomorphic Linear Transformations in HElib", eprint 2018/244.
/// </remarks>
public sealed class LinearTransform
{
    /// <summary>Schedules a map.</summary>
    /// <param name="matrix">The diagonals.</param>
    /// <param name="babyStepCount">G, a power of two; near the root of the number of diagonals costs least.</param>
    public LinearTransform(DiagonalMatrix matrix, int babyStepCount)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        if (babyStepCount < 1 || !System.Numerics.BitOperations.IsPow2(babyStepCount))
        {
            throw new ArgumentOutOfRangeException(nameof(babyStepCount), babyStepCount, $"The number of baby steps is a power of two; got {babyStepCount}.");
        }

        Matrix = matrix;
        BabyStepCount = babyStepCount;
        BabySteps = [.. matrix.Shifts.Select(k => k & (babyStepCount - 1)).Distinct().Order()];
        GiantSteps = [.. matrix.Shifts.Select(Giant).Distinct().Order()];
    }

    /// <summary>The diagonals.</summary>
    public DiagonalMatrix Matrix { get; }

    /// <summary>G.</summary>
    public int BabyStepCount { get; }

    /// <summary>The b that occur, ascending, 0 ≤ b &lt; G.</summary>
    public IReadOnlyList<int> BabySteps { get; }

    /// <summary>The g that occur, ascending; may be negative.</summary>
    public IReadOnlyList<int> GiantSteps { get; }

    /// <summary>The rotations for which keys are needed.</summary>
    public IEnumerable<int> Rotations
    {
        get
        {
            IEnumerable<int> giants = [.. GiantSteps[^1] > 0 ? [BabyStepCount] : Array.Empty<int>(), .. GiantSteps[0] < 0 ? [-BabyStepCount] : Array.Empty<int>()];
            return BabySteps.Where(b => b != 0).Concat(giants);
        }
    }

    /// <summary>The weight of giant step g and baby step b: rot_(−gG)(d_(gG+b)), or null if that diagonal is zero.</summary>
    public SlotVector? Weight(int giant, int baby)
    {
        int shift = (giant * BabyStepCount) + baby;
        return Matrix.Shifts.Contains(shift) ? Matrix.Shifted(shift, giant * BabyStepCount) : null;
    }

    private int Giant(int shift) => (shift - (shift & (BabyStepCount - 1))) / BabyStepCount;
}
