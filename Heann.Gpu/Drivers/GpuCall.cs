using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Heann.Gpu.Drivers;

/// <summary>The arguments of a kernel, the same structure for all: <c>Call</c> of Kernels/heann.cl, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GpuCall
{
    /// <summary>Operands and destinations of one launch: with the rest they stay below the kilobyte that every driver takes as arguments.</summary>
    public const int MaxBlocks = 24;

    /// <summary>Stands for no operand.</summary>
    public const ulong Zero = ulong.MaxValue;

    public Blocks X;
    public Blocks Y;
    public Blocks D;
    public ulong Basis;
    public ulong T0;
    public ulong T1;
    public ulong T2;
    public int N;
    public int LogN;
    public int P0;
    public int P1;
    public int P2;
    public int P3;
    public int P4;
    public int P5;

    [InlineArray(MaxBlocks)]
    public struct Blocks
    {
        private ulong _first;
    }
}
