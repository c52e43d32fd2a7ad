using System.Collections.Concurrent;
using Heann.Core.Parameters;

namespace Heann.Core.Tests;

/// <summary>Every parameter set that tests run on, by name: N10L5Dnum3 is N = 2^10, five levels, at most three digits.</summary>
public static class Registry
{
    private static readonly Dictionary<string, Func<CkksParameters>> Sets = new()
    {
        ["N10L5Dnum3"] = () => ParameterPresets.InsecureN10L5Dnum3,
        ["N10Mixed"] = () => ParameterPresets.InsecureN10Mixed,
        ["N11L12Dnum2"] = () => ParameterPresets.InsecureN11L12Dnum2,
        ["N10L2Dnum3"] = () => CkksParameters.CreateInsecure(10, [45, 36, 36], [48], 3, Scale.FromLog2(36)),
        ["N5L3Dnum2"] = () => CkksParameters.CreateInsecure(5, [45, 36, 36, 36], [50, 50], 2, Scale.FromLog2(36)),
        ["N6L7Dnum2"] = () => CkksParameters.CreateInsecure(6, [50, .. Enumerable.Repeat(40, 7)], [50, 50, 50, 50], 2, Scale.FromLog2(40)),
        ["N13L3Dnum4"] = () => ParameterPresets.N13L3Dnum4,
        ["N14L8Dnum9"] = () => ParameterPresets.N14L8Dnum9,
        ["N15L12Dnum3"] = () => ParameterPresets.N15L12Dnum3,
        ["N15L18Dnum10"] = () => ParameterPresets.N15L18Dnum10,
        ["N16L30Dnum3"] = () => ParameterPresets.N16L30Dnum3,
    };

    private static readonly ConcurrentDictionary<string, Lazy<CkksParameters>> Made = new();

    /// <summary>All sets.</summary>
    public static TheoryData<string> All => [.. Sets.Keys];

    /// <summary>The sets that promise security.</summary>
    public static TheoryData<string> Secure => ["N13L3Dnum4", "N14L8Dnum9", "N15L12Dnum3", "N15L18Dnum10", "N16L30Dnum3"];

    /// <summary>Sets on which ciphertexts are cheap and whose layouts differ: one, two and three digits, equal and mixed levels.</summary>
    public static TheoryData<string> Small => ["N10L5Dnum3", "N10Mixed", "N10L2Dnum3"];

    /// <summary>A set, made once.</summary>
    public static CkksParameters Parameters(string name) => Made.GetOrAdd(name, static n => new(Sets[n])).Value;
}
