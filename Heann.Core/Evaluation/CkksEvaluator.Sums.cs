using System.Buffers;
using Heann.Core.Ciphertexts;
using Heann.Core.Rings;

namespace Heann.Core.Evaluation;

/// <content>Sums of many terms, and the product with i.</content>
public sealed partial class CkksEvaluator
{
    private static readonly double[] ImaginaryUnit = [0, 1];

    /// <inheritdoc/>
    /// <remarks>d_0 = Σ x_0·y_0, d_1 = Σ (x_0·y_1 + x_1·y_0), d_2 = Σ x_1·y_1, each gathered in one pass with one reduction at its end:
    /// matrix products whose weights are the left factors.</remarks>
    protected override void TensorProductSumsCore(
        ReadOnlySpan<Ciphertext> x, ReadOnlySpan<Ciphertext> y, ReadOnlySpan<Ciphertext> destinations)
    {
        (int rows, int columns) = (destinations.Length, y.Length);
        if (x.Length == 1)
        {
            TensorProductCore(x[0], y[0], destinations[0]);
            return;
        }

        LimbBlock[] rented = ArrayPool<LimbBlock>.Shared.Rent((2 * x.Length) + (2 * columns) + rows);
        Span<LimbBlock> weights = rented.AsSpan(0, 2 * x.Length);
        Span<LimbBlock> factors = rented.AsSpan(2 * x.Length, 2 * columns);
        Span<LimbBlock> results = rented.AsSpan((2 * x.Length) + (2 * columns), rows);
        try
        {
            for (int c = 0; c < columns; c++)
            {
                // y_1 …, then y_0 …: d_1 takes both halves, d_0 the second, d_2 the first.
                (factors[c], factors[columns + c]) = (y[c].Part(1), y[c].Part(0));
            }

            for (int i = 0; i < x.Length; i++)
            {
                // In every row x_0 …, then x_1 ….
                int start = (i / columns * 2 * columns) + (i % columns);
                (weights[start], weights[start + columns]) = (x[i].Part(0), x[i].Part(1));
            }

            ProductOfParts(weights, factors, destinations, 1, results);
            ProductOfParts(OnePart(x, 0, weights), factors[columns..], destinations, 0, results);
            ProductOfParts(OnePart(x, 1, weights), factors[..columns], destinations, 2, results);
        }
        finally
        {
            ArrayPool<LimbBlock>.Shared.Return(rented, clearArray: true);
        }
    }

    private static Span<LimbBlock> OnePart(ReadOnlySpan<Ciphertext> x, int part, Span<LimbBlock> blocks)
    {
        for (int i = 0; i < x.Length; i++)
        {
            blocks[i] = x[i].Part(part);
        }

        return blocks[..x.Length];
    }

    private void ProductOfParts(
        ReadOnlySpan<LimbBlock> weights, ReadOnlySpan<LimbBlock> factors, ReadOnlySpan<Ciphertext> destinations, int part, Span<LimbBlock> results)
    {
        for (int r = 0; r < results.Length; r++)
        {
            results[r] = destinations[r].Part(part);
        }

        _backend.MatrixProduct(weights, factors, results);
    }

    /// <inheritdoc/>
    protected override void MultiplyIntegerMatrixCore(
        ReadOnlySpan<long> weights, ReadOnlySpan<Ciphertext> x, ReadOnlySpan<Ciphertext> destinations)
    {
        LimbBlock[] columns = new LimbBlock[x.Length];
        LimbBlock[] rows = new LimbBlock[destinations.Length];
        for (int part = 0; part < x[0].PartCount; part++)
        {
            for (int c = 0; c < columns.Length; c++)
            {
                columns[c] = x[c].Part(part);
            }

            for (int r = 0; r < rows.Length; r++)
            {
                rows[r] = destinations[r].Part(part);
            }

            _backend.IntegerMatrixProduct(weights, columns, rows);
        }
    }

    /// <inheritdoc/>
    /// <remarks>i is X^(N/2), since ζ^(N/2) = i at every ζ = ψ^(5^j): a polynomial with two different values.</remarks>
    protected override void MultiplyImaginaryUnitCore(Ciphertext x, Ciphertext destination)
    {
        using ScratchPool.Scratch unit = _backend.Scratch.Rent(x.Basis.Subring(2));
        _backend.UploadIntegers(ImaginaryUnit, unit.Block);
        _backend.ForwardNtt([unit.Block]);
        LimbBlock factor = unit.Block;
        PartBlocks source = PartBlocks.Of(x), result = PartBlocks.Of(destination);
        ReadOnlySpan<LimbBlock> factors = [factor, factor, factor];
        _backend.Multiply(source[..x.PartCount], factors[..x.PartCount], result[..x.PartCount]);
    }
}
