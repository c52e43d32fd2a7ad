using Heann.Core;
using Heann.Core.Arithmetic;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Serialization;
using Hnn.Model.Layers;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Compilation;

/// <summary>What the encrypted evaluation of a batch of sentences takes (the throughput packing), computed without any ciphertext:
/// parameters, baby steps, levels, keys, memory, time.</summary>
/// <remarks>
/// <para>A run of <see cref="BatchCircuit"/> with the recording evaluator. It depends on the shape of the network alone, so client and
/// server arrive at the same plan from the same config. Immutable, thread-safe.</para>
/// <para><b>How it chooses.</b> The smallest ring in which the levels are secure, for 128-bit security by <see cref="SecurityTable"/>, with
/// the smallest primes whose predicted error stays below <see cref="MaxPredictedError"/>; primes that only divide products with weights
/// have 25 bits, as the weights' rounding is far below the scale's. The number of special primes is the one that makes a key switch
/// cheapest. Then the number of baby steps is the fastest by the recorder's account among those that keep the memory.</para>
/// <para><b>Memory.</b> Where all columns at once do not keep it, those that wait are put on disk (<see cref="ColumnSchedule"/>), and as
/// many
/// are in memory at once as it allows: the more, the fewer passes over the others. Where the whole batch keeps it, nothing goes to
/// disk.</para>
/// </remarks>
public sealed class ThroughputPlan
{
    /// <summary>Largest predicted standard deviation of the released value. Twenty times that is 2e-3, what a batch is held to; the largest
    /// error measured with hnn-tiny was below its prediction, as weights and values of typical size stand for the worst.</summary>
    public const double MaxPredictedError = 1e-4;

    /// <summary>Memory of keys, ciphertexts and working memory unless another bound is given: 7 GB, so that a process keeps within 8.</summary>
    public const long DefaultMemoryBytes = 7_000_000_000;

    // q_0 over the scale, for the integer part of the result.
    private const int HeadRoomBits = 10;

    // Packed bytes that one thread writes or reads in a second: packing, digest, and a file that the system holds in memory.
    private const double DiskBytesPerSecond = 4e8;

    private readonly RecordingEvaluator _recorder;
    private readonly BatchCircuit _circuit;

    private ThroughputPlan(HnnConfig config, BatchCircuit circuit, RecordingEvaluator recorder, IReadOnlyList<PlanStep> steps) =>
        (Config, _circuit, _recorder, Steps) = (config, circuit, recorder, steps);

    /// <summary>The network's shape.</summary>
    public HnnConfig Config { get; }

    /// <summary>Where the sentences lie.</summary>
    public BatchLayout Layout => _circuit.Layout;

    /// <summary>B.</summary>
    public int Bucket => Layout.Bucket;

    /// <summary>Sentences that a batch holds.</summary>
    public int SentenceCount => Layout.SentenceCount;

    /// <summary>The parameter set, at least as secure as was asked for.</summary>
    public CkksParameters Parameters => _recorder.Parameters;

    /// <summary>The keys that the circuit uses, and the highest level of each.</summary>
    public KeyRequest Keys => _recorder.Keys;

    /// <summary>The steps with level, scale and predicted error after each, by their first column; see <see cref="BatchCircuit"/>.</summary>
    public IReadOnlyList<PlanStep> Steps { get; }

    /// <summary>The last layer's polynomial, with interval, degree and error.</summary>
    public SoftArgmax SoftArgmax => _circuit.SoftArgmax;

    /// <summary>Which columns are in memory at once, and whether the others wait on disk.</summary>
    public ColumnSchedule Schedule => _circuit.Schedule;

    /// <summary>What comes out.</summary>
    public Release Release => SoftArgmax.Release;

    /// <summary>Ciphertexts of a response: one for y, n for n probabilities.</summary>
    public int ReleasedCount => Release == Release.Probabilities ? SoftArgmax.ClassCount : 1;

    /// <summary>Key switches.</summary>
    public int KeySwitchCount => _recorder.KeySwitchCount;

    /// <summary>Products of ciphertexts.</summary>
    public int ProductCount => _recorder.ProductCount;

    /// <summary>Products of a ciphertext and an integer.</summary>
    public long IntegerProductCount => _recorder.IntegerProductCount;

    /// <summary>Rescalings.</summary>
    public int RescaleCount => _recorder.RescaleCount;

    /// <summary>Operations that an evaluator will count.</summary>
    public long OperationCount => _recorder.OperationCount;

    /// <summary>Largest sum of live ciphertexts, the request among them, and working memory.</summary>
    public long CiphertextPeakBytes => _recorder.PeakBytes;

    /// <summary>Number of evaluation keys.</summary>
    public int KeyCount => _recorder.Keys.Count;

    /// <summary>Bytes of all evaluation keys in memory.</summary>
    public long KeyBytes => _recorder.Keys.ByteCount(Parameters);

