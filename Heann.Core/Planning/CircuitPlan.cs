using System.Globalization;
using System.Text;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;

namespace Heann.Core.Planning;

/// <summary>What the encrypted run of a circuit takes, found without any ciphertext: parameters, keys, sizes, precision, time.</summary>
/// <remarks>
/// Made by <see cref="CircuitPlanner"/>. <see cref="Keys"/> goes to <see cref="KeyGenerator.CreateEvaluationKeys"/>,
/// <see cref="Parameters"/> to a context; then the same circuit runs on ciphertexts. Sizes and levels are exact, precision is predicted
/// (see <see cref="Diagnosis"/>), time is that of a cost model. Immutable, thread-safe.
/// </remarks>
public sealed class CircuitPlan
{
    private readonly RecordingEvaluator _recorder;

    internal CircuitPlan(
        RecordingEvaluator recorder, IReadOnlyList<Diagnosis> inputs, IReadOnlyList<Diagnosis> outputs, IReadOnlyList<PlanStage> stages)
    {
        _recorder = recorder;
        (Inputs, Outputs, Stages) = (inputs, outputs, stages);
        Findings = Find();
    }

    /// <summary>The parameter set.</summary>
    public CkksParameters Parameters => _recorder.Parameters;

    /// <summary>Levels of the set.</summary>
    public int LevelCount => Parameters.MaxLevel;

    /// <summary>The keys that the circuit uses, each with the highest level it is used at: no more and no fewer.</summary>
    public KeyRequest Keys
    {
        get
        {
            KeyRequest copy = new();
            copy.Add(_recorder.Keys);
            return copy;
        }
    }

    /// <summary>The inputs as they are encrypted.</summary>
    public IReadOnlyList<Diagnosis> Inputs { get; }

    /// <summary>The results.</summary>
    public IReadOnlyList<Diagnosis> Outputs { get; }

    /// <summary>The stages that the circuit announced.</summary>
    public IReadOnlyList<PlanStage> Stages { get; }

    /// <summary>Every operation, in order.</summary>
    public IReadOnlyList<RecordedOperation> Operations => _recorder.Operations;

    /// <summary>Operations that an evaluator will count (<see cref="CircuitEvaluator{T}.OperationCount"/>), those of transforms
    /// included.</summary>
    public long OperationCount => _recorder.OperationCount;

    /// <summary>Relinearisations and rotations.</summary>
    public int KeySwitchCount => _recorder.KeySwitchCount;

    /// <summary>Products of two ciphertexts.</summary>
    public int ProductCount => _recorder.ProductCount;

    /// <summary>Products of a ciphertext and a plaintext or constant.</summary>
    public int PlainProductCount => _recorder.PlainProductCount;

    /// <summary>Rescalings.</summary>
    public int RescaleCount => _recorder.RescaleCount;

    /// <summary>Bits after the binary point that the worst result keeps by prediction.</summary>
    public double PrecisionBits => Outputs.Min(output => output.PrecisionBits);

    /// <summary>Number of evaluation keys.</summary>
    public int KeyCount => _recorder.Keys.Count;

    /// <summary>Bytes of all evaluation keys in memory.</summary>
    public long KeyBytes => _recorder.Keys.ByteCount(Parameters);

    /// <summary>Bytes of all evaluation keys as they are stored or sent, uniform halves as seeds.</summary>
    public long SeededKeyBytes => _recorder.Keys.SeededByteCount(Parameters);

    /// <summary>Bytes of all inputs in memory.</summary>
    public long InputBytes => Inputs.Sum(input => input.ByteCount);

    /// <summary>Bytes of all results in memory.</summary>
    public long OutputBytes => Outputs.Sum(output => output.ByteCount);

    /// <summary>Largest sum of live ciphertexts and working memory, without the keys.</summary>
    public long PeakCiphertextBytes => _recorder.PeakBytes;

    /// <summary>What deserves attention, each with its remedy.</summary>
    public IReadOnlyList<string> Findings { get; }

