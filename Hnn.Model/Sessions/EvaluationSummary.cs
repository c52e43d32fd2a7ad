using Hnn.Model.Metrics;

namespace Hnn.Model.Sessions;

/// <summary>Labelled sentences under encryption, summed up, beside the network in the clear.</summary>
/// <param name="Count">Sentences.</param>
/// <param name="Encrypted">Answers under encryption against the labels; an out-of-range answer is a wrong one.</param>
/// <param name="Clear">The network's logits in the clear against the labels.</param>
/// <param name="OutOfRangeCount">Sentences without an answer.</param>
/// <param name="TruncatedCount">Sentences cut to the largest bucket.</param>
/// <param name="AgreementCount">Those where the encrypted label is the one in the clear.</param>
/// <param name="DecidedCount">Those whose margin in the clear is larger than their error, and those out of range: only others may change
/// sides by their error.</param>
/// <param name="DecidedAgreementCount">Agreement among the decided.</param>
/// <param name="MaxAbsoluteError">Largest |released − exact| of those in range.</param>
/// <param name="MeanAbsoluteError">Mean of |released − exact| of those in range.</param>
/// <param name="MaxTwinError">Largest |released − twin| of those in range.</param>
/// <param name="MeanTwinError">Mean of |released − twin| of those in range.</param>
/// <param name="EntropyBits">Mean entropy of the released distribution of those in range; null where y alone was released of more than two
/// classes, and where none is in range.</param>
/// <param name="Disagreements">Sentences where the labels differ, in the order of the data.</param>
public sealed record EvaluationSummary(
    int Count,
    AnswerMetrics Encrypted,
    ClassificationMetrics Clear,
    int OutOfRangeCount,
    int TruncatedCount,
    int AgreementCount,
    int DecidedCount,
    int DecidedAgreementCount,
    double MaxAbsoluteError,
    double MeanAbsoluteError,
    double MaxTwinError,
    double MeanTwinError,
    double? EntropyBits,
    IReadOnlyList<ScoredSentence> Disagreements)
{
    /// <summary>Part of the sentences where the labels agree.</summary>
    public double Agreement => (double)AgreementCount / Count;

    /// <summary>Sums sentences up.</summary>
    /// <param name="sentences">At least one, each once, in any order.</param>
    /// <param name="clear">All sentences of the data in the clear; those of <paramref name="sentences"/> are taken, by their index.</param>
    /// <param name="temperature">T of the model, which the entropy in the clear depends on.</param>
    /// <exception cref="ArgumentException">There is no sentence, or one is not in <paramref name="clear"/> with the same label.</exception>
    public static EvaluationSummary Create(IReadOnlyCollection<ScoredSentence> sentences, ClearOutcome clear, double temperature)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        ArgumentNullException.ThrowIfNull(clear);
        ScoredSentence[] all = [.. sentences.OrderBy(s => s.Index)];
        if (all.Length == 0) throw new ArgumentException("There is no sentence to sum up; give at least one.", nameof(sentences));
        if (all.FirstOrDefault(s => (uint)s.Index >= (uint)clear.Labels.Count || clear.Labels[s.Index] != s.GoldLabel) is { } foreign)
            throw new ArgumentException(
                $"Sentence {foreign.Index} with label {foreign.GoldLabel} is not among the {clear.Labels.Count} in the clear; "
                + "give those of the same data.",
                nameof(clear));
        double[][] logits = [.. all.Select(s => clear.Logits[s.Index])];
        int[] labels = [.. all.Select(s => s.GoldLabel)];
        int classCount = logits[0].Length;
        ScoredSentence[] inRange = [.. all.Where(s => s.IsInRange)];
        ScoredSentence[] decided = [.. all.Where(s => !s.IsInRange || s.Margin(classCount) > s.AbsoluteError)];
        ScoredSentence[] disagreements = [.. all.Where(s => s.Label != s.ClearLabel)];
        return new(
            all.Length,
            AnswerMetrics.Create([.. all.Select(s => s.Label)], Probabilities(all, classCount), labels, classCount),
            ClassificationMetrics.Create(logits, labels, temperature),
            all.Length - inRange.Length,
            all.Count(s => s.IsTruncated),
            all.Length - disagreements.Length,
            decided.Length,
            decided.Count(s => s.Label == s.ClearLabel),
            inRange.Select(s => s.AbsoluteError).DefaultIfEmpty().Max(),
            inRange.Select(s => s.AbsoluteError).DefaultIfEmpty().Average(),
            inRange.Select(s => s.TwinError).DefaultIfEmpty().Max(),
            inRange.Select(s => s.TwinError).DefaultIfEmpty().Average(),
            Probabilities(inRange, classCount) is { Count: > 0 } released ? released.Average(Entropy) : null,
            disagreements);
    }

    private static IReadOnlyList<IReadOnlyList<double>>? Probabilities(ScoredSentence[] sentences, int classCount)
    {
        IReadOnlyList<double>[] all = [.. sentences.Select(s => s.Probabilities(classCount)).OfType<IReadOnlyList<double>>()];
        return all.Length == sentences.Length ? all : null;
    }

    /// <summary>−Σ p log2 p of the values cut off to [0, 1] and made to sum to 1.</summary>
    private static double Entropy(IReadOnlyList<double> probabilities)
    {
        double[] p = [.. probabilities.Select(v => Math.Clamp(v, 0, 1))];
        double sum = p.Sum();
        return p.Sum(v => v <= 0 ? 0 : -(v / sum) * Math.Log2(v / sum));
    }
}
