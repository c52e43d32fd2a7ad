using Heann.Core.Arithmetic;

namespace Heann.Gpu.Direct3D;

/// <summary>A number of 64 bits as the two words that shaders take.</summary>
internal readonly record struct WordPair(uint Lo, uint Hi)
{
    /// <summary>The words of <paramref name="value"/>.</summary>
    public static WordPair Of(ulong value) => new((uint)value, (uint)(value >> 32));
}

/// <summary>q and what <see cref="Words.MultiplyModulo"/> needs of it.</summary>
internal readonly struct PrimeConstants
{
    /// <summary>The constants of <paramref name="q"/>.</summary>
    public PrimeConstants(Modulus q)
    {
        Q = WordPair.Of(q.Value);
        Mu = WordPair.Of((ulong)((UInt128.One << (63 + q.BitCount)) / q.Value));
        Shift = q.BitCount - 1;
    }

    /// <summary>q.</summary>
    public WordPair Q { get; }

    /// <summary>⌊2^(63+b)/q⌋, b the bit length of q.</summary>
    public WordPair Mu { get; }

    /// <summary>b − 1.</summary>
    public int Shift { get; }
}

/// <summary>A constant factor as <see cref="Words.MultiplyConstant"/> takes it.</summary>
internal readonly struct FactorConstants
{
    /// <summary>The constants of w in [0, q).</summary>
    public FactorConstants(ulong w, Modulus q)
    {
        W = WordPair.Of(w);
        V = WordPair.Of((ulong)(((UInt128)w << 64) / q.Value));
    }

    /// <summary>w.</summary>
    public WordPair W { get; }

    /// <summary>⌊w·2^64/q⌋.</summary>
    public WordPair V { get; }

    /// <summary>Writes w and ⌊w·2^64/q⌋: four words.</summary>
    public void Write(Span<uint> destination) =>
        (destination[0], destination[1], destination[2], destination[3]) = (W.Lo, W.Hi, V.Lo, V.Hi);
}
