using System.Runtime.Versioning;
using ComputeSharp;

namespace Heann.Gpu.Direct3D;

/// <summary>destination ← f(x, y) modulo q for one limb, a thread for each value; y may be compact.</summary>
/// <remarks>
/// Positions count residues, two words each. <c>operation</c>: 0 x + y, 1 x − y, 2 −x, 3 x·y, 4 destination + x·y, 5 x, 6 zero, the
/// order of <see cref="ElementwiseOperation"/>. A thread reads all it needs before it writes: the destination may be an operand, which
/// the compiler is told.
/// </remarks>
[ThreadGroupSize(DefaultThreadGroupSizes.X)]
[GeneratedComputeShaderDescriptor]
[CompileOptions(CompileOptions.Default | CompileOptions.ResourcesMayAlias)]
[SupportedOSPlatform(ComputeSharpBackend.Windows8)]
internal readonly partial struct ElementwiseShader(
    ReadWriteBuffer<uint> x,
    ReadWriteBuffer<uint> y,
    ReadWriteBuffer<uint> destination,
    int xStart,
    int yStart,
    int yShift,
    int destinationStart,
    uint qLo,
    uint qHi,
    uint muLo,
    uint muHi,
    int shift,
    int operation) : IComputeShader
{
    /// <inheritdoc/>
    public void Execute()
    {
        int k = ThreadIds.X;
        int xAt = 2 * (xStart + k);
        int yAt = 2 * (yStart + (k >> yShift));
        int at = 2 * (destinationStart + k);
        uint xLo = x[xAt];
        uint xHi = x[xAt + 1];
        uint lo = xLo;
        uint hi = xHi;
        if (operation == 0)
        {
            Words.AddModulo(xLo, xHi, y[yAt], y[yAt + 1], qLo, qHi, out lo, out hi);
        }
        else if (operation == 1)
        {
            Words.SubtractModulo(xLo, xHi, y[yAt], y[yAt + 1], qLo, qHi, out lo, out hi);
        }
        else if (operation == 2)
        {
            Words.SubtractModulo(0u, 0u, xLo, xHi, qLo, qHi, out lo, out hi);
        }
        else if (operation == 3)
        {
            Words.MultiplyModulo(xLo, xHi, y[yAt], y[yAt + 1], qLo, qHi, muLo, muHi, shift, out lo, out hi);
        }
        else if (operation == 4)
        {
            Words.MultiplyModulo(xLo, xHi, y[yAt], y[yAt + 1], qLo, qHi, muLo, muHi, shift, out uint productLo, out uint productHi);
            Words.AddModulo(destination[at], destination[at + 1], productLo, productHi, qLo, qHi, out lo, out hi);
        }
        else if (operation == 6)
        {
            lo = 0u;
            hi = 0u;
        }

        destination[at] = lo;
        destination[at + 1] = hi;
    }
}

/// <summary>destination ← w·x, or destination + w·x, modulo q for one limb and one constant w; v = ⌊w·2^64/q⌋.</summary>
[ThreadGroupSize(DefaultThreadGroupSizes.X)]
[GeneratedComputeShaderDescriptor]
[CompileOptions(CompileOptions.Default | CompileOptions.ResourcesMayAlias)]
[SupportedOSPlatform(ComputeSharpBackend.Windows8)]
internal readonly partial struct ScalarShader(
    ReadWriteBuffer<uint> x,
    ReadWriteBuffer<uint> destination,
    int xStart,
    int destinationStart,
    uint wLo,
    uint wHi,
    uint vLo,
    uint vHi,
    uint qLo,
    uint qHi,
    int isSum) : IComputeShader
{
    /// <inheritdoc/>
    public void Execute()
    {
        int xAt = 2 * (xStart + ThreadIds.X);
        int at = 2 * (destinationStart + ThreadIds.X);
        Words.MultiplyConstant(x[xAt], x[xAt + 1], wLo, wHi, vLo, vHi, qLo, qHi, out uint lo, out uint hi);
        if (isSum != 0)
        {
            Words.AddModulo(destination[at], destination[at + 1], lo, hi, qLo, qHi, out lo, out hi);
        }

        destination[at] = lo;
        destination[at + 1] = hi;
    }
}
