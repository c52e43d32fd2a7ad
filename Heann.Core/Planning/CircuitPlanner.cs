using System.Diagnostics;
using System.Globalization;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Parameters;

namespace Heann.Core.Planning;

/// <summary>Dry runs: finds the levels, parameters, keys, sizes, precision and time that a circuit takes, or says where it does not
/// fit.</summary>
/// <remarks>
/// <para>A circuit is a method written once for any kind of value, <c>static T Mean&lt;T&gt;(CircuitEvaluator&lt;T&gt; e, T x) where T :
/// class, ICircuitValue</c>: <c>CircuitPlanner.Plan(Mean)</c> plans it, <c>Mean(evaluator, ciphertext)</c> runs it. It must not depend on
/// anything but its inputs' levels and the evaluator. A circuit that uses all levels it finds gets the fewest it can do with.</para>
/// <para>The search starts without levels and adds those that the first operation to fail is missing, which is never too many; each attempt
/// runs under the smallest secure parameters of that many levels. Thread-safe.</para>
/// </remarks>
public static class CircuitPlanner
{
    private const int MaxScaleBits = 49;

    /// <summary>Plans a circuit of one input and one result with the fewest levels.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="options">What the plan is for; null for 128-bit security and a scale of 2^40.</param>
    /// <param name="progress">Told the number of levels that is tried.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="CircuitPlanException">The circuit fails for other reasons than levels, or misses the precision at any
    /// scale.</exception>
    /// <exception cref="InsufficientSecurityException">No ring up to 2^17 is secure with the levels it needs.</exception>
    public static CircuitPlan Plan(
        Func<CircuitEvaluator<RecordedValue>, RecordedValue, RecordedValue> circuit, PlanOptions? options = null,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        return PlanMany(Wrap(circuit, options), options, progress, cancellation);
    }

