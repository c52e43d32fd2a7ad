using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>Pooling, the layer before the classifier, and the classifier: the arguments t of the soft-argmax, one in every slot for two
/// classes, t_i at places i modulo P for more.</summary>
/// <remarks>
/// u = W·p + w_m·r + b, p = Σ_t x_t / B, r = Σ_t m_t / B: the map is applied to every token first and the tokens summed afterwards, so
/// that the mask need not be summed by itself. What <see cref="SoftArgmax.FoldInto"/> folds is in the classifier's weights. Plaintext,
/// product, plaintext: three levels.
/// <para>The classifier has few rows and many columns: place f computes the row f mod P over every P-th column, from P diagonals, and a sum
/// with stride P gathers the F/P parts, so that the outputs stand at every P places without a mask. Source: Juvekar, Vaikuntanathan,
/// Chandrakasan, "Gazelle", eprint 2018/073, section 5.</para>
/// </remarks>
public sealed class ClassifierHead
{
    /// <summary>What each level is spent on, from the top: true for a product of ciphertexts.</summary>
    public static IReadOnlyList<bool> ProductLevels { get; } = [false, true, false];

    private readonly TokenLayout _layout;
    private readonly Linear _pre;
    private readonly SlotVector _bias;
    private readonly LinearTransform _classifier;
    private readonly SlotVector _constants;
    private readonly int _placeCount;

    /// <summary>Prepares the head.</summary>
    /// <param name="layout">The layout of tokens.</param>
    /// <param name="weights">Pre, mask weight and classifier.</param>
    /// <param name="activation">The activation between them.</param>
    /// <param name="softArgmax">What follows.</param>
    /// <exception cref="ArgumentException">The classifier has another number of classes than the soft-argmax, or more than a token has
    /// places.</exception>
    public ClassifierHead(TokenLayout layout, HeadWeights weights, QuadraticActivation activation, SoftArgmax softArgmax)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(softArgmax);
        _layout = layout;
        _placeCount = softArgmax.PlaceCount;
        if (_placeCount > layout.FeatureStride)
        {
            throw new ArgumentException(
                $"{softArgmax.ClassCount} classes take {_placeCount} places and a token of {layout.HiddenSize} features has {layout.FeatureStride}; use more features.",
                nameof(softArgmax));
        }

        HeadMaps maps = HeadMaps.Fold(weights, activation, layout.Bucket, softArgmax);
        FeaturePlacement single = FeaturePlacement.Single(layout);
        _pre = new(layout, maps.TokenMap, [FeaturePlacement.Residual(layout)], [single]);
        _bias = FeatureMatrix.Row(layout, maps.Bias, single);

        LinearWeights rows = maps.Classifier;
        DiagonalMatrix diagonals = new(layout.FeatureStride, 0, _placeCount - 1, (place, shift) => Entry(rows, place, shift));
        _classifier = new(diagonals, Linear.BabyStepCount);
        _constants = SlotVector.Periodic([.. Enumerable.Range(0, _placeCount).Select(i => i < rows.Out ? rows.Bias[i] : 0)]);
    }

    /// <summary>t at the given scale.</summary>
    public T Forward<T>(CircuitEvaluator<T> evaluator, T x, T mask, Scale scale)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        using T tokens = _pre.Forward(evaluator, [x], mask)[0];
        using T hidden = InnerSum.Evaluate(evaluator, tokens, _layout.FeatureStride, _layout.Bucket);
        evaluator.AddPlainInto(hidden, _bias, hidden);
        evaluator.DeclareMagnitude(hidden, Linear.TypicalMagnitude);
        evaluator.Report("head.pre", hidden);
        QuadraticActivation.SquareInto(evaluator, hidden);
        evaluator.Report("head.activation", hidden);

        Scale plainScale = scale * new Scale(evaluator.Parameters.BasisQ[hidden.Level].Value) / hidden.Scale.Value;
        using T parts = evaluator.Transform(hidden, _classifier, plainScale);
        evaluator.RescaleInto(parts, parts);

        // Every token's places hold the same pooled values, so the window of F places wraps without harm.
        T mapped = InnerSum.Evaluate(evaluator, parts, _placeCount, _layout.FeatureStride / _placeCount);
        evaluator.AddPlainInto(mapped, _constants, mapped);
        evaluator.DeclareMagnitude(mapped, Linear.TypicalMagnitude);
        evaluator.Report("head.classifier", mapped);
        return mapped;
    }

    // Row place mod P, column place + shift; columns beyond the features are zero.
    private double Entry(LinearWeights rows, int place, int shift)
    {
        (int row, int column) = (place % _placeCount, (place + shift) % _layout.FeatureStride);
        return row < rows.Out && column < rows.In ? rows[row, column] : 0;
    }
}
