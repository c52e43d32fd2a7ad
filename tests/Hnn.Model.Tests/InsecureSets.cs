using System.Collections.Concurrent;
using Heann.Core;
using Heann.Core.Parameters;
using Hnn.Model.Compilation;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests;

/// <summary>Insecure parameter sets for small rings, with the primes that a network or a layer takes in a real plan.</summary>
internal static class InsecureSets
{
    /// <summary>Size of the primes at which ciphertexts are multiplied, and of the scale.</summary>
    public const int ProductBits = 40;

    /// <summary>Size of the primes at which ciphertexts meet weights.</summary>
    public const int PlainBits = 28;

    private const int FirstBits = 50;
    private const int SpecialBits = 50;
    private const int DigitCount = 3;

    private static readonly ConcurrentDictionary<string, Lazy<CkksParameters>> Sets = new();

    /// <summary>The levels of a whole network, with those at which copies of the sentence share keys or without.</summary>
    public static CkksParameters For(HnnConfig config, int logN, bool sharesKeys = true) =>
        Create(logN, LevelPlan.PrimeBits(config, ProductBits, PlainBits, sharesKeys));

    /// <summary>The levels of a whole network in the throughput packing.</summary>
    public static CkksParameters Batch(
        HnnConfig config, int logN, int productBits = ProductBits, int plainBits = PlainBits) =>
        Create(logN, ThroughputPlan.PrimeBits(config, productBits, plainBits), productBits);

    /// <summary>q_0 and levels for a layer: from the top, true for a product of ciphertexts.</summary>
    public static CkksParameters For(IEnumerable<bool> productLevels, int logN) => Create(logN,
        [FirstBits, .. productLevels.Reverse().Select(isProduct => isProduct ? ProductBits : PlainBits)]);

    private static CkksParameters Create(int logN, int[] bits, int scaleBits = ProductBits) =>
        Sets.GetOrAdd($"{logN}: {string.Join(' ', bits)}", _ => new(() =>
        {
            int digits = Math.Min(DigitCount, bits.Length);
            double largest = KeySwitchLayout.LargestDigit([.. bits.Select(b => (double)b)], digits);
            int special = (int)Math.Ceiling((largest + 0.5) / SpecialBits);
            return CkksParameters.CreateInsecure(
                logN, bits, [.. Enumerable.Repeat(SpecialBits, special)], digits, Scale.FromLog2(scaleBits));
        })).Value;
}
