using System.Runtime.Versioning;
using ComputeSharp;

namespace Heann.Gpu.Direct3D;

/// <summary>One stage of the transform of one limb, a thread for each butterfly: (u, v) → (u + w·v, u − w·v), w = ψ^brv(m + b).</summary>
/// <remarks>
/// <c>roots</c>: four words for each index, w and ⌊w·2^64/q⌋. Thread t is butterfly t mod h of block b = ⌊t/h⌋, h = 2^logSpan.
/// </remarks>
[ThreadGroupSize(DefaultThreadGroupSizes.X)]
[GeneratedComputeShaderDescriptor]
[SupportedOSPlatform(ComputeSharpBackend.Windows8)]
internal readonly partial struct ForwardStageShader(
    ReadWriteBuffer<uint> values, ReadOnlyBuffer<uint> roots, int start, int m, int logSpan, uint qLo, uint qHi) : IComputeShader
{
    /// <inheritdoc/>
    public void Execute()
    {
        int b = ThreadIds.X >> logSpan;
        int offset = ThreadIds.X & ((1 << logSpan) - 1);
        int uAt = 2 * (start + (b << (logSpan + 1)) + offset);
        int vAt = uAt + (2 << logSpan);
        int w = 4 * (m + b);
        uint uLo = values[uAt];
        uint uHi = values[uAt + 1];
        Words.MultiplyConstant(
            values[vAt], values[vAt + 1], roots[w], roots[w + 1], roots[w + 2], roots[w + 3], qLo, qHi, out uint vLo, out uint vHi);
        Words.AddModulo(uLo, uHi, vLo, vHi, qLo, qHi, out uint sumLo, out uint sumHi);
        Words.SubtractModulo(uLo, uHi, vLo, vHi, qLo, qHi, out uint differenceLo, out uint differenceHi);
        values[uAt] = sumLo;
        values[uAt + 1] = sumHi;
        values[vAt] = differenceLo;
        values[vAt + 1] = differenceHi;
    }
}

/// <summary>One stage of the inverse transform of one limb: (u, v) → (u + v, w·(u − v)), w = ψ^(−brv(m + b)).</summary>
/// <remarks>As for <see cref="ForwardStageShader"/>.</remarks>
[ThreadGroupSize(DefaultThreadGroupSizes.X)]
[GeneratedComputeShaderDescriptor]
[SupportedOSPlatform(ComputeSharpBackend.Windows8)]
internal readonly partial struct InverseStageShader(
    ReadWriteBuffer<uint> values, ReadOnlyBuffer<uint> roots, int start, int m, int logSpan, uint qLo, uint qHi) : IComputeShader
{
    /// <inheritdoc/>
    public void Execute()
    {
        int b = ThreadIds.X >> logSpan;
        int offset = ThreadIds.X & ((1 << logSpan) - 1);
        int uAt = 2 * (start + (b << (logSpan + 1)) + offset);
        int vAt = uAt + (2 << logSpan);
        int w = 4 * (m + b);
        uint uLo = values[uAt];
        uint uHi = values[uAt + 1];
        uint vLo = values[vAt];
        uint vHi = values[vAt + 1];
        Words.AddModulo(uLo, uHi, vLo, vHi, qLo, qHi, out uint sumLo, out uint sumHi);
        Words.SubtractModulo(uLo, uHi, vLo, vHi, qLo, qHi, out uint differenceLo, out uint differenceHi);
        Words.MultiplyConstant(
            differenceLo, differenceHi, roots[w], roots[w + 1], roots[w + 2], roots[w + 3], qLo, qHi, out uint lo, out uint hi);
        values[uAt] = sumLo;
        values[uAt + 1] = sumHi;
        values[vAt] = lo;
        values[vAt + 1] = hi;
    }
}

/// <summary>
/// destination(X) ← x(X^g) in Coefficient form for one limb: coefficient t comes from i = t·g^(−1) mod 2N, with a minus where i ≥ N.
/// </summary>
/// <remarks><c>mask</c> is 2N − 1. Products wrap modulo 2^32, of which 2N is a divisor.</remarks>
[ThreadGroupSize(DefaultThreadGroupSizes.X)]
[GeneratedComputeShaderDescriptor]
[SupportedOSPlatform(ComputeSharpBackend.Windows8)]
internal readonly partial struct SubstituteCoefficientsShader(
    ReadWriteBuffer<uint> x,
    ReadWriteBuffer<uint> destination,
    int xStart,
    int destinationStart,
    uint inverse,
    uint mask,
    uint qLo,
    uint qHi) : IComputeShader
{
    /// <inheritdoc/>
    public void Execute()
    {
        uint i = ((uint)ThreadIds.X * inverse) & mask;
        int xAt = 2 * (xStart + (int)(i & (mask >> 1)));
        int at = 2 * (destinationStart + ThreadIds.X);
        uint lo = x[xAt];
        uint hi = x[xAt + 1];
        if (i > (mask >> 1))
        {
            Words.SubtractModulo(0u, 0u, lo, hi, qLo, qHi, out lo, out hi);
        }

        destination[at] = lo;
        destination[at + 1] = hi;
    }
}

/// <summary>
/// destination(X) ← x(X^g) in Evaluation form for one limb: value i, at ψ^(2·brv(i)+1), becomes that at ψ^(g·(2·brv(i)+1)).
/// </summary>
[ThreadGroupSize(DefaultThreadGroupSizes.X)]
[GeneratedComputeShaderDescriptor]
[SupportedOSPlatform(ComputeSharpBackend.Windows8)]
internal readonly partial struct SubstituteValuesShader(
    ReadWriteBuffer<uint> x,
    ReadWriteBuffer<uint> destination,
    int xStart,
    int destinationStart,
    uint exponent,
    uint mask,
    int logN) : IComputeShader
{
    /// <inheritdoc/>
    public void Execute()
    {
        uint odd = (2u * Words.ReverseBits((uint)ThreadIds.X, logN)) + 1u;
        uint power = (exponent * odd) & mask;
        int xAt = 2 * (xStart + (int)Words.ReverseBits(power >> 1, logN));
        int at = 2 * (destinationStart + ThreadIds.X);
        destination[at] = x[xAt];
        destination[at + 1] = x[xAt + 1];
    }
}
