using System.CommandLine;
using System.Globalization;
using Hnn.Model.Plain;
using Hnn.Model.Text;
using Hnn.Model.Weights;
using Hnn.Tool.Output;

namespace Hnn.Tool.Commands;

/// <summary><c>hnn tokenize TEXT</c>: the pieces and ids that the model would see.</summary>
internal static class TokenizeCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal, bool hasDoubleDash)
    {
        Argument<string> text = CommonOptions.Text(hasDoubleDash);
        Option<string> model = CommonOptions.Model();
        Option<bool> json = CommonOptions.Json();
        Command command = new("tokenize", "Shows the word pieces and ids that the model would see.") { text, model, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(text), parsed.GetValue(model), parsed.GetValue(json), terminal));
        return command;
    }

    private static void Run(string text, string? modelPath, bool asJson, Terminal terminal)
    {
        (ITokenizer tokenizer, int maxTokenCount) = LoadTokenizer(modelPath);
        TokenizedText tokens = Inputs.Tokenize(tokenizer, maxTokenCount, text, terminal);
        if (asJson)
        {
            JsonOutput.Write(terminal.Out, new TokenizeOutput(tokens.Pieces, tokens.Ids));
            return;
        }

        TextTable table = new("id", "piece");
        for (int i = 0; i < tokens.Ids.Count; i++)
        {
            table.Add(tokens.Ids[i].ToString(CultureInfo.InvariantCulture), tokens.Pieces[i]);
        }

        table.Write(terminal.Out);
    }

    private static (ITokenizer Tokenizer, int MaxTokenCount) LoadTokenizer(string? modelPath)
    {
        if (Inputs.IdentifyModel(modelPath) == ModelKind.HuggingFace)
        {
            DistilBertDirectory checkpoint = Inputs.Guard(() => DistilBertDirectory.Open(modelPath!));
            return (Inputs.Guard(checkpoint.LoadTokenizer), checkpoint.Config.MaxPosition);
        }

        ModelDirectory directory = Inputs.OpenModel(modelPath);
        return (Inputs.Guard(() => new WordPieceTokenizer(directory.LoadVocabulary())), directory.Config.MaxTokenCount);
    }
}
