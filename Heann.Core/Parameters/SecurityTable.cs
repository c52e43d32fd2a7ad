namespace Heann.Core.Parameters;

/// <summary>The largest log2(QP) that keeps RLWE with a dense uniform ternary secret and σ = 3.2 at a classical security level.</summary>
/// <remarks>
/// Source: Bossuat, Cammarota, Chillotti, Curtis, Dai, Gong, Hales, Kim, Kumara, Lee, Lu, Maple, Pedrouzo-Ulloa, Player, Polyakov, Lopez,
/// Song, Yhee, "Security Guidelines for Implementing Homomorphic Encryption", eprint 2024/463, table 5.2. QP is every modulus that an
/// encryption of the secret lives under, key-switching keys included.
/// Thread-safe.
/// </remarks>
public static class SecurityTable
{
    /// <summary>Smallest log2 N with an entry.</summary>
    public const int MinLogN = 10;

    /// <summary>Largest log2 N with an entry.</summary>
    public const int MaxLogN = 17;

    // Rows log2 N = 10 … 17; columns 128, 192, 256 bits; 0 = nothing is secure.
    private static readonly int[,] MaxLogQp =
    {
        { 26, 0, 0 }, { 53, 36, 27 }, { 106, 73, 56 }, { 214, 148, 114 },
        { 430, 297, 230 }, { 868, 597, 463 }, { 1747, 1199, 929 }, { 3523, 2411, 1866 },
    };

    /// <summary>The security levels of the table, in bits.</summary>
    public static IReadOnlyList<int> Levels { get; } = [128, 192, 256];

    /// <summary>Largest log2(QP) for a ring degree and a security level; 0 if there is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The table has no such row or column.</exception>
    public static int MaxLog2(int logN, int securityBits)
    {
        int column = Levels.ToList().IndexOf(securityBits);
        if (column < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(securityBits), securityBits, $"Security levels are {string.Join(", ", Levels)} bits; got {securityBits}.");
        }

        return logN is >= MinLogN and <= MaxLogN
            ? MaxLogQp[logN - MinLogN, column]
            : throw new ArgumentOutOfRangeException(nameof(logN), logN, $"Ring degrees are 2^{MinLogN} to 2^{MaxLogN}; got 2^{logN}.");
    }

    /// <summary>The highest level of the table that log2(QP) satisfies, in bits; 0 if none.</summary>
    public static int SecurityBits(int logN, double log2Qp) => Levels.Where(bits => log2Qp <= MaxLog2(logN, bits)).DefaultIfEmpty(0).Max();
}
