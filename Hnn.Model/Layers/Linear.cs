using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>y = W·x + m·b for every token, over any number of input and output ciphertexts. One plaintext level.</summary>
/// <remarks>
/// x: (tokens, in), y: (tokens, out). The bias is multiplied by the mask ciphertext m, so that padding stays zero; the product is added
/// at the scale of W·x, before the rescale that both share.
/// <para>Slots are complex: outputs y and y' can share a ciphertext as y + i·y', by weights W + i·W'; and a map of two inputs reads them from
/// one as x − i·x', its result being a real part, taken by a conjugation before the rescale. Either way the rotations of two ciphertexts
/// are those of one. Immutable.</para>
/// </remarks>
public sealed class Linear
{
    /// <summary>G of every linear transform: one set of keys serves them all.</summary>
    public const int BabyStepCount = 16;

    /// <summary>Size that values are declared to have after each step, for noise estimates: training keeps them near 1 (range loss).</summary>
    public const double TypicalMagnitude = 1;

    private readonly LinearTransform[,] _transforms;
    private readonly SlotVector[] _biases;
    private readonly bool _takesRealPart;

    /// <summary>Prepares the layer.</summary>
    /// <param name="layout">The layout of tokens.</param>
    /// <param name="weights">W and b.</param>
    /// <param name="inputs">What each input ciphertext carries.</param>
    /// <param name="outputs">What each output ciphertext is to carry.</param>
    public Linear(TokenLayout layout, LinearWeights weights, FeaturePlacement[] inputs, FeaturePlacement[] outputs)
        : this(layout, weights, [.. inputs.Select(x => new SlotPlacement(x))], [.. outputs.Select(y => new SlotPlacement(y))])
    {
    }

    /// <summary>Prepares a layer with two vectors to a ciphertext, on one side.</summary>
    /// <param name="layout">The layout of tokens.</param>
    /// <param name="weights">W and b.</param>
    /// <param name="inputs">What each input ciphertext carries: x, or x − i·x'.</param>
    /// <param name="outputs">What each output ciphertext is to carry: y, or y + i·y'.</param>
    /// <exception cref="ArgumentException">Pairs on both sides.</exception>
    internal Linear(TokenLayout layout, LinearWeights weights, SlotPlacement[] inputs, SlotPlacement[] outputs)
    {
        _takesRealPart = inputs.Any(x => x.Imaginary is not null);
        if (_takesRealPart && outputs.Any(y => y.Imaginary is not null))
        {
            throw new ArgumentException("A map has pairs among its inputs or among its outputs, not both.", nameof(outputs));
        }

        _transforms = new LinearTransform[outputs.Length, inputs.Length];
        for (int o = 0; o < outputs.Length; o++)
        {
            for (int i = 0; i < inputs.Length; i++)
            {
                _transforms[o, i] = new(Map(inputs[i], outputs[o]), BabyStepCount);
            }
        }

        _biases = [.. outputs.Select(y => y.Row(layout, weights.Bias))];

        DiagonalMatrix Map(SlotPlacement x, SlotPlacement y)
        {
            DiagonalMatrix real = FeatureMatrix.Create(layout, weights, x.Real, y.Real);
            return (x.Imaginary, y.Imaginary) switch
            {
                ({ } second, _) => DiagonalMatrix.Join(real, FeatureMatrix.Create(layout, weights, second, y.Real)),
                (_, { } second) => DiagonalMatrix.Join(real, FeatureMatrix.Create(layout, weights, x.Real, second)),
                _ => real,
            };
        }
    }

    /// <summary>Several layers of one input and one output each, such as q, k and v, joined so that they share the rotations of their input.</summary>
    public static Linear Join(params Linear[] layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        LinearTransform[,] transforms = new LinearTransform[layers.Length, 1];
        for (int o = 0; o < layers.Length; o++)
        {
            transforms[o, 0] = layers[o]._transforms[0, 0];
        }

        return new(transforms, [.. layers.Select(layer => layer._biases[0])]);
    }

    private Linear(LinearTransform[,] transforms, SlotVector[] biases)
    {
        _transforms = transforms;
        _biases = biases;
    }

    /// <summary>W·x + m·b.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Inputs, one level ℓ and one scale.</param>
    /// <param name="mask">m, at level ℓ or above.</param>
    /// <param name="scale">Scale of the result: that of the residual it will meet; null for x's.</param>
    /// <returns>Outputs at level ℓ − 1.</returns>
    public T[] Forward<T>(CircuitEvaluator<T> evaluator, ReadOnlySpan<T> x, T mask, Scale? scale = null)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        int level = x[0].Level;
        Scale plainScale = (scale ?? x[0].Scale) * new Scale(evaluator.Parameters.BasisQ[level].Value) / x[0].Scale.Value;
        T[] outputs = evaluator.TransformMany(x, _transforms, _takesRealPart ? plainScale / 2 : plainScale);
        using T atLevel = evaluator.DropLevel(mask, level);
        for (int o = 0; o < outputs.Length; o++)
        {
            using T bias = evaluator.MultiplyPlain(atLevel, _biases[o], outputs[o].Scale / atLevel.Scale.Value);
            evaluator.AddInto(outputs[o], bias, outputs[o]);
            if (_takesRealPart)
            {
                // At twice the scale. Before the rescale, so that its rounding is not doubled.
                evaluator.RealPartInto(outputs[o], outputs[o]);
            }

            evaluator.RescaleInto(outputs[o], outputs[o]);
            evaluator.DeclareMagnitude(outputs[o], TypicalMagnitude);
        }

        return outputs;
    }
}
