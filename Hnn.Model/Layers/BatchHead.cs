using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Evaluation;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>Pooling, the layer before the classifier, and the classifier over a batch: the arguments t of the soft-argmax, a ciphertext for
/// each (one for two classes, else n), in every slot of their sentence. Plaintext, product, plaintext: three levels.</summary>
/// <remarks>
/// The map is applied to every token and the tokens summed afterwards: as many sums as before it, but a level lower, and the mask need
/// not be summed. The sums take giant and baby steps, whose keys the attention has. Constants are folded as in
/// <see cref="ClassifierHead"/>. Immutable, thread-safe.
/// </remarks>
public sealed class BatchHead
{
    private readonly BatchLayout _layout;
    private readonly BatchLinear _pre;
    private readonly HeadMaps _maps;
    private readonly ColumnSchedule _schedule;

    /// <summary>Prepares the head.</summary>
    /// <param name="layout">The layout of the batch.</param>
    /// <param name="weights">Pre, mask weight and classifier.</param>
    /// <param name="activation">The activation between them.</param>
    /// <param name="softArgmax">What follows.</param>
    /// <param name="schedule">Which columns are in memory at once; null for all.</param>
    /// <exception cref="ArgumentException">The classifier has another number of classes than the soft-argmax.</exception>
    public BatchHead(
        BatchLayout layout, HeadWeights weights, QuadraticActivation activation, SoftArgmax softArgmax, ColumnSchedule? schedule = null)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(weights);
        _layout = layout;
        _schedule = schedule ?? ColumnSchedule.InMemory;
        _maps = HeadMaps.Fold(weights, activation, layout.Bucket, softArgmax);
        _pre = new(_maps.TokenMap);
    }

    /// <summary>The arguments in every slot, at the given scale; reported by the first.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">The residual stream.</param>
    /// <param name="mask">m.</param>
    /// <param name="scale">Scale of the result.</param>
    internal T[] Forward<T>(CircuitEvaluator<T> evaluator, WaitingColumns<T> x, T mask, Scale scale)
        where T : class, ICircuitValue
    {
        using WaitingColumns<T> hidden = x.Beside(_pre.Out);
        _pre.Stream(evaluator, x, mask, (x.Scale, _schedule.StreamedRows), (row, value) =>
        {
            using T tokens = value;
            hidden.Put(row, Hidden(evaluator, tokens, row));
        });

        LinearWeights classifier = _maps.Classifier;
        double[,] weights = new double[classifier.Out, classifier.In];
        Buffer.BlockCopy(classifier.Weight, 0, weights, 0, sizeof(double) * classifier.Weight.Length);
        Scale weightScale = scale * new Scale(evaluator.Parameters.BasisQ[hidden.Level].Value) / hidden.Scale.Value;
        using ColumnSet<T> mapped = new(classifier.Out);
        hidden.Multiply(
            evaluator, new(weights, weightScale, classifier.Bias), null, classifier.Out, (row, value) => mapped[row] = value);
        for (int i = 0; i < mapped.Count; i++)
        {
            evaluator.DeclareMagnitude(mapped[i], Linear.TypicalMagnitude);
        }

        evaluator.Report("head.classifier", mapped[0]);
        return [.. Enumerable.Range(0, mapped.Count).Select(mapped.Take)];
    }

    // The square of a feature, summed over the tokens of each sentence.
    private T Hidden<T>(CircuitEvaluator<T> evaluator, T tokens, int row)
        where T : class, ICircuitValue
    {
        using ColumnSet<T> hidden = new(1);
        hidden[0] = InnerSum.Evaluate(evaluator, tokens, _layout.SentenceCount, _layout.Bucket, Math.Max(2, _layout.BabyStepCount));
        evaluator.AddConstantInto(hidden[0], _maps.Bias[row], hidden[0]);
        evaluator.DeclareMagnitude(hidden[0], Linear.TypicalMagnitude);
        ReportFirst(evaluator, "head.pre", row, hidden[0]);
        QuadraticActivation.SquareInto(evaluator, hidden[0]);
        ReportFirst(evaluator, "head.activation", row, hidden[0]);
        return hidden.Take(0);
    }

    private static void ReportFirst<T>(CircuitEvaluator<T> evaluator, string name, int row, T value)
        where T : class, ICircuitValue
    {
        if (row == 0)
        {
            evaluator.Report(name, value);
        }
    }
}
