using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>Attention without softmax over a batch: context_t = Σ_u (q_t·k_u)² / (headSize·B) · v_u for each head. Plaintext, three products,
/// plaintext: five levels.</summary>
/// <remarks>
/// One ciphertext for each feature; rot_j shifts every sentence by j tokens. With j = g·G + b, baby steps b and giant steps g·G,
/// <code>
/// A'_(g,b)  = Σ_i rot_(−gG)(q_i) · rot_b(k_i)               the scores q_t·k_(t+j), g·G tokens further on
/// context_i = Σ_g rot_(gG)( Σ_b A'²_(g,b) · rot_b(v_i) )
/// </code>
/// so a score is never rotated, and −gG = (B/G − g)·G cyclically: B/G − 1 giant and G − 1 baby keys serve all. One relinearisation for a
/// score, one for its square, one for each column and giant step of a context. Slots are complex and features are real, so two features
/// make one column:
/// <code>
/// scores    Re (q_i − i·q_(i+1))·(k_i + i·k_(i+1)) = q_i·k_i + q_(i+1)·k_(i+1)      the real part of the sum, by one conjugation
/// contexts  A'²·(v_i + i·v_(i+1)) = A'²·v_i + i·A'²·v_(i+1)                          parted by one conjugation
/// </code>
/// q and k are made, rotated and multiplied a few features at a time; what waits is the sums, B ciphertexts of three parts, and where the
/// schedule says so, x and the contexts wait on disk.
/// <para>1/√(headSize·B) is folded into q. Masked biases of q and k supply the constant term of the score. Immutable, thread-safe.</para>
/// </remarks>
public sealed class BatchAttention
{
    private readonly BatchLayout _layout;
    private readonly BatchLinear[][] _queriesAndKeys;
    private readonly BatchLinear[][] _values;
    private readonly BatchLinear _output;
    private readonly double _queryFactor;
    private readonly ColumnSchedule _schedule;

