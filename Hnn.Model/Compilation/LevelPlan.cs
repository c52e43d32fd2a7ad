using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
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
/// <para>It is a run of the circuit with the recording evaluator. It depends on the shape of the network alone, not on its weights, so client and
/// server arrive at the same plan from the same config. What is released is part of it: see <see cref="HnnConfig.WithRelease"/>. Immutable,
/// thread-safe.</para>
/// <para><b>How it chooses.</b> Copies of the sentence may share the attention's keys, for a level of masks in each block, or not. For
/// either, the smallest ring in which the levels are secure, with the smallest primes whose predicted error stays below
/// <see cref="MaxPredictedError"/>; primes that only divide products with weights have 25 bits, as the weights' rounding is far below the
/// scale's. The number of special primes is the one that makes a key switch cheapest. Of the two, the one that takes less time in the
/// largest bucket, by the recorder's account.</para>
/// </remarks>
public sealed class LevelPlan
{
    /// <summary>Largest predicted standard deviation of the released value, over its range: of y in 0 … n − 1, n − 1 times as much. Five times
    /// that is 2e-3, what the released value is held to; the largest error measured with hnn-tiny was below its prediction, as weights and
    /// values of typical size stand for the worst.</summary>
    public const double MaxPredictedError = 4e-4;

    // q_0 over the scale, for the integer part of the result.
    private const int HeadRoomBits = 10;

    // Client, server and clear twin of one process ask for the same plans; a plan is immutable, and lives as long as its config.
    private static readonly ConditionalWeakTable<HnnConfig, Known> Plans = [];

    private readonly RecordingEvaluator _recorder;

    private LevelPlan(HnnConfig config, TokenLayout layout, RecordingEvaluator recorder, IReadOnlyList<PlanStep> steps, SoftArgmax softArgmax) =>
        (Config, Layout, _recorder, Steps, SoftArgmax) = (config, layout, recorder, steps, softArgmax);

    /// <summary>The network's shape.</summary>
    public HnnConfig Config { get; }

    /// <summary>Where a sentence lies.</summary>
    public TokenLayout Layout { get; }

    /// <summary>B.</summary>
    public int Bucket => Layout.Bucket;

    /// <summary>The parameter set, at least as secure as was asked for.</summary>
    public CkksParameters Parameters => _recorder.Parameters;

    /// <summary>The keys that the circuit uses, and the highest level of each.</summary>
    public KeyRequest Keys
    {
        get
        {
            KeyRequest copy = new();
            copy.Add(_recorder.Keys);
            return copy;
        }
    }

    /// <summary>The steps with level, scale and predicted error after each.</summary>
    public IReadOnlyList<PlanStep> Steps { get; }

    /// <summary>What is released.</summary>
    public Release Release => SoftArgmax.Release;

    /// <summary>The last layer's polynomials, with interval, degree and error.</summary>
    public SoftArgmax SoftArgmax { get; }

    /// <summary>Key switches.</summary>
    public int KeySwitchCount => _recorder.KeySwitchCount;

    /// <summary>Products of ciphertexts.</summary>
    public int ProductCount => _recorder.ProductCount;

    /// <summary>Products with plaintexts.</summary>
    public int PlainProductCount => _recorder.PlainProductCount;

    /// <summary>Rescalings.</summary>
    public int RescaleCount => _recorder.RescaleCount;

    /// <summary>Largest sum of live ciphertexts and working memory.</summary>
    public long CiphertextPeakBytes => _recorder.PeakBytes;

    /// <summary>Number of evaluation keys.</summary>
    public int KeyCount => _recorder.Keys.Count;

    /// <summary>Bytes of all evaluation keys in memory.</summary>
    public long KeyBytes => _recorder.Keys.ByteCount(Parameters);

    /// <summary>Bytes of all evaluation keys as they are sent, uniform halves as seeds.</summary>
    public long SeededKeyBytes => _recorder.Keys.SeededByteCount(Parameters);

    /// <summary>Bytes of a request: two ciphertexts at the top level, the second half of each a seed.</summary>
    public long RequestBytes => 2 * ((8L * Parameters.RingDegree * (Parameters.MaxLevel + 1)) + 32);

    /// <summary>Bytes of a response: one ciphertext at the last level.</summary>
    public long ResponseBytes => 2 * 8L * Parameters.RingDegree * (Steps[^1].Level + 1);

    /// <summary>Keys, ciphertexts and working memory together.</summary>
    public long PeakBytes => KeyBytes + CiphertextPeakBytes;

    /// <summary>Predicted standard deviation of the released value's error.</summary>
    public double PredictedError => Steps[^1].PredictedError;

    /// <summary>Estimated seconds of the evaluation.</summary>
    public double EstimateSeconds(CostModel model) => _recorder.EstimateSeconds(model);

