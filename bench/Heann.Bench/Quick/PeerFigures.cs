namespace Heann.Bench.Quick;

/// <summary>Times of other libraries in microseconds, one thread, all taken on one machine together with this calibrator.</summary>
/// <remarks>
/// SEAL 4.4.3, with HEXL 1.2.6 (AVX-512 IFMA) and without; Lattigo 6.1.1; OpenFHE 1.5.1. CKKS at the top level, scale 2^40, 9, 19 and
/// 31 data primes; SEAL with one special prime and a digit per prime, Lattigo and OpenFHE with three digits (of the S14 and S15 sets theirs are
/// not 128-bit secure, ours are). Transforms: one residue polynomial, 50-bit prime.
/// </remarks>
/// <param name="SealHexl">SEAL with HEXL; for transforms HEXL alone.</param>
/// <param name="Seal">SEAL.</param>
/// <param name="Lattigo">Lattigo.</param>
/// <param name="OpenFhe">OpenFHE.</param>
internal sealed record PeerFigures(double? SealHexl, double? Seal, double? Lattigo, double? OpenFhe)
{
    private static readonly PeerFigures None = new(null, null, null, null);

    private static readonly Dictionary<int, double> Calibrators = new() { [14] = 317, [15] = 668, [16] = 1413 };

    private static readonly Dictionary<(string Op, string Set), PeerFigures> Table = new()
    {
        [("ntt", "N12")] = new(6.8, 45.9, 37.5, 50.4),
        [("ntt", "N13")] = new(12.2, 99.1, 80.9, 109),
        [("ntt", "N14")] = new(25.8, 208, 172, 234),
        [("ntt", "N15")] = new(55.5, 436, 366, 499),
        [("ntt", "N16")] = new(119, 915, 780, 1061),
        [("intt", "N12")] = new(7.7, 35.3, 39.6, 53.0),
        [("intt", "N13")] = new(13.6, 76.5, 85.5, 116),
        [("intt", "N14")] = new(29.1, 163, 183, 249),
        [("intt", "N15")] = new(61.7, 345, 387, 533),
        [("intt", "N16")] = new(131, 733, 828, 1135),
        [("encode", "S14")] = new(798, 2518, 3125, 3213),
        [("encode", "S15")] = new(4824, 11599, 12786, 13072),
        [("encode", "S16")] = new(16100, 38600, 66000, 42800),
        [("decode", "S14")] = new(6812, 7949, 17036, 26253),
        [("decode", "S15")] = new(57039, 61665, 67543, null),
        [("encryptPk", "S14")] = new(4653, 15016, 13640, 17075),
        [("encryptPk", "S15")] = new(25423, 60541, 56579, 64259),
        [("encryptPk", "S16")] = new(79758, 201000, 190000, 200000),
        [("encryptSk", "S14")] = new(4397, 6657, 8941, 24118),
        [("add", "S14")] = new(49, 245, 132, 113),
        [("multiplyPlain", "S14")] = new(83, 858, 444, 845),
        [("multiplyPlain", "S15")] = new(353, 3635, 1941, 4411),
        [("multiply", "S14")] = new(220, 1880, 966, 2077),
        [("multiply", "S15")] = new(920, 8124, 4180, 10269),
        [("multiply", "S16")] = new(4091, 31000, 13900, 34000),
        [("relinearize", "S14")] = new(10127, 25029, 16758, 36002),
        [("relinearize", "S15")] = new(72211, 198062, 90590, 122437),
        [("relinearize", "S16")] = new(344424, 982139, 314000, 482000),
        [("rescale", "S14")] = new(969, 3762, 3381, 5438),
        [("rescale", "S15")] = new(7549, 18300, 15899, 24200),
        [("rescale", "S16")] = new(25476, 63000, 55000, 88000),
        [("rotate", "S14")] = new(10275, 25201, 16892, 34521),
        [("rotate", "S15")] = new(73818, 188537, 95059, 134642),
        [("rotate", "S16")] = new(351091, 993000, 332000, 506000),
    };

    /// <summary>The figures of a row; all null where there are none. They are of one thread.</summary>
    public static PeerFigures Of(QuickResult row) => row.Threads == 1 ? Table.GetValueOrDefault((row.Op, row.Set), None) : None;

    /// <summary>Our time over SEAL with HEXL's, each in calibrators of its own machine; null where one of them is not known.</summary>
    public static double? RatioToSealHexl(QuickResult row) =>
        Of(row).SealHexl is { } theirs && Calibrators.TryGetValue(int.Parse(row.Set.AsSpan(1)), out double calibrator)
            ? row.ToScalarNtt / (theirs / calibrator)
            : null;
}
