using Heann.Core.Rings;
using Heann.Gpu.Drivers;

namespace Heann.Gpu;

/// <content>Transforms: one pass of at most 2^11 points, or two.</content>
public sealed unsafe partial class GpuBackend
{
    // TILE of the kernels: values that a group holds.
    internal const int LogTile = 11;

    // How the values of a pass leave it: `p5` of ntt_forward.
    private enum Ending
    {
        Reduced,
        Centred,
        Divided,
    }

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

        using Alive alive = new(x, [], []);
        for (int start = 0, count; start < x.Length; start += count)
        {
            count = Together(start, x, x, x);
            GpuCall call = TransformOf(x[start].Basis);
            call.X = call.D = FirstOf(x.Slice(start, count));
            if (isForward)
            {
                Forward(call, x[start].LimbCount, count, Ending.Centred);
            }
            else
            {
                Inverse(call, x[start].LimbCount, count);
            }
        }
    }

    // Arguments of a transform of all limbs; x and d are still missing.
    private GpuCall TransformOf(RnsBasis basis)
    {
        GpuCall call = CallFor(basis.RingDegree, On(basis).Transforms);
        (call.T0, call.T1) = (GpuCall.Zero, GpuCall.Zero);
        return call;
    }

    // From x to d, of so many limbs and blocks. A division ends in `quotient`, whose dividend is y.
    private void Forward(GpuCall call, int limbs, int count, Ending ending, in GpuCall.Blocks quotient = default)
    {
        int upper = Upper(call.LogN);
        GpuCall.Blocks destination = ending == Ending.Divided ? quotient : call.D;
        if (upper > 0)
        {
            call.P5 = (int)Ending.Reduced;
            Pass("ntt_forward", ref call, (0, upper, false), limbs, count);
            (call.X, call.P4) = (call.D, 0);
        }

        (call.D, call.P5) = (destination, (int)ending);
        Pass("ntt_forward", ref call, (upper, call.LogN - upper, true), limbs, count);
    }

    // From x to d. T0: what to multiply by instead of 1/N, one a limb.
    private void Inverse(GpuCall call, int limbs, int count)
    {
        int upper = Upper(call.LogN);
        call.P5 = upper == 0 ? 1 : 0;
        Pass("ntt_inverse", ref call, (upper, call.LogN - upper, true), limbs, count);
        if (upper > 0)
        {
            (call.X, call.P5) = (call.D, 1);
            Pass("ntt_inverse", ref call, (0, upper, false), limbs, count);
        }
    }

    private void Pass(string kernel, ref GpuCall call, (int First, int Levels, bool IsLower) levels, int limbs, int count)
    {
        (call.P0, call.P1) = (levels.First, levels.Levels);
        call.P2 = Math.Min(LogTile, call.LogN) - levels.Levels;
        call.P3 = levels.IsLower ? 1 : 0;
        long tiles = Math.Max(1, (long)call.N >> (call.P1 + call.P2));
        Launch(kernel, tiles * GpuDriver.GroupSize, limbs, count, call);
    }

    // Levels of the upper pass: none where one pass does all.
    private static int Upper(int logN) => logN <= LogTile ? 0 : logN / 2;
}
