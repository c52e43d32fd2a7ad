namespace Heann.Core.Evaluation;

/// <content>Sums of many terms, and the product with i.</content>
public sealed partial class ClearEvaluator
{
    /// <inheritdoc/>
    protected override void TensorProductSumCore(ReadOnlySpan<ClearValue> x, ReadOnlySpan<ClearValue> y, ClearValue destination)
    {
        TensorProductCore(x[0], y[0], destination);
        for (int i = 1; i < x.Length; i++)
        {
            if (destination.Imaginary is null && x[i].Imaginary is null && y[i].Imaginary is null)
            {
                ClearArithmetic.AddProduct(x[i].Real, y[i].Real, destination.Real);
                continue;
            }

            (double[] real, double[]? imaginary) = ClearArithmetic.Multiply(x[i].Real, x[i].Imaginary, y[i].Real, y[i].Imaginary);
            destination.Real = ClearArithmetic.Add(destination.Real, real);
            destination.Imaginary = ClearArithmetic.AddOptional(destination.Imaginary, imaginary);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The sums are gathered in arrays of their own.</remarks>
    protected override void MultiplyIntegerMatrixCore(
        ReadOnlySpan<long> weights, ReadOnlySpan<ClearValue> x, ReadOnlySpan<ClearValue> destinations)
    {
        for (int r = 0; r < destinations.Length; r++)
        {
            double[] real = new double[SlotCount];
            double[]? imaginary = null;
            for (int c = 0; c < x.Length; c++)
            {
                // The label has the scale of the result, so that its share Δ_(w,c) is known here.
                double weight = weights[(r * x.Length) + c] * (x[c].Scale.Value / destinations[r].Scale.Value);
                ClearArithmetic.AddMultiple(x[c].Real, weight, real);
                if (x[c].Imaginary is { } part)
                {
                    ClearArithmetic.AddMultiple(part, weight, imaginary ??= new double[SlotCount]);
                }
            }

            (destinations[r].Real, destinations[r].Imaginary) = (real, imaginary);
        }
    }

    /// <inheritdoc/>
    protected override void MultiplyImaginaryUnitCore(ClearValue x, ClearValue destination) =>
        (destination.Real, destination.Imaginary) =
            (x.Imaginary is { } imaginary ? ClearArithmetic.Scale(imaginary, -1) : new double[SlotCount], x.Real);

    private protected override void HalveCore(ClearValue x)
    {
        x.Real = ClearArithmetic.Scale(x.Real, 0.5);
        x.Imaginary = x.Imaginary is { } imaginary ? ClearArithmetic.Scale(imaginary, 0.5) : null;
    }
}
