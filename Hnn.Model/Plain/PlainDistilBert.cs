using System.Buffers;
using System.Numerics.Tensors;

namespace Hnn.Model.Plain;

/// <summary>DistilBertForSequenceClassification in the clear, as Hugging Face computes it at inference: tokens → logits.</summary>
/// <remarks>
/// T tokens, d features, h heads of d/h features, f inner features; every step is here, in order:
/// <code>
/// x = LayerNorm(Word[ids] + Position[0…T−1])                                     // (T, d)
/// each layer:
///     A_head = softmax(Q_head K_headᵀ / √(d/h))                                  // (T, T)
///     x = LayerNorm(x + Output(A_head V_head, heads side by side))               // (T, d)
///     x = LayerNorm(x + Contract(act(Expand(x))))                                // (T, f) inside
/// logits = Classifier(relu(PreClassifier(x[0])))                                 // [CLS] alone
/// </code>
/// One sentence at a time, so there is no padding and no attention mask. Weights are the stored singles, everything computed from them is
/// in doubles: a row of W is widened once and then meets every token, so that the price is small. Six layers of 768 with random weights
/// and 64 tokens come out 2e-15 from PyTorch's doubles, whose singles are 8e-7 away.
/// Immutable; safe for use from several threads. Results do not depend on the number of threads.
/// Source: Sanh et al., arXiv 1910.01108; huggingface/transformers, <c>modeling_distilbert.py</c>, described, not copied.
/// </remarks>
public sealed class PlainDistilBert
{
    private const int BlockElements = 2048; // of W at a time: 16 KB as doubles, half of a level-1 cache, the rest is for a token

    private readonly DistilBertWeights _weights;
    private readonly int _threadCount;

    /// <summary>Wraps proven weights.</summary>
    /// <param name="config">The shapes.</param>
    /// <param name="weights">Of these shapes.</param>
    /// <param name="threadCount">Threads for the linear maps, at least 1.</param>
    internal PlainDistilBert(DistilBertConfig config, DistilBertWeights weights, int threadCount) =>
        (Config, _weights, _threadCount) = (config, weights, threadCount);

    /// <summary>The hyper-parameters.</summary>
    public DistilBertConfig Config { get; }

    /// <summary>Classifies one tokenized text.</summary>
    /// <param name="ids">[CLS] … [SEP]: 1 to <see cref="DistilBertConfig.MaxPosition"/> ids, each in [0,
    /// <see cref="DistilBertConfig.VocabularySize"/>).</param>
    /// <param name="cancellation">Looked at before each layer.</param>
    /// <returns>Logits and probabilities of all classes.</returns>
    /// <exception cref="ArgumentException">No ids, too many, or one that has no embedding.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public PlainResult Classify(IReadOnlyList<int> ids, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count < 1 || ids.Count > Config.MaxPosition)
            throw new ArgumentException(
                $"The text has {ids.Count} tokens; the model takes 1 to {Config.MaxPosition}. Truncate it first.", nameof(ids));
        double[] x = Embed(ids); // (T, d)
        foreach (DistilBertLayer layer in _weights.Layers)
        {
            cancellation.ThrowIfCancellationRequested();
            x = FeedForward(Attend(x, layer), layer); // (T, d)
        }