    /// <summary>Bytes of all evaluation keys as they are sent, uniform halves as seeds.</summary>
    public long SeededKeyBytes => _recorder.Keys.SeededByteCount(Parameters);

    /// <summary>Keys, ciphertexts and working memory together.</summary>
    public long PeakBytes => KeyBytes + CiphertextPeakBytes;

    /// <summary>Bytes that the temporary file of waiting columns grows to; 0 where all are in memory.</summary>
    public long DiskPeakBytes { get; private init; }

    /// <summary>Bytes written to that file in all.</summary>
    public long DiskWrittenBytes { get; private init; }

    /// <summary>Bytes read from that file in all.</summary>
    public long DiskReadBytes { get; private init; }

    /// <summary>Bytes of a request: a ciphertext for each feature and the mask, the second half of each a seed.</summary>
    public long RequestBytes => (Config.HiddenSize + 1) * ((8L * Parameters.RingDegree * (Parameters.MaxLevel + 1)) + 32);

    /// <summary>Bytes of a response, at the last level.</summary>
    public long ResponseBytes => ReleasedCount * 2 * 8L * Parameters.RingDegree * (Steps[^1].Level + 1);

    /// <summary>Predicted standard deviation of the released value's error.</summary>
    public double PredictedError => Steps[^1].PredictedError;

    /// <summary>Estimated seconds of the evaluation of a batch, however many sentences it holds; a disk slower than the system's memory for
    /// files adds its own time to those of waiting columns.</summary>
    public double EstimateSeconds(CostModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        double threads = 1 + ((model.ThreadCount - 1) * model.ThreadEfficiency);
        return _recorder.EstimateSeconds(model) + ((DiskWrittenBytes + DiskReadBytes) / (DiskBytesPerSecond * threads));
    }

    /// <summary>Plans a network for a bucket.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="bucket">B, one of the config's.</param>
    /// <param name="memoryBytes">Most bytes of keys, ciphertexts and working memory.</param>
    /// <param name="securityBits">128, 192 or 256.</param>
    /// <exception cref="ArgumentException">The network has no such bucket, or the memory does not do.</exception>
    /// <exception cref="InsufficientSecurityException">No ring up to 2^17 is secure with that many levels of the size that the precision
    /// takes.</exception>
    public static ThroughputPlan Create(HnnConfig config, int bucket, long memoryBytes = DefaultMemoryBytes, int securityBits = 128)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.RequireBucket(bucket);
        CkksParameters parameters = ParametersFor(config, securityBits);
        CostModel model = CostModel.Default(1);
        ThroughputPlan[] whole = [.. BabySteps(bucket).Select(steps => Record(config, bucket, parameters, steps))];
        if (whole.Where(plan => plan.PeakBytes <= memoryBytes).MinBy(plan => plan.EstimateSeconds(model)) is { } inMemory)
        {
            return inMemory;
        }