    /// <summary>Plans a circuit of several inputs and results with the fewest levels; see
    /// <see cref="PlanOptions.InputMagnitudes"/>.</summary>
    /// <inheritdoc cref="Plan"/>
    public static CircuitPlan PlanMany(
        Func<CircuitEvaluator<RecordedValue>, RecordedValue[], RecordedValue[]> circuit, PlanOptions? options = null,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        options ??= new();
        options.Validate();
        (int levels, int scaleBits) = (0, options.ScaleBits);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(levels);
            CkksParameters parameters = Choose(options, scaleBits, Enumerable.Repeat(scaleBits, levels));
            try
            {
                CircuitPlan plan = RecordMany(circuit, parameters, options, cancellation);
                if (options.PlainPrimeBits is { } plainBits && plainBits < scaleBits)
                {
                    plan = RecordMany(circuit, Choose(options, scaleBits, LevelBits(plan, scaleBits, plainBits)), options, cancellation);
                }

                if (options.MinPrecisionBits is not { } wanted || plan.PrecisionBits >= wanted)
                {
                    return plan;
                }

                scaleBits = NextScale(plan, wanted, scaleBits);
            }
            catch (CircuitPlanException exception) when (exception.MissingLevelCount > 0 && levels < options.MaxLevelCount)
            {
                levels = Math.Min(options.MaxLevelCount, levels + exception.MissingLevelCount);
            }
        }
    }

    /// <summary>Runs a circuit dry under given parameters.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="parameters">The parameters, such as those that other circuits use.</param>
    /// <param name="options">Inputs; of the rest nothing is used. Null for one input of magnitude 1.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <exception cref="CircuitPlanException">It does not fit: the message names the operation, where it is, and what it
    /// misses.</exception>
    public static CircuitPlan Record(
        Func<CircuitEvaluator<RecordedValue>, RecordedValue, RecordedValue> circuit, CkksParameters parameters,
        PlanOptions? options = null, CancellationToken cancellation = default)
    {
        return RecordMany(Wrap(circuit, options), parameters, options, cancellation);
    }

    /// <summary>Runs a circuit of several inputs and results dry under given parameters.</summary>
    /// <inheritdoc cref="Record"/>
    public static CircuitPlan RecordMany(
        Func<CircuitEvaluator<RecordedValue>, RecordedValue[], RecordedValue[]> circuit, CkksParameters parameters,
        PlanOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        ArgumentNullException.ThrowIfNull(parameters);
        options ??= new();
        options.Validate();
        List<PlanStage> stages = [];
        RecordingEvaluator recorder = new(parameters) { KeepsOperations = true, Cancellation = cancellation };
        recorder.StageReached = (name, value) => stages.Add(new(name, recorder.Operations.Count, Diagnosis.Of(value, parameters)));
        RecordedValue[] inputs = [.. options.InputMagnitudes.Select(magnitude =>
            options.UsesPublicKey ? recorder.CreatePublic(magnitude: magnitude) : recorder.Create(magnitude: magnitude))];

        // The circuit may use its inputs as destinations: what they were is noted first.
        Diagnosis[] diagnosed = [.. inputs.Select(input => Diagnosis.Of(input, parameters))];
        RecordedValue[] outputs;
        try
        {
            outputs = circuit(recorder, inputs);
        }
        catch (Exception exception) when (MissingLevels(exception) is { } missing)
        {
            throw Explain(exception, missing, recorder, stages);
        }

        return outputs is { Length: > 0 }
            ? new(recorder, diagnosed, [.. outputs.Select(output => Diagnosis.Of(output, parameters))], stages)
            : throw new ArgumentException("The circuit gave no result.", nameof(circuit));
    }

    private static Func<CircuitEvaluator<RecordedValue>, RecordedValue[], RecordedValue[]> Wrap(
        Func<CircuitEvaluator<RecordedValue>, RecordedValue, RecordedValue> circuit, PlanOptions? options)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        return options is null or { InputMagnitudes.Count: 1 }
            ? (evaluator, inputs) => [circuit(evaluator, inputs[0])]
            : throw new ArgumentException($"The circuit has one input and {options.InputMagnitudes?.Count ?? 0} magnitudes were given; give one.", nameof(options));
    }

    private static CkksParameters Choose(PlanOptions options, int scaleBits, IEnumerable<int> levelBits) => ParamGen.ForPrimes(
        options.SecurityBits, options.SlotCount, [options.FirstPrimeBits(scaleBits), .. levelBits], Scale.FromLog2(scaleBits),
        options.MaxDigitCount);

    // Sizes of q_1 … q_L: that of the scale where two ciphertexts are multiplied.
    private static IEnumerable<int> LevelBits(CircuitPlan plan, int scaleBits, int plainBits)
    {
        HashSet<int> products = [.. plan.Operations.Where(o => o.IsProductOfCiphertexts).Select(o => o.Result.Level)];
        return Enumerable.Range(1, plan.LevelCount).Select(level => products.Contains(level) ? scaleBits : plainBits);
    }

    // How many levels an error says are missing, 0 where no level mends it; null for what is no refusal.
    private static int? MissingLevels(Exception exception) => exception switch
    {
        LevelExhaustedException e => Math.Max(1, e.Needed - e.Available),
        ArgumentOutOfRangeException { ParamName: "level", ActualValue: int and < 0 } e => -(int)e.ActualValue!,
        InvalidOperationException or ArgumentException => 0,
        _ => null,
    };

    private static CircuitPlanException Explain(Exception exception, int missing, RecordingEvaluator recorder, List<PlanStage> stages)
    {
        int position = recorder.Operations.Count + 1;
        string? stage = stages.Count == 0 ? null : stages[^1].Name;
        string where = (stage is null ? string.Empty : $" after stage \"{stage}\"") + Caller(exception);
        string what = exception is LevelExhaustedException exhausted ? exhausted.Operation : "The operation";
        string message = missing > 0
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{what}, operation {position} of the circuit{where}, needs {missing} more level(s): the parameters have {recorder.Parameters.MaxLevel}, take {recorder.Parameters.MaxLevel + missing} or more.")
            : $"Operation {position} of the circuit{where} fails: {exception.Message}";
        return new(message, exception) { Position = position, AfterStage = stage, MissingLevelCount = missing };
    }

    // The innermost method outside this library: where the caller wrote the operation.
    private static string Caller(Exception exception)
    {
        foreach (StackFrame frame in new StackTrace(exception, fNeedFileInfo: true).GetFrames())
        {
            if (DiagnosticMethodInfo.Create(frame) is { DeclaringTypeName: { } type } method
                && method.DeclaringAssemblyName != typeof(CircuitPlanner).Assembly.FullName)
            {
                // Of a lambda, "<Caller>b__0" of "Namespace.Outer+<>c", the method that holds it.
                string[] types = [.. type[(type.LastIndexOf('.') + 1)..].Split('+').TakeWhile((t, i) => i == 0 || !t.StartsWith('<'))];
                string name = method.Name.StartsWith('<') && method.Name.IndexOf('>', StringComparison.Ordinal) is > 1 and int end
                    ? method.Name[1..end]
                    : method.Name;
                string line = frame.GetFileLineNumber() is > 0 and int number ? $", line {number}" : string.Empty;
                return $" in {types[^1]}.{name}{line}";
            }
        }

        return string.Empty;
    }

    // As many bits more as are missing; the noise grows with the scale a little, so that another round may follow.
    private static int NextScale(CircuitPlan plan, double wanted, int scaleBits)
    {
        int next = scaleBits + Math.Max(1, (int)Math.Ceiling(wanted - plan.PrecisionBits));
        if (next <= MaxScaleBits)
        {
            return next;
        }

        // The largest scale is worth a try of its own before it is given up.
        return scaleBits < MaxScaleBits
            ? MaxScaleBits
            : throw new CircuitPlanException(string.Create(
                CultureInfo.InvariantCulture,
                $"The results keep {plan.PrecisionBits:F1} bits at the largest scale, 2^{scaleBits}, and {wanted:F1} are wanted; use fewer products, smaller intermediate values, or accept less."));
    }
}
