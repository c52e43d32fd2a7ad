using Hnn.Model.Plain;
using Hnn.Model.Text;

namespace Hnn.Tool.Output;

/// <summary>The result of <c>hnn classify --plain</c>; its JSON object, field by field.</summary>
/// <param name="Text">The text as given.</param>
/// <param name="Model"><c>distilbert</c> or <c>hnn</c>.</param>
/// <param name="Tokens">Tokens, [CLS] and [SEP] included.</param>
/// <param name="Label">The class of the largest logit.</param>
/// <param name="Classes">Every class, in the model's order.</param>
/// <param name="TotalMs">Everything, reading the model included.</param>
/// <param name="Truncated">The text was longer than the model takes.</param>
internal sealed record PlainOutput(
    string Text, string Model, int Tokens, string Label, IReadOnlyList<PlainOutput.ClassScore> Classes, double TotalMs, bool Truncated)
{
    /// <summary>Collects a result.</summary>
    public static PlainOutput Create(
        string model, string text, TokenizedText tokens, IReadOnlyList<string> labels, PlainResult result, TimeSpan total)
    {
        ClassScore[] classes = [.. labels.Select((label, i) => new ClassScore(label, result.Probabilities[i], result.Logits[i]))];
        return new(text, model, tokens.Ids.Count, labels[result.Label], classes, total.TotalMilliseconds, tokens.IsTruncated);
    }

    /// <summary>Writes the result for people.</summary>
    public void Write(TextWriter writer)
    {
        writer.Row("label", $"{Label}");
        foreach (ClassScore score in Classes)
        {
            writer.Row("class", $"{score.Label}: probability {score.Probability:F6}, logit {score.Logit:F6}");
        }

        writer.Row("tokens", $"{Tokens}{(Truncated ? ", truncated" : string.Empty)}");
        writer.Row("time", $"{Units.Milliseconds(TotalMs)}, in the clear: nothing was encrypted");
    }

    /// <summary>One class.</summary>
    /// <param name="Label">Its label.</param>
    /// <param name="Probability">Of the softmax; for an hnn model at its temperature.</param>
    /// <param name="Logit">Of the network.</param>
    internal sealed record ClassScore(string Label, double Probability, double Logit);
}
