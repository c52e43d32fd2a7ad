using Heann.Core.Ciphertexts;

namespace Heann.Core.Tests.Evaluation;

/// <summary>The laws of level, scale, parts and predicted noise are the same for every kind of value.</summary>
internal static class Laws
{
    /// <summary>Everything that is not data must be equal, to the last bit.</summary>
    public static void AssertSame(ICircuitValue expected, ICircuitValue actual, string what) => Assert.True(
        expected.Level == actual.Level && expected.Scale == actual.Scale && expected.PartCount == actual.PartCount && expected.Noise == actual.Noise,
        $"{what}: level {expected.Level}, {expected.Scale}, {expected.PartCount} parts, {expected.Noise} and level {actual.Level}, {actual.Scale}, {actual.PartCount} parts, {actual.Noise}");
}
