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
public sealed partial class ClearEvaluator(CkksParameters parameters, bool usesExactFunctions = false)
    : CircuitEvaluator<ClearValue>(parameters)
{
    /// <summary>A value with the given slots at a level and a scale, as if it had been encrypted and could be evaluated.</summary>
    public ClearValue Create(SlotVector slots, int? level = null, Scale? scale = null, double magnitude = 1)
    {
        ArgumentNullException.ThrowIfNull(slots);
        ClearValue value = Allocate(level ?? Parameters.MaxLevel);
        Label(value, value.Level, 2, scale ?? Parameters.DefaultScale, Estimator.FreshSecretKey(magnitude));
        (value.Real, value.Imaginary) = ClearArithmetic.Expand(slots, SlotCount);
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

        destination.Real = [.. x.Real.Select(function)];
        destination.Imaginary = null;
        return true;
    }

    /// <inheritdoc/>
    public override bool TryApplyExactly(ClearValue x, ClearValue y, Func<double, double, double> function, ClearValue destination)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (!usesExactFunctions)
        {
            return false;
        }

        destination.Real = [.. x.Real.Zip(y.Real, function)];
        destination.Imaginary = null;
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
        if (x.SlotCount != SlotCount)
        {
            Throw.ForeignParameters($"{x.SlotCount} slots", $"{SlotCount} slots");
        }
    }

    /// <inheritdoc/>
    protected override void Move(ClearValue temporary, ClearValue destination) => CopyCore(temporary, destination);

    /// <inheritdoc/>
    protected override void AddCore(ClearValue x, ClearValue y, ClearValue destination)
    {
        destination.Real = ClearArithmetic.Add(x.Real, y.Real);
        destination.Imaginary = ClearArithmetic.AddOptional(x.Imaginary, y.Imaginary);
    }

    /// <inheritdoc/>
    protected override void SubtractCore(ClearValue x, ClearValue y, ClearValue destination)
    {
        destination.Real = ClearArithmetic.Add(x.Real, ClearArithmetic.Scale(y.Real, -1));
        destination.Imaginary = ClearArithmetic.AddOptional(x.Imaginary, y.Imaginary is null ? null : ClearArithmetic.Scale(y.Imaginary, -1));
    }

    /// <inheritdoc/>
    protected override void NegateCore(ClearValue x, ClearValue destination) => MultiplyIntegerCore(x, -1, destination);

    /// <inheritdoc/>
    protected override void AddPlainCore(ClearValue x, SlotVector values, ClearValue destination)
    {
        (double[] real, double[]? imaginary) = ClearArithmetic.Expand(values, SlotCount);
        destination.Real = ClearArithmetic.Add(x.Real, real);
        destination.Imaginary = ClearArithmetic.AddOptional(x.Imaginary, imaginary);
    }

    /// <inheritdoc/>
    protected override void MultiplyPlainCore(ClearValue x, SlotVector values, Scale scale, ClearValue destination)
    {
        (double[] real, double[]? imaginary) = ClearArithmetic.Expand(values, SlotCount);
        (destination.Real, destination.Imaginary) = ClearArithmetic.Multiply(x.Real, x.Imaginary, real, imaginary);
    }

    /// <inheritdoc/>
    protected override void MultiplyIntegerCore(ClearValue x, long weight, ClearValue destination)
    {
        destination.Real = ClearArithmetic.Scale(x.Real, weight);
        destination.Imaginary = x.Imaginary is null ? null : ClearArithmetic.Scale(x.Imaginary, weight);
    }

    /// <inheritdoc/>
    protected override void TensorProductCore(ClearValue x, ClearValue y, ClearValue destination) =>
        (destination.Real, destination.Imaginary) = ClearArithmetic.Multiply(x.Real, x.Imaginary, y.Real, y.Imaginary);

    /// <inheritdoc/>
    protected override void RelinearizeCore(ClearValue x, ClearValue destination) => CopyCore(x, destination);

    /// <inheritdoc/>
    protected override void RescaleCore(ClearValue x, ClearValue destination) => CopyCore(x, destination);

    /// <inheritdoc/>
    /// <remarks>Arrays are never written once a value has them, so copies share them.</remarks>
    protected override void CopyCore(ClearValue x, ClearValue destination) =>
        (destination.Real, destination.Imaginary) = (x.Real, x.Imaginary);

    /// <inheritdoc/>
    protected override KeySwitchLayout RelinearizationLayout(int level) => Parameters.KeySwitchLayoutAt(level);

    /// <inheritdoc/>
    protected override KeySwitchLayout GaloisLayout(GaloisElement element, int level) => Parameters.KeySwitchLayoutAt(level);

    /// <inheritdoc/>
    protected override void ApplyCore(ClearValue x, GaloisElement element, ClearValue destination)
    {
        destination.Real = ClearArithmetic.Rotate(x.Real, element.RotationSteps);
        double[]? imaginary = x.Imaginary is null ? null : ClearArithmetic.Rotate(x.Imaginary, element.RotationSteps);
        destination.Imaginary = imaginary is null || !element.IsConjugation ? imaginary : ClearArithmetic.Scale(imaginary, -1);
    }

    /// <inheritdoc/>
    protected override void RotateManyCore(ClearValue x, ReadOnlySpan<GaloisElement> elements, ReadOnlySpan<ClearValue> destinations)
    {
        for (int i = 0; i < elements.Length; i++)
        {
            ApplyCore(x, elements[i], destinations[i]);
        }
    }

    /// <inheritdoc/>
    protected override void RotateSumCore(ClearValue x, GaloisElement[] elements, ClearValue destination)
    {
        using ClearValue term = Allocate(x.Level);
        using ClearValue sum = Allocate(x.Level);
        foreach (GaloisElement element in elements)
        {
            ApplyCore(x, element, term);
            AddCore(sum, term, sum);
        }

        CopyCore(sum, destination);
    }

    /// <inheritdoc/>
    protected override void TransformCore(ClearValue[] x, LinearTransform[,] transforms, Scale scale, ClearValue[] destinations)
    {
        for (int o = 0; o < destinations.Length; o++)
        {
            double[] real = new double[SlotCount], imaginary = new double[SlotCount];
            bool isReal = true;
            for (int i = 0; i < x.Length; i++)
            {
                DiagonalMatrix matrix = transforms[o, i].Matrix;
                isReal &= matrix.IsReal && x[i].Imaginary is null;
                ClearArithmetic.AddTransform(matrix.Shifts, matrix.Diagonal, x[i].Real, real);
                ClearArithmetic.AddTransform(matrix.Shifts, matrix.ImaginaryDiagonal, x[i].Real, imaginary);
                if (x[i].Imaginary is { } part)
                {
                    ClearArithmetic.AddTransform(matrix.Shifts, matrix.Diagonal, part, imaginary);
                    ClearArithmetic.AddTransform(matrix.Shifts, matrix.ImaginaryDiagonal, ClearArithmetic.Scale(part, -1), real);
                }
            }

            (destinations[o].Real, destinations[o].Imaginary) = (real, isReal ? null : imaginary);
        }
    }
}