        ThroughputPlan[] onDisk = [.. BabySteps(bucket).Select(steps => OnDisk(config, bucket, parameters, steps, memoryBytes))];
        return onDisk.Where(plan => plan.PeakBytes <= memoryBytes).MinBy(plan => plan.EstimateSeconds(model))
            ?? throw new ArgumentException(
                $"A batch in bucket {bucket} takes {whole.Min(plan => plan.PeakBytes) / 1e9:F1} GB, {onDisk.Min(plan => plan.PeakBytes) / 1e9:F1} GB with waiting columns "
                + $"on disk, and {memoryBytes / 1e9:F1} GB are allowed; allow more memory, or evaluate sentence by sentence (the latency packing).",
                nameof(memoryBytes));
    }

    /// <summary>Plans a network for given parameters, such as an insecure set in a test. The set must have the levels of
    /// <see cref="BatchCircuit.ProductLevels"/>.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="bucket">B, one of the config's.</param>
    /// <param name="parameters">The set.</param>
    /// <param name="babyStepCount">G; null for the largest with G² ≤ B.</param>
    /// <param name="schedule">Which columns are in memory at once; null for all.</param>
    /// <exception cref="ArgumentException">The network has no such bucket, or does not fit the set.</exception>
    public static ThroughputPlan Create(
        HnnConfig config, int bucket, CkksParameters parameters, int? babyStepCount = null, ColumnSchedule? schedule = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(parameters);
        config.RequireBucket(bucket);
        return Record(config, bucket, parameters, babyStepCount, schedule);
    }

    /// <summary>The parameter set of a network, the same for every bucket.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="securityBits">128, 192 or 256.</param>
    /// <exception cref="InsufficientSecurityException">No ring up to 2^17 is secure with that many levels of the size that the precision
    /// takes.</exception>
    public static CkksParameters ParametersFor(HnnConfig config, int securityBits = 128)
    {
        ArgumentNullException.ThrowIfNull(config);
        int bucket = config.MaxTokenCount;
        ParameterSearch search = new(
            (productBits, plainBits) => PrimeBits(config, productBits, plainBits),
            set => Record(config, bucket, set, null).PredictedError,
            MaxPredictedError,
            securityBits);
        for (int logN = SecurityTable.MinLogN; logN <= SecurityTable.MaxLogN; logN++)
        {
            if (1 << (logN - 1) >= bucket && search.Find(logN) is { } parameters)
            {
                return parameters;
            }
        }

        throw new InsufficientSecurityException(
            $"No ring up to 2^{SecurityTable.MaxLogN} holds the {search.SmallestPrimeBits.Length - 1} levels of this network "
            + $"at {securityBits}-bit security with a predicted error below {MaxPredictedError:E0}; use fewer layers or a soft-argmax of a lower degree.");
    }

    /// <summary>Sizes of q_0 … q_L for a network.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="productBits">Size of the primes at which ciphertexts are multiplied, and of the scale.</param>
    /// <param name="plainBits">Size of the primes at which they meet weights.</param>
    public static int[] PrimeBits(HnnConfig config, int productBits, int plainBits)
    {
        ArgumentNullException.ThrowIfNull(config);
        IEnumerable<bool> fromTop = BatchCircuit.ProductLevels(config.LayerCount, new SoftArgmax(config.SoftArgmax, config.Labels.Count).Depth);
        return [productBits + HeadRoomBits, .. fromTop.Reverse().Select(isProduct => isProduct ? productBits : plainBits)];
    }

    // G near √B, or twice it: more of them exchange key switches that stand alone for rotations that share a decomposition.
    private static IEnumerable<int> BabySteps(int bucket)
    {
        int root = new BatchLayout(bucket, bucket, 1, 1).BabyStepCount;
        return root < bucket ? [root, 2 * root] : [root];
    }

    // As many columns in memory as it allows. Feed-forward and attention peak at different times: first the most wide features beside an
    // attention at its least, then the fastest attention beside them. The least of both where even that does not fit.
    private static ThroughputPlan OnDisk(HnnConfig config, int bucket, CkksParameters parameters, int babyStepCount, long memoryBytes)
    {
        int[] wide = [256, 128, 64, 32, 16, 8, 4];
        int[] scores = [4, 2], read = [32, 16];
        ThroughputPlan With(int featureCount, int scoreCount, int wideCount, int readCount) =>
            Record(config, bucket, parameters, babyStepCount, ColumnSchedule.Disk(featureCount, scoreCount, wideCount, readCount));
        ThroughputPlan best = wide.Select(count => With(scores[^1], scores[^1], count, read[^1]))
            .First(plan => plan.PeakBytes <= memoryBytes || plan.Schedule.WideFeatures == wide[^1]);
        CostModel model = CostModel.Default(1);

        // Half as many features are one more pass over x, and may leave room for more of what else there is: fewer still are slower.
        int last = 0;
        for (int features = 32; features > last && features >= scores[^1]; features /= 2)
        {
            ThroughputPlan? candidate = scores.Where(count => count <= features)
                .SelectMany(count => read.Select(columns => With(features, count, best.Schedule.WideFeatures, columns)))
                .Where(plan => plan.PeakBytes <= memoryBytes).MinBy(plan => plan.EstimateSeconds(model));
            if (candidate is not null)
            {
                best = last == 0 || candidate.EstimateSeconds(model) < best.EstimateSeconds(model) ? candidate : best;
                last = Math.Max(last, (features / 2) - 1);
            }
        }

        return best;
    }

    private static ThroughputPlan Record(
        HnnConfig config, int bucket, CkksParameters parameters, int? babyStepCount, ColumnSchedule? schedule = null)
    {
        BatchLayout layout = new(parameters.SlotCount, bucket, config.HiddenSize, config.HeadCount, babyStepCount);
        BatchCircuit circuit = new(config, NetworkWeights.Typical(config), layout, schedule);
        RecordingEvaluator recorder = new(parameters);
        List<PlanStep> steps = new StepQuantities(config, bucket, circuit.SoftArgmax).Record(recorder);
        using RecordedValue mask = recorder.Create();
        using RecordedStore? disk = circuit.Schedule.OnDisk ? new(recorder) : null;
        using ValueStore<RecordedValue> store = disk ?? (ValueStore<RecordedValue>)new MemoryStore<RecordedValue>();
        using WaitingColumns<RecordedValue> x = circuit.Columns(store);
        for (int i = 0; i < x.Count; i++)
        {
            x.Put(i, recorder.Create());
        }

        foreach (RecordedValue y in circuit.Forward(recorder, x, mask))
        {
            y.Dispose();
        }

        return new(config, circuit, recorder, steps)
        {
            DiskPeakBytes = disk?.PeakBytes ?? 0,
            DiskWrittenBytes = disk?.WrittenBytes ?? 0,
            DiskReadBytes = disk?.ReadBytes ?? 0,
        };
    }
}
