namespace Heann.Core.Backends;

/// <summary>How many residues one operation of <see cref="SimdBackend"/> works on. The results do not depend on it.</summary>
public enum SimdWidth
{
    /// <summary>The widest that the processor has.</summary>
    Auto = 0,

    /// <summary>One: 64-bit integer products, no fused multiply-add needed; everywhere.</summary>
    Portable = 1,

    /// <summary>Four: AVX2 with fused multiply-add.</summary>
    Vector256 = 4,

    /// <summary>Eight: AVX-512 F and DQ.</summary>
    Vector512 = 8,
}
