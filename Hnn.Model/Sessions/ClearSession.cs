using System.Globalization;
using Hnn.Model.Client;
using Hnn.Model.Datasets;
using Hnn.Model.Plain;
using Hnn.Model.Text;

namespace Hnn.Model.Sessions;

/// <summary>A model evaluated in the clear over many sentences, each in the smallest bucket that holds it: what metrics and calibration
/// start from.</summary>
/// <remarks>For whoever has both text and weights. Any number of classes. Immutable, thread-safe.</remarks>
public sealed class ClearSession
{
    private readonly LoadedModel _model;
    private readonly SentenceEmbedder _embedder;
    private readonly PolynomialNetwork _network;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; borrowed.</param>
    public ClearSession(LoadedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _embedder = new(model.Weights.Embeddings);
        _network = new(model.Config, model.Weights.Network);
    }

    /// <summary>Evaluates sentences.</summary>
    /// <param name="sentences">In any order, at least one; none of them empty.</param>
    /// <param name="threadCount">Threads, at least one. The result does not depend on it.</param>
    /// <param name="progress">Told the part done, 0 … 1; called from the threads that compute, one at a time.</param>
    /// <param name="cancellation">Stops between sentences.</param>
    /// <returns>Logits in the order of the sentences.</returns>
    /// <exception cref="ArgumentException">There is no sentence, or a label is not one of the model's classes.</exception>
    /// <exception cref="InvalidDataException">A sentence holds no words, or its logits are not finite: the message says which.</exception>
    public ClearOutcome Evaluate(
        IReadOnlyList<LabelledSentence> sentences, int threadCount = 1, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        RequireSentences(sentences);
        ArgumentOutOfRangeException.ThrowIfLessThan(threadCount, 1);
        double[][] logits = new double[sentences.Count][];
        string?[] faults = new string?[sentences.Count];
        Totals totals = new(sentences.Count, progress);
        ParallelOptions options = new() { MaxDegreeOfParallelism = threadCount, CancellationToken = cancellation };
        Parallel.For(0, sentences.Count, options, i =>
        {
            ValueRanges ranges = new();
            TokenizedText tokens = _model.Tokenize(sentences[i].Text);
            logits[i] = tokens.IsEmpty
                ? []
                : _network.Logits(_embedder.Embed(tokens.Ids), _model.Config.BucketFor(tokens.Ids.Count), ranges);
            faults[i] = FaultOf(logits[i]);
            totals.Add(ranges, tokens.IsTruncated);
        });

        // The first of them, whichever thread met one first.
        int faulty = Array.FindIndex(faults, fault => fault is not null);
        return faulty < 0
            ? new(logits, [.. sentences.Select(s => s.Label)], totals.TruncatedCount, totals.Ranges.Items)
            : throw new InvalidDataException($"Sentence {faulty} of the data {faults[faulty]}.");
    }

    private static string? FaultOf(double[] logits) =>
        logits.Length == 0 ? "is empty: it holds no words"
        : Array.TrueForAll(logits, double.IsFinite) ? null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"has the logits [{string.Join(", ", logits)}]: the network's values overflow, so its weights are not good");

    private void RequireSentences(IReadOnlyList<LabelledSentence> sentences)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        int classCount = _model.Config.Labels.Count;
        if (sentences.Count == 0) throw new ArgumentException("There is no sentence to evaluate; give at least one.", nameof(sentences));
        foreach (LabelledSentence sentence in sentences)
        {
            if ((uint)sentence.Label >= (uint)classCount)
                throw new ArgumentException(
                    $"A sentence has the label {sentence.Label}; the model's {classCount} classes are 0 to {classCount - 1}.",
                    nameof(sentences));
        }
    }

    /// <summary>What the threads join under a lock.</summary>
    private sealed class Totals(int count, IProgress<double>? progress)
    {
        private readonly Lock _lock = new();
        private int _done;

        public ValueRanges Ranges { get; } = new();

        public int TruncatedCount { get; private set; }

        public void Add(ValueRanges ranges, bool isTruncated)
        {
            lock (_lock)
            {
                Ranges.Include(ranges);
                TruncatedCount += isTruncated ? 1 : 0;
                progress?.Report((double)++_done / count);
            }
        }
    }
}