    /// <summary>Estimated seconds of the evaluation.</summary>
    /// <param name="model">The machine; null for the default model with all processors.</param>
    public double EstimateSeconds(CostModel? model = null) =>
        _recorder.EstimateSeconds(model ?? CostModel.Default(Environment.ProcessorCount));

    /// <summary>Turns the count of an evaluator that runs this circuit into its share, 0 … 1.</summary>
    /// <param name="progress">Told the share after every operation.</param>
    /// <returns>For <see cref="CircuitEvaluator{T}.Progress"/> or <see cref="CkksContext.CreateEvaluator"/>.</returns>
    public IProgress<long> Track(IProgress<double> progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        return new Share(progress, Math.Max(1, OperationCount));
    }

    /// <summary>Several lines: parameters, keys, sizes, precision, time, stages, findings.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.AppendLine(Parameters.ToString());
        text.AppendLine(Invariant($"levels     {LevelCount}; {string.Join(", ", Outputs.Select(o => $"result at level {o.Level}"))}"));
        text.AppendLine(Invariant($"precision  {PrecisionBits:F1} bits after the point predicted, budget {Outputs.Min(o => o.BudgetBits):F0} bits"));
        text.AppendLine(Invariant($"keys       {KeyCount}: {DescribeKeys()}; {Mega(KeyBytes)} in memory, {Mega(SeededKeyBytes)} to send"));
        text.AppendLine(Invariant($"data       inputs {Mega(InputBytes)}, results {Mega(OutputBytes)}, at most {Mega(PeakCiphertextBytes)} at work"));
        text.AppendLine(Invariant($"work       {KeySwitchCount} key switches, {ProductCount} products, {PlainProductCount} with plaintexts, {RescaleCount} rescalings"));
        text.Append(Invariant($"time       about {EstimateSeconds(CostModel.Default(1)):G3} s on one thread"));
        foreach (PlanStage stage in Stages)
        {
            text.AppendLine().Append("stage      ").Append(stage);
        }

        foreach (string finding in Findings)
        {
            text.AppendLine().Append("!          ").Append(finding);
        }

        return text.ToString();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Mega(long bytes) => Invariant($"{bytes / 1048576.0:F1} MiB");

    private string DescribeKeys()
    {
        IEnumerable<string> names = _recorder.Keys.Galois.OrderBy(pair => pair.Key.RotationSteps).Select(pair =>
            Invariant($"{(pair.Key.IsConjugation ? "conjugation" : $"rotation {pair.Key.RotationSteps}")} at level {pair.Value}"));
        if (_recorder.Keys.RelinearizationLevel is { } level)
        {
            names = names.Prepend(Invariant($"relinearisation at level {level}"));
        }

        string[] first = [.. names.Take(8)];
        return first.Length == 0 ? "none" : string.Join(", ", first) + (KeyCount > first.Length ? ", …" : string.Empty);
    }

    private List<string> Find()
    {
        List<string> findings = [];
        int unused = Outputs.Min(output => output.Level);
        if (unused > 0)
        {
            findings.Add(Invariant($"{unused} level(s) are left at the results: parameters with fewer would be faster."));
        }

        foreach (RecordedOperation operation in Operations)
        {
            if (operation.Result.BudgetBits < 0)
            {
                findings.Add(Invariant(
                    $"Operation {operation.Position}, {operation.Name}, wraps by {-operation.Result.BudgetBits:F1} bits: more head-room in q_0, a smaller scale, or smaller values."));
                break;
            }
        }

        if (KeyBytes > 4 * PeakCiphertextBytes)
        {
            findings.Add(Invariant($"The keys are {KeyBytes / Math.Max(1, PeakCiphertextBytes)} times the ciphertexts: fewer different rotations, or rotations at lower levels, would help."));
        }

        return findings;
    }

    private sealed class Share(IProgress<double> progress, long total) : IProgress<long>
    {
        public void Report(long value) => progress.Report(Math.Min(1, (double)value / total));
    }
}
