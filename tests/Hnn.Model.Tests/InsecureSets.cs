using System.Collections.Concurrent;
using Heann.Core;
using Heann.Core.Parameters;
using Hnn.Model.Compilation;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests;

/// <summary>Insecure parameter sets for small rings, with the primes that a network or a layer takes in a real plan.</summary>
internal static class InsecureSets
{
    private const int SpecialBits = 50;
    private const int DigitCount = 3;

    private static readonly ConcurrentDictionary<string, Lazy<CkksParameters>> Sets = new();

    /// <summary>The levels of a whole network.</summary>
    public static CkksParameters For(HnnConfig config, int logN) => Create(logN, LevelPlan.PrimeBits(config));

    /// <summary>The levels of a whole network in the throughput packing.</summary>
    public static CkksParameters Batch(
        HnnConfig config, int logN, int productBits = LevelPlan.ProductBits, int plainBits = LevelPlan.PlainBits) =>
        Create(logN, ThroughputPlan.PrimeBits(config, productBits, plainBits), productBits);

    /// <summary>q_0 and levels for a layer: from the top, true for a product of ciphertexts.</summary>
    public static CkksParameters For(IEnumerable<bool> productLevels, int logN) => Create(logN,
        [LevelPlan.FirstBits, .. productLevels.Reverse().Select(isProduct => isProduct ? LevelPlan.ProductBits : LevelPlan.PlainBits)]);

    private static CkksParameters Create(int logN, int[] bits, int scaleBits = LevelPlan.ProductBits) =>
        Sets.GetOrAdd($"{logN}: {string.Join(' ', bits)}", _ => new(() =>
        {
            int digits = Math.Min(DigitCount, bits.Length);
            double largest = KeySwitchLayout.LargestDigit([.. bits.Select(b => (double)b)], digits);
            int special = (int)Math.Ceiling((largest + 0.5) / SpecialBits);
            return CkksParameters.CreateInsecure(
                logN, bits, [.. Enumerable.Repeat(SpecialBits, special)], digits, Scale.FromLog2(scaleBits));
        })).Value;
}
