using System.Buffers;
using Heann.Core.Ciphertexts;
using Heann.Core.Rings;

namespace Heann.Core.Evaluation;

/// <content>Sums of many terms, and the product with i.</content>
public sealed partial class CkksEvaluator
{
    private static readonly double[] ImaginaryUnit = [0, 1];

    /// <inheritdoc/>
    /// <remarks>d_0 = Σ x_0·y_0, d_1 = Σ (x_0·y_1 + x_1·y_0), d_2 = Σ x_1·y_1, each gathered in one pass with one reduction at its
    /// end.</remarks>
    protected override void TensorProductSumCore(ReadOnlySpan<Ciphertext> x, ReadOnlySpan<Ciphertext> y, Ciphertext destination)
    {
        int count = x.Length;
        if (count == 1)
        {
            TensorProductCore(x[0], y[0], destination);
            return;
        }

        LimbBlock[] rented = ArrayPool<LimbBlock>.Shared.Rent(4 * count);
        Span<LimbBlock> left = rented.AsSpan(0, 2 * count);
        Span<LimbBlock> right = rented.AsSpan(2 * count, 2 * count);
        for (int i = 0; i < count; i++)
        {
            // x_0 …, x_1 … and y_1 …, y_0 …: the halves give d_2 and d_0 crosswise, the whole gives d_1.
            (left[i], left[count + i]) = (x[i].Part(0), x[i].Part(1));
            (right[i], right[count + i]) = (y[i].Part(1), y[i].Part(0));
        }

        PartBlocks result = PartBlocks.Of(destination);
        _backend.MatrixProduct(right[count..], left[..count], result[..1]);
        _backend.MatrixProduct(right, left, result[1..2]);
        _backend.MatrixProduct(right[..count], left[count..], result[2..3]);
        ArrayPool<LimbBlock>.Shared.Return(rented, clearArray: true);
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
