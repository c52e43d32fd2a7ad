using Hnn.Model.Sessions;
using Hnn.Tool.Evaluation;

namespace Hnn.Tool.Output;

/// <summary>A sentence of <c>hnn evaluate</c> as a line, without its text.</summary>
internal static class SentenceOutput
{
    /// <summary>Names of the columns.</summary>
    public static string Header => "index  bucket  label         true          decrypted  clear     error    noise    evaluate";

    /// <summary>One line. Of several released values it shows the one of the class in the clear.</summary>
    public static string ToLine(SentenceRow row, IReadOnlyList<string> labels)
    {
        ScoredSentence s = row.Scored;
        int shown = s.Released.Count == 1 ? 0 : s.ClearLabel;
        string label = s.Label is { } given ? labels[given] : "out of range", time = Units.Milliseconds(1000 * row.EvaluateSeconds);
        string values = Units.Format($"{s.Released[shown],9:F6}  {s.Exact[shown]:F6}  {s.AbsoluteError,7:0.0e-0}  {s.TwinError,7:0.0e-0}");
        return Units.Format($"{s.Index,5}  {s.Bucket,6}  {label,-12}  {labels[s.GoldLabel],-12}  {values}  {time}");
    }
}
