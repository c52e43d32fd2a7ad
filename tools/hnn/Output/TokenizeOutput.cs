namespace Hnn.Tool.Output;

/// <summary>The JSON object of <c>hnn tokenize</c>.</summary>
/// <param name="Tokens">Word pieces, [CLS] and [SEP] included.</param>
/// <param name="Ids">Their ids.</param>
internal sealed record TokenizeOutput(IReadOnlyList<string> Tokens, IReadOnlyList<int> Ids);