    /// <summary>Plans a network for a bucket.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="bucket">B, one of the config's.</param>
    /// <param name="securityBits">128, 192 or 256.</param>
    /// <exception cref="ArgumentException">No polynomial serves the soft-argmax's interval.</exception>
    /// <exception cref="InsufficientSecurityException">No ring up to 2^17 is secure with that many levels.</exception>
    public static LevelPlan Create(HnnConfig config, int bucket, int securityBits = 128)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Create(config, bucket, ParametersFor(config, securityBits));
    }

    /// <summary>The parameter set of a network, the same for every bucket.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="securityBits">128, 192 or 256.</param>
    /// <exception cref="ArgumentException">No polynomial serves the soft-argmax's interval.</exception>
    /// <exception cref="InsufficientSecurityException">No ring up to 2^17 is secure with that many levels.</exception>
    public static CkksParameters ParametersFor(HnnConfig config, int securityBits = 128)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Plans.GetOrCreateValue(config).Parameters.GetOrAdd(securityBits, bits => Choose(config, bits));
    }

    /// <summary>Plans a network for given parameters, such as an insecure set in a test. The set must have the levels of
    /// <see cref="PrimeBits"/>; their number says whether copies of the sentence share the attention's keys.</summary>
    /// <exception cref="ArgumentException">The network does not fit the parameters, or no polynomial serves the soft-argmax's interval.</exception>
    public static LevelPlan Create(HnnConfig config, int bucket, CkksParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(parameters);
        return Plans.GetOrCreateValue(config).Plans.GetOrAdd((bucket, parameters.Id), _ => Record(config, bucket, parameters));
    }

    /// <summary>Sizes of q_0 … q_L for a network.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="productBits">Size of the primes at which ciphertexts are multiplied, and of the scale.</param>
    /// <param name="plainBits">Size of the primes at which they meet weights.</param>
    /// <param name="sharesKeys">Whether copies of the sentence share the attention's keys: see <see cref="TokenLayout"/>.</param>
    /// <exception cref="ArgumentException">No polynomial serves the soft-argmax's interval.</exception>
    public static int[] PrimeBits(HnnConfig config, int productBits, int plainBits, bool sharesKeys)
    {
        ArgumentNullException.ThrowIfNull(config);
        IEnumerable<bool> fromTop = ProductLevels(config, SoftArgmaxOf(config), sharesKeys);
        return [productBits + HeadRoomBits, .. fromTop.Reverse().Select(isProduct => isProduct ? productBits : plainBits)];
    }

    // From the top: every block, the head, the soft-argmax.
    private static IEnumerable<bool> ProductLevels(HnnConfig config, SoftArgmax softArgmax, bool sharesKeys) =>
        Enumerable.Repeat(TransformerBlock.ProductLevels(sharesKeys), config.LayerCount).SelectMany(levels => levels)
            .Concat(ClassifierHead.ProductLevels)
            .Concat(softArgmax.ProductLevels);

    // The faster of the two ways in the largest bucket.
    private static CkksParameters Choose(HnnConfig config, int securityBits)
    {
        LevelPlan?[] plans = [SmallestRing(config, securityBits, sharesKeys: false), SmallestRing(config, securityBits, sharesKeys: true)];
        CostModel model = CostModel.Default(1);
        return plans.OfType<LevelPlan>().MinBy(plan => plan.EstimateSeconds(model))?.Parameters
            ?? throw Refusal(config, securityBits);
    }

    private static LevelPlan? SmallestRing(HnnConfig config, int securityBits, bool sharesKeys)
    {
        ParameterSearch search = SearchFor(config, securityBits, sharesKeys);
        return Enumerable.Range(SecurityTable.MinLogN, SecurityTable.MaxLogN - SecurityTable.MinLogN + 1)
            .Where(logN => 1 << (logN - 1) >= SlotsFor(config))
            .Select(search.Find)
            .FirstOrDefault(set => set is not null) is { } parameters ? Create(config, config.MaxTokenCount, parameters) : null;
    }

    private static ParameterSearch SearchFor(HnnConfig config, int securityBits, bool sharesKeys) => new(
        (productBits, plainBits) => PrimeBits(config, productBits, plainBits, sharesKeys),
        set => Create(config, config.MaxTokenCount, set).PredictedError,
        MaxPredictedError * (config.Release == Release.SoftArgmax ? config.Labels.Count - 1 : 1),
        securityBits);

    private static int SlotsFor(HnnConfig config) => config.MaxTokenCount * TokenLayout.StrideFor(config.HiddenSize);

    private static InsufficientSecurityException Refusal(HnnConfig config, int securityBits)
    {
        const int MaxSlots = 1 << (SecurityTable.MaxLogN - 1);
        int[] bits = SearchFor(config, securityBits, sharesKeys: false).SmallestPrimeBits;
        string remedy = SlotsFor(config) > MaxSlots
            ? $"There are no more than {MaxSlots} slots in any ring: use smaller buckets." : "Use fewer layers or a soft-argmax of a lower degree.";
        return new(
            $"{bits.Length - 1} levels make at least {bits.Sum()} bits with q_0 and need a special prime besides, for {SlotsFor(config)} slots and a "
            + $"predicted error below {MaxPredictedError:E0}; N = 2^{SecurityTable.MaxLogN} allows "
            + $"{SecurityTable.MaxLog2(SecurityTable.MaxLogN, securityBits)} at {securityBits}-bit security. {remedy}");
    }

    private static SoftArgmax SoftArgmaxOf(HnnConfig config) => new(config.SoftArgmax, config.Labels.Count);

    private static LevelPlan Record(HnnConfig config, int bucket, CkksParameters parameters)
    {
        bool sharesKeys = parameters.MaxLevel != ProductLevels(config, SoftArgmaxOf(config), sharesKeys: false).Count();
        TokenLayout layout = new(parameters.SlotCount, bucket, config.HiddenSize, config.HeadCount, sharesKeys);
        SentimentCircuit circuit = new(config, NetworkWeights.Typical(config), layout);
        RecordingEvaluator recorder = new(parameters);
        List<PlanStep> steps = new StepQuantities(config, bucket, circuit.SoftArgmax).Record(recorder);
        using RecordedValue x = recorder.Create();
        using RecordedValue mask = recorder.Create();
        using RecordedValue y = circuit.Forward(recorder, x, mask);
        return new(config, layout, recorder, steps, circuit.SoftArgmax);
    }

    // What was planned for a config: parameters by security, plans by bucket and parameters.
    private sealed class Known
    {
        public ConcurrentDictionary<int, CkksParameters> Parameters { get; } = new();

        public ConcurrentDictionary<(int Bucket, ParametersId Parameters), LevelPlan> Plans { get; } = new();
    }
}
