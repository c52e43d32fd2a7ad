using System.Numerics;
using Heann.Core.Encoders;
using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Evaluation;

/// <summary>The clear twin: runs a circuit on the slots in double precision, under the same laws of level and scale, without any error of encryption.</summary>
/// <remarks>
/// The difference between a decrypted result and the twin's is the error of CKKS; the difference between the twin with polynomials and the
/// twin with exact functions is the error of the approximations. Thread-safe.
/// </remarks>
/// <param name="parameters">The parameters that the ciphertexts would have.</param>
/// <param name="usesExactFunctions">Whether a function that ciphertexts see as a polynomial is computed exactly instead.</param>
public sealed class ClearEvaluator(CkksParameters parameters, bool usesExactFunctions = false) : CircuitEvaluator<ClearValue>(parameters)
{
    /// <summary>Whether functions are computed exactly rather than by their polynomials.</summary>
    public bool UsesExactFunctions => usesExactFunctions;

    /// <summary>A value with the given slots at a level and a scale, as if it had been encrypted and could be evaluated.</summary>
    public ClearValue Create(SlotVector slots, int? level = null, Scale? scale = null, double magnitude = 1)
    {
        ArgumentNullException.ThrowIfNull(slots);
        ClearValue value = Allocate(level ?? Parameters.MaxLevel);
        Label(value, value.Level, 2, scale ?? Parameters.DefaultScale, Estimator.FreshSecretKey(magnitude));
        for (int i = 0; i < SlotCount; i++)
        {
            value.Values[i] = slots[i];
        }

        return value;
    }

    /// <inheritdoc/>
    public override ClearValue Allocate(int level, int partCount = 2)
    {
        Parameters.RequireLevel(level, nameof(level));
        return new(level, partCount, Parameters.DefaultScale, SlotCount);
    }

    /// <inheritdoc/>
    public override bool TryApplyExactly(ClearValue x, Func<double, double> function, ClearValue destination)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (!usesExactFunctions)
        {
            return false;
        }

        Map(destination, i => function(x.Values[i].Real));
        return true;
    }

    /// <inheritdoc/>
    protected override void Label(ClearValue destination, int level, int partCount, Scale scale, NoiseEstimate noise) =>
        (destination.Level, destination.PartCount, destination.Scale, destination.Noise) = (level, partCount, scale, noise);

    /// <inheritdoc/>
    protected override void Declare(ClearValue x, NoiseEstimate noise) => x.Noise = noise;

    /// <inheritdoc/>
    protected override void RequireDestination(ClearValue destination) => RequireOwn(destination);

    /// <inheritdoc/>
    protected override void RequireOwn(ClearValue x)
    {
        if (x.Values.Length != SlotCount)
        {
            Throw.ForeignParameters($"{x.Values.Length} slots", $"{SlotCount} slots");
        }
    }

    /// <inheritdoc/>
    protected override void Move(ClearValue temporary, ClearValue destination) => destination.Values = temporary.Values;

    /// <inheritdoc/>
    protected override void AddCore(ClearValue x, ClearValue y, ClearValue destination) => Map(destination, i => x.Values[i] + y.Values[i]);

    /// <inheritdoc/>
    protected override void SubtractCore(ClearValue x, ClearValue y, ClearValue destination) => Map(destination, i => x.Values[i] - y.Values[i]);

    /// <inheritdoc/>
    protected override void NegateCore(ClearValue x, ClearValue destination) => Map(destination, i => -x.Values[i]);

    /// <inheritdoc/>
    protected override void AddPlainCore(ClearValue x, SlotVector values, ClearValue destination) => Map(destination, i => x.Values[i] + values[i]);

    /// <inheritdoc/>
    protected override void MultiplyPlainCore(ClearValue x, SlotVector values, Scale scale, ClearValue destination) =>
        Map(destination, i => x.Values[i] * values[i]);

    /// <inheritdoc/>
    protected override void MultiplyIntegerCore(ClearValue x, long weight, ClearValue destination) => Map(destination, i => x.Values[i] * weight);

    /// <inheritdoc/>
    protected override void TensorProductCore(ClearValue x, ClearValue y, ClearValue destination) => Map(destination, i => x.Values[i] * y.Values[i]);

    /// <inheritdoc/>
    protected override void RelinearizeCore(ClearValue x, ClearValue destination) => CopyCore(x, destination);

    /// <inheritdoc/>
    protected override void RescaleCore(ClearValue x, ClearValue destination) => CopyCore(x, destination);

    /// <inheritdoc/>
    protected override void CopyCore(ClearValue x, ClearValue destination) => x.Values.CopyTo(destination.Values, 0);

    /// <inheritdoc/>
    protected override KeySwitchLayout RelinearizationLayout(int level) => Parameters.KeySwitchLayoutAt(level);

    /// <inheritdoc/>
    protected override KeySwitchLayout GaloisLayout(GaloisElement element, int level) => Parameters.KeySwitchLayoutAt(level);

    /// <inheritdoc/>
    protected override void ApplyCore(ClearValue x, GaloisElement element, ClearValue destination) => Map(destination, i => Permuted(x, element, i));

    /// <inheritdoc/>
    protected override void RotateManyCore(ClearValue x, GaloisElement[] elements, ClearValue[] destinations)
    {
        for (int i = 0; i < elements.Length; i++)
        {
            ApplyCore(x, elements[i], destinations[i]);
        }
    }

    /// <inheritdoc/>
    protected override void RotateSumCore(ClearValue x, GaloisElement[] elements, ClearValue destination) =>
        Map(destination, i => elements.Aggregate(Complex.Zero, (sum, element) => sum + Permuted(x, element, i)));

    /// <inheritdoc/>
    protected override void TransformCore(ClearValue x, LinearTransform transform, Scale scale, ClearValue destination)
    {
        int mask = SlotCount - 1;
        int periodMask = transform.Matrix.Period - 1;
        Complex[] sums = new Complex[SlotCount];
        foreach (int shift in transform.Matrix.Shifts)
        {
            ReadOnlySpan<double> diagonal = transform.Matrix.Diagonal(shift);
            for (int j = 0; j < sums.Length; j++)
            {
                sums[j] += diagonal[j & periodMask] * x.Values[(j + shift) & mask];
            }
        }

        destination.Values = sums;
    }

    private static void Map(ClearValue destination, Func<int, Complex> f)
    {
        for (int i = 0; i < destination.Values.Length; i++)
        {
            destination.Values[i] = f(i);
        }
    }

    private Complex Permuted(ClearValue x, GaloisElement element, int slot)
    {
        Complex value = x.Values[(slot + element.RotationSteps) & (SlotCount - 1)];
        return element.IsConjugation ? Complex.Conjugate(value) : value;
    }
}
