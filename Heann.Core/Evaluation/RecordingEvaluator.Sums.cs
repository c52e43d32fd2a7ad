namespace Heann.Core.Evaluation;

/// <content>Sums of many terms, and the product with i.</content>
public sealed partial class RecordingEvaluator
{
    /// <inheritdoc/>
    protected override void TensorProductSumsCore(
        ReadOnlySpan<RecordedValue> x, ReadOnlySpan<RecordedValue> y, ReadOnlySpan<RecordedValue> destinations)
    {
        ProductCount += x.Length;
        Passes(4 * x.Length, x[0].Level);
        Trace(RecordedOperation.SumOfProducts, destinations);
    }

    /// <inheritdoc/>
    protected override void MultiplyIntegerMatrixCore(
        ReadOnlySpan<long> weights, ReadOnlySpan<RecordedValue> x, ReadOnlySpan<RecordedValue> destinations)
    {
        // Short multiply-adds over columns that stay in the cache.
        IntegerProductCount += weights.Length;
        Passes((double)weights.Length * x[0].PartCount, x[0].Level, weight: 0.5);
        Trace("matrix product", destinations);
    }

    /// <inheritdoc/>
    protected override void MultiplyImaginaryUnitCore(RecordedValue x, RecordedValue destination)
    {
        Passes(x.PartCount, x.Level);
        Trace("multiplication by i", destination);
    }
}
