using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <summary>Working memory of one key switch, shared by its items.</summary>
/// <remarks>
/// Digit d of α limbs, α &gt; 1: for each piece the y_i and v of its conversion, (α + 1)·N values, or with α = 2 the two halves of the lift;
/// of one limb: its centred coefficients. Limbs stand <see cref="Pitch"/> apart. An output is one part of one result: the special limbs in Coefficient form, and after them y_i and v of their conversion.
/// </remarks>
internal unsafe struct SimdSwitch
{
    /// <summary>Coefficients of x, limb after limb.</summary>
    public double* Coefficients;

    /// <summary>The digits.</summary>
    public double* Digits;

    /// <summary>The outputs.</summary>
    public double* Tails;

    /// <summary>Two for each result.</summary>
    public int Outputs;

    /// <summary>Whether the terms are added up to one result.</summary>
    public bool IsSum;

    // Nine lines.
    private const int Gap = 9 * SimdPages.Line / sizeof(double);

    /// <summary>Values from one limb to the next: limbs that lie a power of two apart compete for the same lines of every cache.</summary>
    public static int Pitch(KeySwitchPlan plan) => plan.Extended.RingDegree + Gap;

    /// <summary>Values of all digits.</summary>
    public static long DigitLength(KeySwitchPlan plan) => DigitOffset(plan, plan.DigitCount);

    /// <summary>Values of the two outputs of a result.</summary>
    public static long TailLength(KeySwitchPlan plan) => 2L * (2 * plan.Special.Count + 1) * Pitch(plan);

    /// <summary>The digit that has a limb.</summary>
    public static int DigitOf(KeySwitchPlan plan, int limb)
    {
        int digit = plan.DigitCount - 1;
        while (plan.Starts[digit] > limb)
        {
            digit--;
        }

        return digit;
    }

    /// <summary>The values of a digit.</summary>
    public readonly double* Digit(KeySwitchPlan plan, int digit) => Digits + DigitOffset(plan, digit);

    /// <summary>A special limb of an output.</summary>
    public readonly double* Tail(KeySwitchPlan plan, int output, int limb) => Output(plan, output) + (long)limb * Pitch(plan);

    /// <summary>y_i and v of an output.</summary>
    public readonly double* Lift(KeySwitchPlan plan, int output) => Tail(plan, output, plan.Special.Count);

    /// <summary>What a division subtracts of an output: its one special limb, or y_i and v.</summary>
    public readonly double* Remainder(KeySwitchPlan plan, int output) => plan.Special.Count == 1 ? Tail(plan, output, 0) : Lift(plan, output);

    private static long DigitOffset(KeySwitchPlan plan, int digit)
    {
        long offset = 0;
        for (int d = 0; d < digit; d++)
        {
            int sources = plan.Digits[d].Source.Count;
            offset += (long)(sources == 1 ? 1 : sources + 1) * Pitch(plan);
        }

        return offset;
    }

    private readonly double* Output(KeySwitchPlan plan, int output) => Tails + output * (TailLength(plan) / 2);
}
