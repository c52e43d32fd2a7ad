using System.Diagnostics;
using Hnn.Model.Client;
using Hnn.Model.Plain;
using Hnn.Model.Sessions;
using Hnn.Model.Text;
using Hnn.Model.Weights;
using Hnn.Tool.Output;

namespace Hnn.Tool.Commands;

/// <summary><c>hnn classify --plain</c>: the text stays in the clear. Runs both kinds of model; config.json says which one a folder
/// holds.</summary>
internal static class ClassifyPlain
{
    /// <summary>Classifies a text.</summary>
    public static PlainOutput Run(string text, string? modelPath, int threadCount, Terminal terminal, CancellationToken cancellation)
    {
        Stopwatch watch = Stopwatch.StartNew();
        return Inputs.IdentifyModel(modelPath) == ModelKind.HuggingFace
            ? RunDistilBert(text, modelPath!, threadCount, terminal, watch, cancellation)
            : RunHnn(text, modelPath, terminal, watch);
    }

    private static PlainOutput RunDistilBert(
        string text, string modelPath, int threadCount, Terminal terminal, Stopwatch watch, CancellationToken cancellation)
    {
        DistilBertDirectory directory = Inputs.Guard(() => DistilBertDirectory.Open(modelPath));
        ITokenizer tokenizer = Inputs.Guard(directory.LoadTokenizer);
        TokenizedText tokens = Inputs.Tokenize(tokenizer, directory.Config.MaxPosition, text, terminal);
        PlainDistilBert model = Inputs.Guard(() => directory.LoadModel(threadCount));
        PlainResult result = Inputs.Guard(() => model.Classify(tokens.Ids, cancellation));
        return PlainOutput.Create("distilbert", text, tokens, directory.Config.Labels, result, watch.Elapsed);
    }

    private static PlainOutput RunHnn(string text, string? modelPath, Terminal terminal, Stopwatch watch)
    {
        LoadedModel model = Inputs.LoadModel(modelPath);
        TokenizedText tokens = Inputs.Tokenize(model.Tokenizer, model.Config.MaxTokenCount, text, terminal);
        PlainResult result = Inputs.Guard(() =>
        {
            double[,] embedded = new SentenceEmbedder(model.Weights.Embeddings).Embed(tokens.Ids);
            double[] logits = new PolynomialNetwork(model.Config, model.Weights.Network).Logits(embedded);
            return PlainResult.FromLogits(logits, model.Config.SoftArgmax.Temperature);
        });
        return PlainOutput.Create("hnn", text, tokens, model.Config.Labels, result, watch.Elapsed);
    }
}
