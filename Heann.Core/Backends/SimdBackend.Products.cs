using System.Numerics;
using System.Runtime.CompilerServices;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <content>Matrix products. An item is a piece of one limb; in it a few columns at a time are kept in cache while the rows read
/// them.</content>
public sealed unsafe partial class SimdBackend
{
    // Rows, columns and chunks at a time: what the lists on the stack are made for (50 KiB).
    private const int SlabRows = 8;
    private const int SlabColumns = 64;
    private const int SlabChunks = 8;

    // Values of the columns in hand: 32 KiB.
    private const int SlabValues = 1 << 12;

    // Values of a stretch at least: what preparing a slab is worth.
    private const int SmallestStretch = 1 << 9;

    // Values of all columns over a stretch of a limb that more than a slab of rows read one after the other: 512 KiB, in the second cache.
    private const int StretchValues = 1 << 16;

    /// <inheritdoc/>
    protected override void MatrixProductCore(
        ReadOnlySpan<LimbBlock> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
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
            int shift = BitOperations.Log2((uint)(x[0].RingDegree / weightDegree));
            RunMatrix(new() { Weights = weights, Zeros = zeros, Shift = shift }, x, destination);
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
    protected override void IntegerMatrixProductCore(
        ReadOnlySpan<long> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination) =>
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
            if (!TryPiece(X[0].RingDegree, Pieces, item % Pieces, out int start, out int count))
            {
                return;
            }

            int limb = item / Pieces;
            if (Integers.IsEmpty)
            {
                RunStretch(limb, null, start, count);
                return;
            }

            double* centred = Backend._memory.Rent(Integers.Length);
            try
            {
                Modulus q = X[0].Basis[limb];
                for (int i = 0; i < Integers.Length; i++)
                {
                    centred[i] = q.Center(q.Reduce(Integers[i]));
                }

                int fitting = Math.Max(SmallestStretch, PowerOf2AtMost(StretchValues / X.Length));
                int stretch = Destination.Length > SlabRows ? Math.Min(count, fitting) : count;
                for (int k = start; k < start + count; k += stretch)
                {
                    RunStretch(limb, centred, k, stretch);
                }
            }
            finally
            {
                Backend._memory.Return(centred, Integers.Length);
            }
        }

        private readonly void RunStretch(int limb, double* centred, int start, int count)
        {
            for (int row = 0; row < Destination.Length; row += SlabRows)
            {
                for (int column = 0; column < X.Length; column += SlabColumns)
                {
                    RunSlab(limb, centred, row, column, start, count);
                }
            }
        }

        // Up to 8 rows and 64 columns over the piece, in chunks that keep the columns in the nearest cache.
        [SkipLocalsInit]
        private readonly void RunSlab(int limb, double* centred, int firstRow, int firstColumn, int start, int count)
        {
            Modulus q = X[0].Basis[limb];
            SimdKernels kernels = Backend.KernelsFor(X[0].RingDegree);
            int rows = Math.Min(SlabRows, Destination.Length - firstRow);
            int columns = Math.Min(SlabColumns, X.Length - firstColumn);
            double** operands = stackalloc double*[2 * SlabRows * SlabColumns];
            double** destination = stackalloc double*[SlabRows];
            SimdTile* tiles = stackalloc SimdTile[SlabRows];
            double bound = q.Value / 2 + 2;
            int fitting = (int)BitOperations.RoundUpToPowerOf2((uint)(SlabValues / columns));
            int step = Math.Min(count, Math.Max(SimdKernels.SmallestDegree, fitting));
            if (Weights.Length > 0 && 1 << Shift >= SimdKernels.SmallestDegree)
            {
                step = Math.Min(step, 1 << Shift);
            }

            SimdTile tile = new()
            {
                Shift = Shift, IsAdded = firstColumn > 0, Sum = new(bound, bound), IsScalar = 1L << Shift >= step, Count = step,
            };
            int tileCount = 0;
            for (int row = 0; row < rows; row += tile.Rows)
            {
                tile.Rows = Math.Min(kernels.MaxTileRows, 1 << BitOperations.Log2((uint)(rows - row)));
                tile.Operands = operands;
                tile.Destination = destination + row;
                for (int r = 0; r < tile.Rows; r++)
                {
                    destination[row + r] = Limb(Destination[firstRow + row + r], limb);
                }

                tile.Columns = FillTile(operands, centred, limb, firstRow + row, tile.Rows, firstColumn, columns);
                operands += tile.Columns * (tile.Rows + 1);
                tiles[tileCount++] = tile;
            }

            if (tile.IsScalar)
            {
                RunScalars(kernels, new(tiles, tileCount), start, count, q);
                return;
            }

            for (int k = start; k < start + count; k += step)
            {
                for (int t = 0; t < tileCount; t++)
                {
                    tiles[t].Start = k;
                    kernels.MatrixTile(tiles[t], q);
                }
            }
        }

        // Every weight is one number within a chunk. The weights of eight chunks are gathered at once, in the order in which the kernel
        // wants them: they lie in as many pages as there are weights, more than the first-level TLB holds.
        [SkipLocalsInit]
        private static void RunScalars(SimdKernels kernels, ReadOnlySpan<SimdTile> tiles, int start, int count, Modulus q)
        {
            double** gathered = stackalloc double*[2 * SlabRows * SlabColumns * SlabChunks];
            int step = tiles[0].Count;
            for (int first = start; first < start + count; first += SlabChunks * step)
            {
                int chunks = Math.Min(SlabChunks, (start + count - first) / step);
                int size = 0;
                foreach (SimdTile tile in tiles)
                {
                    Gather(tile, gathered + size, first, chunks);
                    size += chunks * tile.Columns * (tile.Rows + 1);
                }

                for (int chunk = 0; chunk < chunks; chunk++)
                {
                    double** next = gathered;
                    foreach (SimdTile tile in tiles)
                    {
                        SimdTile part = tile;
                        int length = tile.Columns * (tile.Rows + 1);
                        part.Operands = next + chunk * length;
                        part.Start = first + chunk * step;
                        kernels.MatrixTile(part, q);
                        next += chunks * length;
                    }
                }
            }
        }

        // The tile's operands for each chunk, weights as numbers.
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private static void Gather(in SimdTile tile, double** gathered, int first, int chunks)
        {
            int length = tile.Columns * (tile.Rows + 1);
            for (int i = 0; i < length; i++)
            {
                double* operand = tile.Operands[i];
                bool isColumn = i % (tile.Rows + 1) == 0;
                for (int chunk = 0; chunk < chunks; chunk++)
                {
                    gathered[chunk * length + i] = isColumn
                        ? operand
                        : (double*)(nint)BitConverter.DoubleToInt64Bits(operand[(first + chunk * tile.Count) >> tile.Shift]);
                }
            }
        }

        // The columns in which any of the rows has a weight; returns their number.
        private readonly int FillTile(
            double** operands, double* centred, int limb, int firstRow, int rows, int firstColumn, int columns)
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
                        operands[1 + r] = centred + index;
                        isUsed |= centred[index] != 0;
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
                    used++;
                }
            }

            return used;
        }
    }
}
