using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>Attention without softmax: context_t = Σ_u (q_t·k_u)² / (headSize·B) · v_u for each head. Before the output
/// map: one plaintext level, another where copies share keys, and three product levels.</summary>
/// <remarks>
/// q, k, v: (tokens, heads, headSize). 1/√(headSize·B) is folded into q. Masked biases of q and k supply the constant term of the score.
/// <para><b>Shifted copies.</b> Where the layout lets copies share keys, copy c of k and v is rotated by c·m tokens, by masks (a plaintext level). Then rotation by j tokens, j &lt; m, lets
/// token t of copy c meet key t + c·m + j. Where t + j passes the end of a copy, it meets the next copy's keys, m further on: over all
/// copies every key is met exactly once all the same, and the sum over the copies at the end is the sum over all B keys.</para>
/// <para><b>Two keys in one slot.</b> Slots are complex: k_j + i·k_(j+m/2) meets q at the price of one key, up to the sum over the head. One
/// conjugation then parts the scores s and s' for their squares, and s²v + s'²v' is the real part of (s² − i·s'²)·(v + i·v'), taken
/// once at the end: half the products, sums and relinearisations of one key after the other.</para>
/// <para><b>Sum over a head.</b> A head has 2·headSize places, the second half zero; the window of 2·headSize places that begins headSize before a
/// data place covers its whole head and of the others zeros only. The sum is right on all data places; what stands elsewhere meets zeros of v.</para>
/// </remarks>
public sealed class SelfAttention
{
    // Shifts from one decomposition. More of them save few key switches, and every one is a key.
    private const int TokenBabySteps = 4;

    private readonly TokenLayout _layout;
    private readonly Linear _project;
    private readonly Linear _output;
    private readonly SlotVector[] _copyMasks;
    private readonly double _queryFactor;

