using System.Numerics;
using System.Runtime.CompilerServices;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <content>Matrix products. An item is a piece of one limb; in it a few columns at a time are kept in cache while the rows read them.</content>
public sealed unsafe partial class SimdBackend
{
    // Columns at a time, rows at a time: what the operand lists on the stack are made for (36 KiB).
    private const int SlabColumns = 128;
    private const int SlabRows = 16;

    // Values of the columns in hand: 32 KiB.
    private const int SlabValues = 1 << 12;

    /// <inheritdoc/>
    protected override void MatrixProductCore(ReadOnlySpan<LimbBlock> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        int weightDegree = 0;
        bool hasZero = false;
        foreach (LimbBlock weight in weights)
        {
            hasZero |= weight.IsZero;
            weightDegree = weight.IsZero ? weightDegree : weight.RingDegree;
        }

        if (weightDegree == 0)
        {
            Clear(destination);
            return;
        }

        RequireOneDegree(weights, weightDegree);
        double* zeros = hasZero ? _memory.Rent(weightDegree) : null;
        try
        {
            new Span<double>(zeros, hasZero ? weightDegree : 0).Clear();
            RunMatrix(new() { Weights = weights, Zeros = zeros, Shift = BitOperations.Log2((uint)(x[0].RingDegree / weightDegree)) }, x, destination);
        }
        finally
        {
            if (hasZero)
            {
                _memory.Return(zeros, weightDegree);
            }
        }
    }

    /// <inheritdoc/>
    protected override void IntegerMatrixProductCore(ReadOnlySpan<long> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination) =>
        RunMatrix(new() { Integers = weights, Shift = 31 }, x, destination); // k >> 31 = 0: one value for all

    private static void RequireOneDegree(ReadOnlySpan<LimbBlock> weights, int degree)
    {
        foreach (LimbBlock weight in weights)
        {
            if (!weight.IsZero && weight.RingDegree != degree)
            {
                throw new ArgumentException($"Compact weights have one degree; got {degree} and {weight.RingDegree}.", nameof(weights));
            }
        }
    }

    private void RunMatrix(MatrixJob job, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        job.Backend = this;
        job.X = x;
        job.Destination = destination;
        job.Pieces = PiecesOf(x[0].LimbCount, x[0].RingDegree);
        Run(ref job, (long)x.Length * destination.Length * x[0].LimbCount * x[0].RingDegree);
    }

    // Weights are either blocks or integers.
    private ref struct MatrixJob : ISimdJob
    {
        public SimdBackend Backend;
        public ReadOnlySpan<LimbBlock> Weights;
        public ReadOnlySpan<long> Integers;
        public ReadOnlySpan<LimbBlock> X;
        public ReadOnlySpan<LimbBlock> Destination;
        public double* Zeros;
        public int Shift;
        public int Pieces;

        public readonly int Count => X[0].LimbCount * Pieces;

        public readonly void Run(int item)
        {
            if (TryPiece(X[0].RingDegree, Pieces, item % Pieces, out int start, out int count))
            {
                for (int row = 0; row < Destination.Length; row += SlabRows)
                {
                    for (int column = 0; column < X.Length; column += SlabColumns)
                    {
                        RunSlab(item / Pieces, row, column, start, count);
                    }
                }
            }
        }

        // Builds the tiles of up to 16 rows and 128 columns, then runs them over the piece, few values at a time.
        [SkipLocalsInit]
        private readonly void RunSlab(int limb, int firstRow, int firstColumn, int start, int count)
        {
            Modulus q = X[0].Basis[limb];
            int rows = Math.Min(SlabRows, Destination.Length - firstRow);
            int columns = Math.Min(SlabColumns, X.Length - firstColumn);
            double** operands = stackalloc double*[2 * SlabRows * SlabColumns];
            double** destination = stackalloc double*[SlabRows];
            double* scalars = stackalloc double[Integers.IsEmpty ? 1 : SlabRows * SlabColumns];
            SimdTile* tiles = stackalloc SimdTile[SlabRows];
            int tileCount = 0;
            double bound = q.Value / 2 + 2;
            SimdSum sum = new(bound, bound);
            for (int row = 0; row < rows;)
            {
                int tileRows = rows - row >= 4 ? 4 : rows - row >= 2 ? 2 : 1;
                for (int r = 0; r < tileRows; r++)
                {
                    destination[row + r] = Limb(Destination[firstRow + row + r], limb);
                }

                SimdTile tile = new()
                {
                    Rows = tileRows, Operands = operands, Destination = destination + row, Shift = Shift, IsAdded = firstColumn > 0, Sum = sum,
                };
                tile.Columns = FillTile(operands, scalars, limb, firstRow + row, tileRows, firstColumn, columns, q);
                operands += tile.Columns * (tileRows + 1);
                scalars += Integers.IsEmpty ? 0 : tile.Columns * tileRows;
                tiles[tileCount++] = tile;
                row += tileRows;
            }

            int step = Math.Min(count, Math.Max(SimdKernels.SmallestDegree, (int)BitOperations.RoundUpToPowerOf2((uint)(SlabValues / columns))));
            SimdKernels kernels = Backend.KernelsFor(X[0].RingDegree);
            for (int k = start; k < start + count; k += step)
            {
                for (int t = 0; t < tileCount; t++)
                {
                    tiles[t].Start = k;
                    tiles[t].Count = step;
                    kernels.MatrixTile(tiles[t], q);
                }
            }
        }

        // The columns in which any of the rows has a weight; returns their number.
        private readonly int FillTile(
            double** operands, double* scalars, int limb, int firstRow, int rows, int firstColumn, int columns, Modulus q)
        {
            int used = 0;
            for (int column = firstColumn; column < firstColumn + columns; column++)
            {
                bool isUsed = false;
                for (int r = 0; r < rows; r++)
                {
                    int index = (firstRow + r) * X.Length + column;
                    if (Weights.IsEmpty)
                    {
                        scalars[r] = q.Center(q.Reduce(Integers[index]));
                        operands[1 + r] = scalars + r;
                        isUsed |= scalars[r] != 0;
                    }
                    else
                    {
                        operands[1 + r] = Weights[index].IsZero ? Zeros : Limb(Weights[index], limb);
                        isUsed |= !Weights[index].IsZero;
                    }
                }

                if (isUsed)
                {
                    operands[0] = Limb(X[column], limb);
                    operands += rows + 1;
                    scalars += Weights.IsEmpty ? rows : 0;
                    used++;
                }
            }

            return used;
        }
    }
}
