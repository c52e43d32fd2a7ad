namespace Heann.Core.Evaluation;

/// <content>Sums of many terms, and the product with i.</content>
public sealed partial class ClearEvaluator
{
    /// <inheritdoc/>
    protected override void TensorProductSumCore(ReadOnlySpan<ClearValue> x, ReadOnlySpan<ClearValue> y, ClearValue destination)
    {
        TensorProductCore(x[0], y[0], destination);
        using ClearValue term = Allocate(destination.Level, destination.PartCount);
        for (int i = 1; i < x.Length; i++)
        {
            TensorProductCore(x[i], y[i], term);
            AddCore(destination, term, destination);
        }
    }

    /// <inheritdoc/>
    protected override void MultiplyIntegerMatrixCore(
        ReadOnlySpan<long> weights, ReadOnlySpan<ClearValue> x, ReadOnlySpan<ClearValue> destinations)
    {
        using ClearValue term = Allocate(x[0].Level, x[0].PartCount);
        for (int r = 0; r < destinations.Length; r++)
        {
            // The label has the scale of the result, so that its share Δ_w is known here.
            double weightScale = destinations[r].Scale.Value / x[0].Scale.Value;
            destinations[r].Real = new double[SlotCount];
            destinations[r].Imaginary = null;
            for (int c = 0; c < x.Length; c++)
            {
                double weight = weights[(r * x.Length) + c] / weightScale;
                term.Real = ClearArithmetic.Scale(x[c].Real, weight);
                term.Imaginary = x[c].Imaginary is { } imaginary ? ClearArithmetic.Scale(imaginary, weight) : null;
                AddCore(destinations[r], term, destinations[r]);
            }
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
