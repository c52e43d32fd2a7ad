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

    /// <summary>Prepares the head.</summary>
    /// <param name="layout">The layout of the batch.</param>
    /// <param name="weights">Pre, mask weight and classifier.</param>
    /// <param name="activation">The activation between them.</param>
    /// <param name="softArgmax">What follows.</param>
    /// <exception cref="ArgumentException">The classifier has another number of classes than the soft-argmax.</exception>
    public BatchHead(BatchLayout layout, HeadWeights weights, QuadraticActivation activation, SoftArgmax softArgmax)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(weights);
        _layout = layout;
        _maps = HeadMaps.Fold(weights, activation, layout.Bucket, softArgmax);
        _pre = new(_maps.TokenMap);
    }

    /// <summary>The arguments in every slot, at the given scale; reported by the first.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">The residual stream.</param>
    /// <param name="mask">m.</param>
    /// <param name="scale">Scale of the result.</param>
    internal T[] Forward<T>(CircuitEvaluator<T> evaluator, ColumnSet<T> x, T mask, Scale scale)
        where T : class, ICircuitValue
    {
        using ColumnSet<T> hidden = new(_pre.Out);
        _pre.Stream(evaluator, x.All, mask, null, (row, value) =>
        {
            using T tokens = value;
            hidden[row] = InnerSum.Evaluate(
                evaluator, tokens, _layout.SentenceCount, _layout.Bucket, Math.Max(2, _layout.BabyStepCount));
            evaluator.AddConstantInto(hidden[row], _maps.Bias[row], hidden[row]);
            evaluator.DeclareMagnitude(hidden[row], Linear.TypicalMagnitude);
            ReportFirst(evaluator, "head.pre", row, hidden[row]);
            QuadraticActivation.SquareInto(evaluator, hidden[row]);
            ReportFirst(evaluator, "head.activation", row, hidden[row]);
        });

        LinearWeights classifier = _maps.Classifier;
        double[,] weights = new double[classifier.Out, classifier.In];
        Buffer.BlockCopy(classifier.Weight, 0, weights, 0, sizeof(double) * classifier.Weight.Length);
        Scale weightScale = scale * new Scale(evaluator.Parameters.BasisQ[hidden[0].Level].Value) / hidden[0].Scale.Value;
        T[] mapped = new ModularMatrixProduct(weights, weightScale, classifier.Bias).Evaluate(evaluator, hidden.All);
        foreach (T t in mapped)
        {
            evaluator.DeclareMagnitude(t, Linear.TypicalMagnitude);
        }

        evaluator.Report("head.classifier", mapped[0]);
        return mapped;
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