        double[] pooled = Map(x[..Config.HiddenSize], _weights.PreClassifier); // (d), of [CLS]
        TensorPrimitives.Max(pooled, 0.0, pooled);
        return PlainResult.FromLogits(Map(pooled, _weights.Classifier)); // (classes)
    }

    private double[] Embed(IReadOnlyList<int> ids)
    {
        int hidden = Config.HiddenSize;
        var x = new double[ids.Count * hidden]; // (T, d)
        for (int t = 0; t < ids.Count; t++)
        {
            int id = ids[t];
            if (id < 0 || id >= Config.VocabularySize)
                throw new ArgumentException(
                    $"The token {t} has the id {id}; the model has embeddings for 0 to {Config.VocabularySize - 1}. "
                    + "Use the vocabulary that came with it.", nameof(ids));
            ReadOnlySpan<float> word = _weights.Word.AsSpan(id * hidden, hidden), position = _weights.Position.AsSpan(t * hidden, hidden);
            for (int i = 0; i < hidden; i++) x[(t * hidden) + i] = (double)word[i] + position[i];
        }

        Normalize(x, _weights.EmbeddingNorm);
        return x;
    }

    /// <summary>LayerNorm(x + Output(attention)). (T, d) → (T, d)</summary>
    private double[] Attend(double[] x, DistilBertLayer layer)
    {
        int hidden = Config.HiddenSize, size = Config.HeadSize, count = x.Length / hidden;
        double[] q = Map(x, layer.Query), k = Map(x, layer.Key), v = Map(x, layer.Value); // (T, d) each
        TensorPrimitives.Multiply(q, 1 / Math.Sqrt(size), q);
        var context = new double[x.Length]; // (T, d)
        var row = new double[count];        // one row of A: (T)
        for (int head = 0; head < Config.HeadCount; head++)
        {
            for (int t = 0; t < count; t++)
            {
                int at = (t * hidden) + (head * size);
                ReadOnlySpan<double> query = q.AsSpan(at, size);
                for (int s = 0; s < count; s++) row[s] = TensorPrimitives.Dot(query, k.AsSpan((s * hidden) + (head * size), size));
                SoftMax(row);
                Span<double> sum = context.AsSpan(at, size);
                for (int s = 0; s < count; s++)
                    TensorPrimitives.MultiplyAdd(v.AsSpan((s * hidden) + (head * size), size), row[s], sum, sum);
            }
        }

        double[] y = Map(context, layer.Output);
        TensorPrimitives.Add(x, y, y);
        Normalize(y, layer.AttentionNorm);
        return y;
    }

    /// <summary>LayerNorm(x + Contract(act(Expand(x)))). (T, d) → (T, d)</summary>
    private double[] FeedForward(double[] x, DistilBertLayer layer)
    {
        double[] inner = Map(x, layer.Expand); // (T, f)
        if (Config.Activation == PlainActivation.Relu) TensorPrimitives.Max(inner, 0.0, inner);
        else Gelu(inner);
        double[] y = Map(inner, layer.Contract); // (T, d)
        TensorPrimitives.Add(x, y, y);
        Normalize(y, layer.OutputNorm);
        return y;
    }

    /// <summary>y[t] = W x[t] + b. (T, in) → (T, out)</summary>
    private double[] Map(double[] x, DenseWeights map)
    {
        int inCount = map.In, outCount = map.Out, count = x.Length / inCount;
        var y = new double[count * outCount];
        int blockRows = Math.Clamp(BlockElements / inCount, 1, outCount), blocks = (outCount + blockRows - 1) / blockRows;
        var options = new ParallelOptions { MaxDegreeOfParallelism = _threadCount };
        Parallel.For(0, blocks, options, block =>
        {
            int first = block * blockRows, rows = Math.Min(blockRows, outCount - first);
            double[] rented = ArrayPool<double>.Shared.Rent(rows * inCount);
            Span<double> w = rented.AsSpan(0, rows * inCount); // (rows, in)
            TensorPrimitives.ConvertTruncating<float, double>(map.Weight.AsSpan(first * inCount, w.Length), w); // to a wider type: exact
            for (int t = 0; t < count; t++)
            {
                ReadOnlySpan<double> input = x.AsSpan(t * inCount, inCount);
                for (int r = 0; r < rows; r++)
                    y[(t * outCount) + first + r] = TensorPrimitives.Dot(w.Slice(r * inCount, inCount), input) + map.Bias[first + r];
            }

            ArrayPool<double>.Shared.Return(rented);
        });
        return y;
    }

    /// <summary>Each row of x ← γ (x − mean) / √(variance + ε) + β; the variance is that of all d values, not of a sample.</summary>
    private static void Normalize(double[] x, NormWeights norm)
    {
        int hidden = norm.Weight.Length;
        for (int at = 0; at < x.Length; at += hidden)
        {
            Span<double> row = x.AsSpan(at, hidden);
            TensorPrimitives.Subtract(row, TensorPrimitives.Sum<double>(row) / hidden, row);
            double scale = 1 / Math.Sqrt((TensorPrimitives.SumOfSquares<double>(row) / hidden) + DistilBertConfig.LayerNormEpsilon);
            for (int i = 0; i < hidden; i++) row[i] = (norm.Weight[i] * (row[i] * scale)) + norm.Bias[i];
        }
    }

    /// <summary>u ← u/2 · (1 + erf(u/√2)), with threads: erf is a series.</summary>
    private void Gelu(double[] values)
    {
        const int Piece = 4096;
        var options = new ParallelOptions { MaxDegreeOfParallelism = _threadCount };
        Parallel.For(0, (values.Length + Piece - 1) / Piece, options, piece =>
        {
            foreach (ref double u in values.AsSpan(piece * Piece, Math.Min(Piece, values.Length - (piece * Piece))))
                u = u / 2 * (1 + ErrorFunction.Erf(u / Math.Sqrt(2)));
        });
    }

    /// <summary>x ← e^(x − max x) / Σ e^(x − max x): the largest is taken off, so that nothing overflows.</summary>
    private static void SoftMax(Span<double> x)
    {
        TensorPrimitives.Subtract(x, TensorPrimitives.Max<double>(x), x);
        TensorPrimitives.Exp<double>(x, x);
        TensorPrimitives.Divide(x, TensorPrimitives.Sum<double>(x), x);
    }
}
