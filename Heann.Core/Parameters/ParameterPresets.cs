namespace Heann.Core.Parameters;

/// <summary>Named parameter sets. Those whose name begins with Insecure are for tests: small, fast, and without any security.</summary>
/// <remarks>N15L12Dnum3 is read: N = 2^15, 12 levels, at most 3 digits. Thread-safe.</remarks>
public static class ParameterPresets
{
    /// <summary>128-bit, N = 2^13, 3 levels of 36 bits.</summary>
    public static CkksParameters N13L3Dnum4 => CkksParameters.Create(13, [48, 36, 36, 36], [49], 4, Scale.FromLog2(36));

    /// <summary>128-bit, N = 2^14, 8 levels of 40 bits: 46 + 8·40 + 50 bits.</summary>
    public static CkksParameters N14L8Dnum9 => CkksParameters.Create(14, [46, .. Enumerable.Repeat(40, 8)], [50], 9, Scale.FromLog2(40));

    /// <summary>128-bit, N = 2^15, 12 levels of 40 bits, three digits.</summary>
    public static CkksParameters N15L12Dnum3 => CkksParameters.Create(15, [50, .. Enumerable.Repeat(40, 12)], [50, 50, 50, 50], 3, Scale.FromLog2(40));

    /// <summary>128-bit, N = 2^15, 18 levels of 40 bits, two special primes.</summary>
    public static CkksParameters N15L18Dnum10 => CkksParameters.Create(15, [46, .. Enumerable.Repeat(40, 18)], [50, 50], 10, Scale.FromLog2(40));

    /// <summary>128-bit, N = 2^16, 30 levels of 40 bits, three digits.</summary>
    public static CkksParameters N16L30Dnum3 => CkksParameters.Create(16, [46, .. Enumerable.Repeat(40, 30)], [.. Enumerable.Repeat(50, 9)], 3, Scale.FromLog2(40));

    /// <summary>For tests: N = 2^10, 5 levels of 40 bits, three digits.</summary>
    public static CkksParameters InsecureN10L5Dnum3 => CkksParameters.CreateInsecure(10, [50, .. Enumerable.Repeat(40, 5)], [50, 50], 3, Scale.FromLog2(40));

    /// <summary>For tests: N = 2^11, 12 levels of 36 bits, two digits.</summary>
    public static CkksParameters InsecureN11L12Dnum2 =>
        CkksParameters.CreateInsecure(11, [50, .. Enumerable.Repeat(36, 12)], [.. Enumerable.Repeat(50, 6)], 2, Scale.FromLog2(36));

    /// <summary>For tests: N = 2^10, levels of 36 and 28 bits mixed, one digit.</summary>
    public static CkksParameters InsecureN10Mixed => CkksParameters.CreateInsecure(10, [50, 36, 28, 36, 28, 36], [50, 50, 50, 50, 50], 1, Scale.FromLog2(36));
}
