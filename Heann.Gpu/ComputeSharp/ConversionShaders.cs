using System.Runtime.Versioning;
using ComputeSharp;

namespace Heann.Gpu.Direct3D;

/// <summary>First half of a basis conversion, a thread for each coefficient: the centred residues y_i and the quotient v.</summary>
/// <remarks>
/// <c>parts</c> receives k + 1 limbs: |y_0| … |y_(k−1)| and |v|, each with its sign in the highest bit. <c>constants</c>: see
/// <see cref="ConversionConstants"/>. The definition, and why integers do: <see cref="QuotientSum"/>.
/// </remarks>
[ThreadGroupSize(DefaultThreadGroupSizes.X)]
[GeneratedComputeShaderDescriptor]
[SupportedOSPlatform(ComputeSharpBackend.Windows8)]
internal readonly partial struct QuotientShader(
    ReadWriteBuffer<uint> x, ReadWriteBuffer<uint> parts, ReadOnlyBuffer<uint> constants, int xStart, int ringDegree, int sourceCount)
    : IComputeShader
{
    /// <inheritdoc/>
    public void Execute()
    {
        uint s0 = 0u;
        uint s1 = 0u;
        uint s2 = 0u;
        uint s3 = 0u;
        for (int i = 0; i < sourceCount; i++)
        {
            int c = 10 * i;
            int at = 2 * ((i * ringDegree) + ThreadIds.X);
            int xAt = (2 * xStart) + at;
            uint dLo = constants[c];
            uint dHi = constants[c + 1];
            Words.MultiplyConstant(
                x[xAt],
                x[xAt + 1],
                constants[c + 2],
                constants[c + 3],
                constants[c + 4],
                constants[c + 5],
                dLo,
                dHi,
                out uint yLo,
                out uint yHi);

            // y > d − y: the centred representative is y − d.
            Words.Subtract(dLo, dHi, yLo, yHi, out uint restLo, out uint restHi);
            bool isNegative = Words.IsLess(restLo, restHi, yLo, yHi);
            uint magnitudeLo = isNegative ? restLo : yLo;
            uint magnitudeHi = isNegative ? restHi : yHi;
            QuotientSum.MultiplyAdd(
                magnitudeLo,
                magnitudeHi,
                isNegative,
                constants[c + 6],
                constants[c + 7],
                (int)constants[c + 8],
                ref s0,
                ref s1,
                ref s2,
                ref s3);
            parts[at] = magnitudeLo;
            parts[at + 1] = magnitudeHi | (isNegative ? 0x80000000u : 0u);
        }

        int quotientAt = 2 * ((sourceCount * ringDegree) + ThreadIds.X);
        parts[quotientAt] = QuotientSum.Quotient(s0, s1, s2, s3, out bool isQuotientNegative);
        parts[quotientAt + 1] = isQuotientNegative ? 0x80000000u : 0u;
    }
}

/// <summary>
/// Second half of a basis conversion, a thread for each coefficient (X) and target prime p (Y): z = Σ_i y_i·(D/d_i) − v·D mod p.
/// </summary>
/// <remarks>A target prime that is also a source prime gets the residue of x itself.</remarks>
[ThreadGroupSize(64, 1, 1)]
[GeneratedComputeShaderDescriptor]
[SupportedOSPlatform(ComputeSharpBackend.Windows8)]
internal readonly partial struct RecombineShader(
    ReadWriteBuffer<uint> x,
    ReadWriteBuffer<uint> parts,
    ReadWriteBuffer<uint> destination,
    ReadOnlyBuffer<uint> constants,
    int xStart,
    int destinationStart,
    int ringDegree,
    int sourceCount) : IComputeShader
{
    /// <inheritdoc/>
    public void Execute()
    {
        int row = (10 * sourceCount) + (ThreadIds.Y * ((4 * sourceCount) + 8));
        int at = 2 * (destinationStart + (ThreadIds.Y * ringDegree) + ThreadIds.X);
        uint pLo = constants[row];
        uint pHi = constants[row + 1];
        int source = (int)constants[row + 2] - 1;
        uint zLo = 0u;
        uint zHi = 0u;
        if (source >= 0)
        {
            int xAt = 2 * (xStart + (source * ringDegree) + ThreadIds.X);
            zLo = x[xAt];
            zHi = x[xAt + 1];
        }
        else
        {
            // Term k is the quotient's, whose constant is −D.
            for (int i = 0; i <= sourceCount; i++)
            {
                int c = row + 4 + (4 * i);
                int partAt = 2 * ((i * ringDegree) + ThreadIds.X);
                uint partHi = parts[partAt + 1];
                Words.MultiplyConstant(
                    parts[partAt],
                    partHi & 0x7FFFFFFFu,
                    constants[c],
                    constants[c + 1],
                    constants[c + 2],
                    constants[c + 3],
                    pLo,
                    pHi,
                    out uint termLo,
                    out uint termHi);
                if ((partHi >> 31) != 0u)
                {
                    Words.SubtractModulo(zLo, zHi, termLo, termHi, pLo, pHi, out zLo, out zHi);
                }
                else
                {
                    Words.AddModulo(zLo, zHi, termLo, termHi, pLo, pHi, out zLo, out zHi);
                }
            }
        }

        destination[at] = zLo;
        destination[at + 1] = zHi;
    }
}
