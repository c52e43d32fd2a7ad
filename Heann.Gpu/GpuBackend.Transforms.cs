using System.Numerics;
using Heann.Core.Rings;
using Heann.Gpu.Drivers;

namespace Heann.Gpu;

/// <content>Transforms: one pass of at most 2^11 points, or two.</content>
public sealed unsafe partial class GpuBackend
{
    // TILE of the kernels: values that a group holds.
    private const int LogTile = 11;

    /// <inheritdoc/>
    public override void ForwardNtt(ReadOnlySpan<LimbBlock> x) => Transform(x, isForward: true);

    /// <inheritdoc/>
    public override void InverseNtt(ReadOnlySpan<LimbBlock> x) => Transform(x, isForward: false);

    private void Transform(ReadOnlySpan<LimbBlock> x, bool isForward)
    {
        foreach (LimbBlock block in x)
        {
            RequireBlock(block);
        }

        for (int start = 0, count; start < x.Length; start += count)
        {
            count = Together(start, x, x, x);
            Transform(x[start].Basis, FirstOf(x.Slice(start, count)), count, isForward);
        }
    }

    // All limbs but skip.Start … skip.End − 1 of blocks that lie at the given words.
    private void Transform(RnsBasis basis, in GpuCall.Blocks blocks, int count, bool isForward, (int Start, int End) skip = default)
    {
        GpuCall call = CallFor(basis.RingDegree, On(basis).Transforms);
        if (call.LogN == 0)
        {
            return; // a constant is its value
        }

        int limbs = basis.Count - (skip.End - skip.Start);
        call.D = blocks;
        (call.P4, call.P5) = skip.End > skip.Start ? skip : (basis.Count, basis.Count);
        int upper = call.LogN <= LogTile ? 0 : call.LogN / 2;
        int lower = call.LogN - upper;
        (int First, int Levels, bool IsLower)[] passes = (upper, isForward) switch
        {
            (0, _) => [(0, lower, true)],
            (_, true) => [(0, upper, false), (upper, lower, true)],
            (_, false) => [(upper, lower, true), (0, upper, false)],
        };
        for (int i = 0; i < passes.Length; i++)
        {
            (int first, int levels, bool isLower) = passes[i];
            call.P0 = first;
            call.P1 = levels;
            call.P2 = Math.Min(LogTile, call.LogN) - levels;
            call.P3 = isLower ? 1 : 0;
            call.P6 = i == passes.Length - 1 ? 1 : 0;
            long tiles = Math.Max(1, (long)call.N >> (call.P1 + call.P2));
            Launch(isForward ? "ntt_forward" : "ntt_inverse", tiles * GpuDriver.GroupSize, limbs, count, call);
        }
    }
}
