using Heann.Core;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Hnn.Model.Layers;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Compilation;

/// <summary>What the encrypted evaluation of a network takes, computed without any ciphertext: parameters, the level and scale at each step, keys, memory, time.</summary>
/// <remarks>
/// It is a run of the circuit with the recording evaluator. It depends on the shape of the network alone, not on its weights, so client and
/// server arrive at the same plan from the same config. What is released is part of it: see <see cref="HnnConfig.WithRelease"/>. Immutable.
/// </remarks>
public sealed class LevelPlan
{
    /// <summary>Size of the primes at which ciphertexts are multiplied, and of the scale: 40 bits.</summary>
    public const int ProductBits = 40;

    /// <summary>Size of the primes at which ciphertexts meet weights: 28 bits; weights need no more.</summary>
    public const int PlainBits = 28;

    /// <summary>Size of q_0: 50 bits, ten of head-room over the scale for the result.</summary>
    public const int FirstBits = 50;

    private const int MaxDigitCount = 4;

    private LevelPlan(HnnConfig config, int bucket, CkksParameters parameters, RecordingEvaluator recorder, IReadOnlyList<PlanStep> steps, SoftArgmax softArgmax)
    {
        Config = config;
        Bucket = bucket;
        Parameters = parameters;
        Keys = recorder.Keys;
        Steps = steps;
        SoftArgmax = softArgmax;
        KeySwitchCount = recorder.KeySwitchCount;
        ProductCount = recorder.ProductCount;
        PlainProductCount = recorder.PlainProductCount;
        RescaleCount = recorder.RescaleCount;
        CiphertextPeakBytes = recorder.PeakBytes;
        EstimateSeconds = recorder.EstimateSeconds;
    }

    /// <summary>The network's shape.</summary>
    public HnnConfig Config { get; }

    /// <summary>B.</summary>
    public int Bucket { get; }

    /// <summary>The parameter set, at least as secure as was asked for.</summary>
    public CkksParameters Parameters { get; }

    /// <summary>The keys that the circuit uses, and the highest level of each.</summary>
    public KeyRequest Keys { get; }

    /// <summary>The steps with level, scale and predicted error after each.</summary>
    public IReadOnlyList<PlanStep> Steps { get; }

    /// <summary>What is released.</summary>
    public Release Release => SoftArgmax.Release;

    /// <summary>The last layer's polynomials, with interval, degree and error.</summary>
    public SoftArgmax SoftArgmax { get; }

    /// <summary>Key switches.</summary>
    public int KeySwitchCount { get; }

    /// <summary>Products of ciphertexts.</summary>
    public int ProductCount { get; }

    /// <summary>Products with plaintexts.</summary>
    public int PlainProductCount { get; }

    /// <summary>Rescalings.</summary>
    public int RescaleCount { get; }

    /// <summary>Largest sum of live ciphertexts and working memory.</summary>
    public long CiphertextPeakBytes { get; }

    /// <summary>Number of evaluation keys.</summary>
    public int KeyCount => Keys.Galois.Count + (Keys.RelinearizationLevel is null ? 0 : 1);

    /// <summary>Bytes of all evaluation keys in memory.</summary>
    public long KeyBytes => Keys.Galois.Values.Concat(Keys.RelinearizationLevel is { } level ? [level] : [])
        .Sum(level => Parameters.KeySwitchLayoutAt(level).KeyByteCount);

    /// <summary>Bytes of all evaluation keys as they are sent: half of them, and a 32-byte seed each.</summary>
    public long SeededKeyBytes => (KeyBytes / 2) + (32L * KeyCount);

    /// <summary>Bytes of a request: two ciphertexts at the top level, the second half of each a seed.</summary>
    public long RequestBytes => 2 * ((8L * Parameters.RingDegree * (Parameters.MaxLevel + 1)) + 32);

    /// <summary>Bytes of a response: one ciphertext at the last level.</summary>
    public long ResponseBytes => 2 * 8L * Parameters.RingDegree * (Steps[^1].Level + 1);

    /// <summary>Keys, ciphertexts and working memory together.</summary>
    public long PeakBytes => KeyBytes + CiphertextPeakBytes;

    /// <summary>Estimated seconds of evaluation for a cost model.</summary>
    public Func<CostModel, double> EstimateSeconds { get; }

    /// <summary>Plans a network for a bucket.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="bucket">B, one of the config's.</param>
    /// <param name="securityBits">128, 192 or 256.</param>
    /// <exception cref="ArgumentException">No polynomial serves the soft-argmax's interval.</exception>
    /// <exception cref="InsufficientSecurityException">No ring up to 2^17 is secure with that many levels.</exception>
    public static LevelPlan Create(HnnConfig config, int bucket, int securityBits = 128)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Record(config, bucket, ParametersFor(config, securityBits), SoftArgmaxOf(config));
    }

    /// <summary>The parameter set of a network, the same for every bucket.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="securityBits">128, 192 or 256.</param>
    /// <exception cref="ArgumentException">No polynomial serves the soft-argmax's interval.</exception>
    /// <exception cref="InsufficientSecurityException">No ring up to 2^17 is secure with that many levels.</exception>
    public static CkksParameters ParametersFor(HnnConfig config, int securityBits = 128)
    {
        ArgumentNullException.ThrowIfNull(config);
        int slots = config.Buckets.Max() * TokenLayout.StrideFor(config.HiddenSize);
        return ParamGen.ForPrimes(securityBits, slots, PrimeBits(config), Scale.FromLog2(ProductBits), MaxDigitCount);
    }

    /// <summary>Plans a network for given parameters, such as an insecure set in a test. The set must have the levels of <see cref="PrimeBits(HnnConfig)"/>.</summary>
    /// <exception cref="ArgumentException">The network does not fit the parameters, or no polynomial serves the soft-argmax's interval.</exception>
    public static LevelPlan Create(HnnConfig config, int bucket, CkksParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(parameters);
        return Record(config, bucket, parameters, SoftArgmaxOf(config));
    }

    /// <summary>Sizes of q_0 … q_L for a network.</summary>
    /// <exception cref="ArgumentException">No polynomial serves the soft-argmax's interval.</exception>
    public static int[] PrimeBits(HnnConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return PrimeBits(config, SoftArgmaxOf(config));
    }

    // From the top: every block, the head, the soft-argmax; q_0 below them.
    private static int[] PrimeBits(HnnConfig config, SoftArgmax softArgmax)
    {
        IEnumerable<bool> fromTop = Enumerable.Repeat(TransformerBlock.ProductLevels, config.LayerCount).SelectMany(levels => levels)
            .Concat(ClassifierHead.ProductLevels)
            .Concat(softArgmax.ProductLevels);
        return [FirstBits, .. fromTop.Reverse().Select(isProduct => isProduct ? ProductBits : PlainBits)];
    }

    private static SoftArgmax SoftArgmaxOf(HnnConfig config) => new(config.SoftArgmax, config.Labels.Count);

    private static LevelPlan Record(HnnConfig config, int bucket, CkksParameters parameters, SoftArgmax softArgmax)
    {
        RecordingEvaluator recorder = new(parameters);
        List<PlanStep> steps = new StepQuantities(config, bucket, softArgmax).Record(recorder);
        SentimentCircuit circuit = new(config, NetworkWeights.Typical(config), bucket, parameters.SlotCount);
        using RecordedValue x = recorder.Create();
        using RecordedValue mask = recorder.Create();
        using RecordedValue y = circuit.Forward(recorder, x, mask);
        return new(config, bucket, parameters, recorder, steps, softArgmax);
    }
}