    /// <summary>Prepares the layer.</summary>
    /// <param name="layout">Where the sentences lie.</param>
    /// <param name="weights">q, k, v and output.</param>
    /// <param name="schedule">Which columns are in memory at once; null for all.</param>
    public BatchAttention(BatchLayout layout, AttentionWeights weights, ColumnSchedule? schedule = null)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(weights);
        _layout = layout;
        _schedule = schedule ?? ColumnSchedule.InMemory;
        _queryFactor = SelfAttention.QueryFactor(layout.HeadSize, layout.Bucket);
        LinearWeights query = weights.Query.Scaled(_queryFactor);
        _queriesAndKeys = ByHead(
            _schedule.AttentionFeatures, (first, count) => query.Rows(first, count).Above(weights.Key.Rows(first, count)));
        _values = ByHead(2 * _schedule.AttentionFeatures, weights.Value.Rows);
        _output = new(weights.Output);
    }

    /// <summary>The contexts of all heads, four levels below x.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">The residual stream.</param>
    /// <param name="mask">m.</param>
    /// <param name="name">Prefix of the stages reported, each by its first column; of the scores and weights those of the first head at
    /// shift 0.</param>
    internal WaitingColumns<T> Contexts<T>(CircuitEvaluator<T> evaluator, WaitingColumns<T> x, T mask, string name)
        where T : class, ICircuitValue
    {
        WaitingColumns<T> contexts = x.Beside(_layout.HiddenSize);
        try
        {
            for (int head = 0; head < _layout.HeadCount; head++)
            {
                using ColumnSet<T> weights = Weights(evaluator, x, mask, head, name);
                AddContexts(evaluator, x, mask, head, weights, contexts);
            }

            contexts.Lend(0, first => evaluator.Report(name + ".context", first));
            return contexts;
        }
        catch
        {
            contexts.Dispose();
            throw;
        }
    }

    /// <summary>x ← x + W'·contexts + m·b', at the level below the contexts'.</summary>
    internal void AddOutputs<T>(CircuitEvaluator<T> evaluator, WaitingColumns<T> contexts, T mask, WaitingColumns<T> x, string name)
        where T : class, ICircuitValue
    {
        _output.Stream(evaluator, contexts, mask, (x.Scale, _schedule.StreamedRows), (row, value) =>
        {
            using T output = value;
            if (row == 0)
            {
                evaluator.Report(name + ".out", output);
            }

            x.Add(evaluator, row, output);
        });
    }

    // A'²_(g,b) at place g·G + b, three levels below x.
    private ColumnSet<T> Weights<T>(CircuitEvaluator<T> evaluator, WaitingColumns<T> x, T mask, int head, string name)
        where T : class, ICircuitValue
    {
        ColumnSet<T> sums = new(_layout.Bucket);
        try
        {
            foreach (BatchLinear map in _queriesAndKeys[head])
            {
                using ColumnSet<T> rows = map.Forward(evaluator, x, mask);
                for (int i = 0; i < rows.Count / 2; i++)
                {
                    evaluator.DeclareMagnitude(rows[i], Linear.TypicalMagnitude * _queryFactor);
                }

                if (head == 0 && map == _queriesAndKeys[0][0])
                {
                    evaluator.Report(name + ".qkv", rows[0]);
                }

                AddScores(evaluator, rows, sums);
            }

            for (int j = 0; j < sums.Count; j++)
            {
                sums[j] = evaluator.Relinearize(sums[j]);
                Square(evaluator, sums[j], head == 0 && j == 0 ? name : null);
            }

            return sums;
        }
        catch
        {
            sums.Dispose();
            throw;
        }
    }

    // Sum ← ⌊(Re ⌊sum/q⌉)²/q'⌉.
    private void Square<T>(CircuitEvaluator<T> evaluator, T sum, string? name)
        where T : class, ICircuitValue
    {
        evaluator.RescaleInto(sum, sum);
        evaluator.RealPartInto(sum, sum);
        evaluator.DeclareMagnitude(sum, Linear.TypicalMagnitude * SelfAttention.ScoreFactor(_layout.Bucket));
        if (name is not null)
        {
            evaluator.Report(name + ".scores", sum);
        }

        evaluator.MultiplyInto(sum, sum, sum);
        evaluator.RescaleInto(sum, sum);
        if (name is not null)
        {
            evaluator.Report(name + ".weights", sum);
        }
    }

    // The products of some features, q first, then k, for all shifts: a few features' rotations at once.
    private void AddScores<T>(CircuitEvaluator<T> evaluator, ColumnSet<T> rows, ColumnSet<T> sums)
        where T : class, ICircuitValue
    {
        int half = rows.Count / 2;
        for (int first = 0; first < half; first += _schedule.ScoreFeatures)
        {
            int count = Math.Min(_schedule.ScoreFeatures, half - first);
            AddScores(evaluator, rows.All.Slice(first, count), rows.All.Slice(half + first, count), sums);
        }
    }

    private void AddScores<T>(CircuitEvaluator<T> evaluator, ReadOnlySpan<T> q, ReadOnlySpan<T> k, ColumnSet<T> sums)
        where T : class, ICircuitValue
    {
        using ColumnSet<T> queryPairs = Paired(evaluator, q, isConjugate: true), keyPairs = Paired(evaluator, k, isConjugate: false);
        using RotatedColumns<T> queries = new(evaluator, queryPairs.All, _layout, _layout.GiantStepCount, -_layout.BabyStepCount);
        using RotatedColumns<T> keys = new(evaluator, keyPairs.All, _layout, _layout.BabyStepCount, 1);
        for (int g = 0; g < _layout.GiantStepCount; g++)
        {
            // All baby steps at once: they share the queries.
            using ColumnSet<T> products = new(evaluator.TensorProductSums(keys.All, queries.At(g)));
            for (int b = 0; b < products.Count; b++)
            {
                int j = (g * _layout.BabyStepCount) + b;
                if (sums.Has(j))
                {
                    evaluator.AddInto(sums[j], products[b], sums[j]);
                }
                else
                {
                    sums[j] = products.Take(b);
                }
            }
        }
    }

    // x_i ± i·x_(i+1), two features to a column; a last one without a second stays as it is.
    private static ColumnSet<T> Paired<T>(CircuitEvaluator<T> evaluator, ReadOnlySpan<T> x, bool isConjugate)
        where T : class, ICircuitValue
    {
        ColumnSet<T> pairs = new((x.Length + 1) / 2);
        try
        {
            for (int i = 0; i < x.Length; i += 2)
            {
                if (i + 1 == x.Length)
                {
                    pairs[i / 2] = evaluator.DropLevel(x[i], x[i].Level);
                    break;
                }

                if (!isConjugate)
                {
                    pairs[i / 2] = evaluator.Join(x[i], x[i + 1]);
                    continue;
                }

                using T turned = evaluator.MultiplyImaginaryUnit(x[i + 1]);
                pairs[i / 2] = evaluator.Subtract(x[i], turned);
            }

            return pairs;
        }
        catch
        {
            pairs.Dispose();
            throw;
        }
    }

    private void AddContexts<T>(
        CircuitEvaluator<T> evaluator, WaitingColumns<T> x, T mask, int head, ColumnSet<T> weights, WaitingColumns<T> contexts)
        where T : class, ICircuitValue
    {
        int feature = head * _layout.HeadSize;
        foreach (BatchLinear map in _values[head])
        {
            using ColumnSet<T> values = map.Forward(evaluator, x, mask);
            for (int i = 0; i < values.Count; i++)
            {
                // v is needed two levels below the scores: after their product and their square.
                values[i] = evaluator.DropLevel(values[i], weights[0].Level);
            }

            using ColumnSet<T> pairs = Paired(evaluator, values.All, isConjugate: false);
            for (int i = 0; i < pairs.Count; i++)
            {
                using T context = Context(evaluator, pairs[i], weights);
                using ColumnSet<T> parts = Parted(evaluator, context);
                for (int k = 0; k < Math.Min(2, values.Count - (2 * i)); k++)
                {
                    evaluator.DeclareMagnitude(parts[k], Linear.TypicalMagnitude);
                    contexts.Put(feature++, parts.Take(k));
                }
            }
        }
    }

    // Of a last feature without a second too, so that all contexts have one scale.
    private static ColumnSet<T> Parted<T>(CircuitEvaluator<T> evaluator, T pair)
        where T : class, ICircuitValue
    {
        (T real, T imaginary) = evaluator.Split(pair);
        return new([real, imaginary]);
    }

    private T Context<T>(CircuitEvaluator<T> evaluator, T value, ColumnSet<T> weights)
        where T : class, ICircuitValue
    {
        int babySteps = _layout.BabyStepCount;
        using RotatedColumns<T> values = new(evaluator, [value], _layout, babySteps, 1);

        // All giant steps at once: they share the values.
        using ColumnSet<T> products = new(evaluator.TensorProductSums(weights.All, values.OfColumn(0)));
        using ColumnSet<T> sum = new(1);
        for (int g = 0; g < products.Count; g++)
        {
            products[g] = evaluator.Relinearize(products[g]);
            if (g == 0)
            {
                sum[0] = products.Take(0);
                continue;
            }

            evaluator.RotateInto(products[g], _layout.Rotation(g * babySteps), products[g]);
            evaluator.AddInto(sum[0], products[g], sum[0]);
        }

        evaluator.RescaleInto(sum[0], sum[0]);
        return sum.Take(0);
    }

    // For each head its features, so many at a time.
    private BatchLinear[][] ByHead(int featureCount, Func<int, int, LinearWeights> rows) =>
        [.. Enumerable.Range(0, _layout.HeadCount).Select(head => Enumerable.Range(0, _layout.HeadSize).Chunk(featureCount)
            .Select(chunk => new BatchLinear(rows((head * _layout.HeadSize) + chunk[0], chunk.Length))).ToArray())];
}
