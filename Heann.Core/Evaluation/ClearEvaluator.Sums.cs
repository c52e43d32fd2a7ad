namespace Heann.Core.Evaluation;

/// <content>Sums of many terms, and the product with i.</content>
public sealed partial class ClearEvaluator
{
    /// <inheritdoc/>
    protected override void TensorProductSumsCore(
        ReadOnlySpan<ClearValue> x, ReadOnlySpan<ClearValue> y, ReadOnlySpan<ClearValue> destinations)
    {
        for (int r = 0; r < destinations.Length; r++)
        {
            ReadOnlySpan<ClearValue> row = x.Slice(r * y.Length, y.Length);
            TensorProductCore(row[0], y[0], destinations[r]);
            for (int i = 1; i < y.Length; i++)
            {
                AddProduct(row[i], y[i], destinations[r]);
            }
        }
    }

    // The sum's arrays are its own.
    private static void AddProduct(ClearValue x, ClearValue y, ClearValue sum)
    {
        if (sum.Imaginary is null && x.Imaginary is null && y.Imaginary is null)
        {
            ClearArithmetic.AddProduct(x.Real, y.Real, sum.Real);
            return;
        }

        (double[] real, double[]? imaginary) = ClearArithmetic.Multiply(x.Real, x.Imaginary, y.Real, y.Imaginary);
        sum.Real = ClearArithmetic.Add(sum.Real, real);
        sum.Imaginary = ClearArithmetic.AddOptional(sum.Imaginary, imaginary);
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
