using System.Runtime.Versioning;
using ComputeSharp;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Gpu.Direct3D;

/// <summary>The constants of a <see cref="BasisConversion"/> on a device, as the conversion shaders read them.</summary>
/// <remarks>
/// Words, for each of the k source primes: d (2), (D/d)^(−1) mod d and its companion (4), the mantissa m of fl(1/d) = m·2^(shift−102) (2),
/// shift, nothing. Then, for each target prime: p (2), 1 + the index of the equal source prime or 0, nothing, then k + 1 factors of four
/// words: D/d_i mod p and −D mod p. Owns its buffer. Thread-safe.
/// </remarks>
[SupportedOSPlatform(ComputeSharpBackend.Windows8)]
internal sealed class ConversionConstants : IDisposable
{
    private const int SourceWords = 10;

    /// <summary>Uploads the constants.</summary>
    public ConversionConstants(GraphicsDevice device, BasisConversion conversion)
    {
        int sourceCount = conversion.Source.Count;
        int rowWords = (4 * sourceCount) + 8;
        uint[] words = new uint[(SourceWords * sourceCount) + (rowWords * conversion.Target.Count)];
        for (int i = 0; i < sourceCount; i++)
        {
            WriteSource(conversion.Source[i], conversion.PuncturedInverses[i], words.AsSpan(SourceWords * i, SourceWords));
        }

        for (int j = 0; j < conversion.Target.Count; j++)
        {
            WriteTarget(conversion, j, words.AsSpan((SourceWords * sourceCount) + (rowWords * j), rowWords));
        }

        Buffer = DeviceWords.Upload(device, words);
    }

    /// <summary>The words.</summary>
    public ReadOnlyBuffer<uint> Buffer { get; }

    /// <inheritdoc/>
    public void Dispose() => Buffer.Dispose();

    private static void WriteSource(Modulus d, ulong inverse, Span<uint> words)
    {
        (words[0], words[1]) = WordPair.Of(d.Value);
        new FactorConstants(inverse, d).Write(words[2..]);
        ulong bits = BitConverter.DoubleToUInt64Bits(d.Reciprocal);

        // The bits hold e + 1075; m has its leading one again.
        (words[6], words[7]) = WordPair.Of((bits & ((1UL << 52) - 1)) | (1UL << 52));
        words[8] = (uint)((int)(bits >> 52) - 1075 + 102);
    }

    private static void WriteTarget(BasisConversion conversion, int index, Span<uint> words)
    {
        Modulus p = conversion.Target[index];
        (words[0], words[1]) = WordPair.Of(p.Value);
        words[2] = (uint)(conversion.SharedSource(index) + 1);
        for (int i = 0; i < conversion.Source.Count; i++)
        {
            new FactorConstants(conversion.Punctured(index)[i], p).Write(words[(4 + (4 * i))..]);
        }

        new FactorConstants(p.Negate(conversion.Products[index]), p).Write(words[^4..]);
    }
}
