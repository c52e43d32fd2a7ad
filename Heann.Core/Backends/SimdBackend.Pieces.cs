using System.Numerics;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <content>How calls are cut into items.</content>
public sealed unsafe partial class SimdBackend
{
    // Values below which a call is not worth waking or waiting for another thread: about 5 microseconds of work.
    private const long SmallCall = 1 << 14;

    // Values of a piece of a limb, at least, where there are fewer limbs than threads would like.
    private const int SmallestPiece = 1 << 12;

    // Runs the job on all threads, or here if its blocks hold few values.
    private void Run<TJob>(ref TJob job, long values)
        where TJob : struct, ISimdJob, allows ref struct
    {
        if (values >= SmallCall)
        {
            _workers.Run(ref job);
            return;
        }

        for (int i = 0; i < job.Count; i++)
        {
            job.Run(i);
        }
    }

    // Pieces of each limb, a power of two: enough items that no thread waits long for the last one.
    private int PiecesOf(int limbCount, int degree)
    {
        if (ThreadCount == 1 || limbCount == 0)
        {
            return 1;
        }

        int wanted = (4 * ThreadCount + limbCount - 1) / limbCount;
        int possible = Math.Max(1, degree / SmallestPiece);
        return Math.Min((int)BitOperations.RoundUpToPowerOf2((uint)wanted), possible);
    }

    // Piece i of a limb; a limb too short for all pieces is whole in the first.
    private static bool TryPiece(int degree, int pieces, int piece, out int start, out int count)
    {
        if (degree < pieces * SimdKernels.SmallestDegree)
        {
            start = 0;
            count = degree;
            return piece == 0;
        }

        count = degree / pieces;
        start = piece * count;
        return true;
    }

    // The largest power of two that is no larger; 0 for 0.
    private static int PowerOf2AtMost(int value) => (int)BitOperations.RoundUpToPowerOf2((uint)value + 1) / 2;

    // The largest limb count, the largest degree and the number of values of a list.
    private static (int Limbs, int Degree, long Values) Measure(ReadOnlySpan<LimbBlock> blocks)
    {
        int limbs = 0;
        int degree = 0;
        long values = 0;
        foreach (LimbBlock block in blocks)
        {
            RequireBlock(block);
            limbs = Math.Max(limbs, block.LimbCount);
            degree = Math.Max(degree, block.RingDegree);
            values += (long)block.LimbCount * block.RingDegree;
        }

        return (limbs, degree, values);
    }
}