    /// <summary>Prepares the layer.</summary>
    public SelfAttention(TokenLayout layout, AttentionWeights weights)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(weights);
        _layout = layout;
        FeaturePlacement[] residual = [FeaturePlacement.Residual(layout)];
        FeaturePlacement[] heads = [FeaturePlacement.Heads(layout)];
        _queryFactor = QueryFactor(layout.HeadSize, layout.Bucket);
        LinearWeights query = weights.Query.Scaled(_queryFactor);
        _project = Linear.Join(
            new(layout, query, residual, heads), new(layout, weights.Key, residual, heads), new(layout, weights.Value, residual, heads));
        _output = new(layout, weights.Output, heads, [FeaturePlacement.Single(layout)]);
        _copyMasks = layout.CopyCount == 1 ? [] : [.. Enumerable.Range(0, layout.CopyCount).Select(layout.CopyMask)];
    }

    // Two keys to a slot; a copy that meets one key alone has no second.
    private bool IsPaired => _layout.ShiftCount > 1;

    private int RotationCount => IsPaired ? _layout.ShiftCount / 2 : 1;

    /// <summary>1/√(headSize·B), which the circuit multiplies q by.</summary>
    internal static double QueryFactor(int headSize, int bucket) => 1 / Math.Sqrt((double)headSize * bucket);

    /// <summary>1/√B: what the circuit's scores are multiplied by, so that their squares are the weights.</summary>
    internal static double ScoreFactor(int bucket) => 1 / Math.Sqrt(bucket);

    /// <summary>The attention's contribution to the residual stream, each feature once: (tokens, hidden).</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Residual stream, doubled.</param>
    /// <param name="mask">m.</param>
    /// <param name="name">Prefix of the stages reported.</param>
    /// <returns>At the scale of x.</returns>
    public T Forward<T>(CircuitEvaluator<T> evaluator, T x, T mask, string name)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        T[] qkv = _project.Forward(evaluator, [x], mask);
        evaluator.DeclareMagnitude(qkv[0], Linear.TypicalMagnitude * _queryFactor);
        evaluator.Report(name + ".qkv", qkv[0]);
        using T context = Context(evaluator, qkv[0], qkv[1], qkv[2], name);
        foreach (T value in qkv)
        {
            value.Dispose();
        }

        evaluator.Report(name + ".context", context);
        T result = _output.Forward(evaluator, [context], mask, x.Scale)[0];
        evaluator.Report(name + ".out", result);
        return result;
    }

    private T Context<T>(CircuitEvaluator<T> evaluator, T query, T key, T value, string name)
        where T : class, ICircuitValue
    {
        using T keys = Pair(evaluator, ShiftCopies(evaluator, key));
        using T values = Pair(evaluator, ShiftCopies(evaluator, value));
        using T q = evaluator.DropLevel(query, keys.Level);

        // v is needed two levels below the scores: after their product and their square.
        evaluator.DropLevelInto(values, values.Level - 2, values);
        T? sum = null;
        for (int first = 0; first < RotationCount; first += TokenBabySteps)
        {
            int[] steps = [.. Enumerable.Range(0, Math.Min(TokenBabySteps, RotationCount - first)).Select(j => j * _layout.FeatureStride)];
            if (first > 0)
            {
                evaluator.RotateInto(keys, TokenBabySteps * _layout.FeatureStride, keys);
                evaluator.RotateInto(values, TokenBabySteps * _layout.FeatureStride, values);
            }

            T[] shiftedKeys = evaluator.RotateMany(keys, steps);
            T[] shiftedValues = evaluator.RotateMany(values, steps);
            for (int j = 0; j < steps.Length; j++)
            {
                using T k = shiftedKeys[j];
                using T v = shiftedValues[j];

                // All shifts are alike: the last one's scores and weights stand for all.
                bool isLast = first + j == RotationCount - 1;
                using T weight = Weight(evaluator, q, k, isLast ? name : null);
                T term = evaluator.TensorProduct(weight, v);
                if (sum is null)
                {
                    sum = term;
                }
                else
                {
                    evaluator.AddInto(sum, term, sum);
                    term.Dispose();
                }
            }
        }

        evaluator.RelinearizeInto(sum!, sum!);
        evaluator.RescaleInto(sum!, sum!);
        if (IsPaired)
        {
            evaluator.RealPartInto(sum!, sum!);
        }

        if (_layout.CopyCount > 1)
        {
            evaluator.RotateSumInto(sum!, [.. Enumerable.Range(0, _layout.CopyCount).Select(c => c * _layout.Period)], sum!);
        }

        evaluator.DeclareMagnitude(sum!, Linear.TypicalMagnitude);
        return sum!;
    }

    // x + i·(x rotated by half the tokens that a copy meets), in place.
    private T Pair<T>(CircuitEvaluator<T> evaluator, T x)
        where T : class, ICircuitValue
    {
        if (IsPaired)
        {
            using T half = evaluator.Rotate(x, RotationCount * _layout.FeatureStride);
            evaluator.JoinInto(x, half, x);
        }

        return x;
    }

    // (q·k)² on every data place of the head; s² − i·s'² for keys in pairs.
    private T Weight<T>(CircuitEvaluator<T> evaluator, T q, T k, string? name)
        where T : class, ICircuitValue
    {
        using T product = evaluator.Multiply(q, k);
        evaluator.RescaleInto(product, product);
        T score = InnerSum.Evaluate(evaluator, product, 1, 2 * _layout.HeadSize, start: -_layout.HeadSize);
        evaluator.DeclareMagnitude(score, Linear.TypicalMagnitude * ScoreFactor(_layout.Bucket));
        if (IsPaired)
        {
            using T other = evaluator.Allocate(score.Level);
            evaluator.SplitInto(score, score, other);
            Report(".scores", score);
            QuadraticActivation.SquareDifferenceInto(evaluator, score, other);
        }
        else
        {
            Report(".scores", score);
            QuadraticActivation.SquareInto(evaluator, score);
        }

        Report(".weights", score);
        return score;

        void Report(string step, T value)
        {
            if (name is not null)
            {
                evaluator.Report(name + step, value);
            }
        }
    }

    // Copy c becomes x rotated by c·m tokens: Σ_c mask_c · rot_(c·m·F)(x).
    private T ShiftCopies<T>(CircuitEvaluator<T> evaluator, T x)
        where T : class, ICircuitValue
    {
        if (_layout.CopyCount == 1)
        {
            // Where copies share keys in other buckets, the level is spent all the same: below it every prime has the size of what is
            // divided there.
            return evaluator.DropLevel(x, x.Level - (_layout.SharesKeys ? 1 : 0));
        }

        int[] steps = [.. Enumerable.Range(0, _layout.CopyCount).Select(c => c * _layout.ShiftCount * _layout.FeatureStride)];
        T[] rotated = evaluator.RotateMany(x, steps);
        T sum = evaluator.MultiplyPlain(rotated[0], _copyMasks[0]);
        for (int c = 1; c < rotated.Length; c++)
        {
            using T masked = evaluator.MultiplyPlain(rotated[c], _copyMasks[c]);
            evaluator.AddInto(sum, masked, sum);
        }

        foreach (T value in rotated)
        {
            value.Dispose();
        }

        evaluator.RescaleInto(sum, sum);
        return sum;
    }
}
