using Heann.Core;
using Hnn.Model.Datasets;
using Hnn.Model.Sessions;
using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Hnn.Tool.Commands;

/// <summary>Opens what the command line names; what is not good becomes an <see cref="InputException"/>.</summary>
internal static class Inputs
{
    /// <summary>Opens the folder of an hnn model, or the default one.</summary>
    public static ModelDirectory OpenModel(string? path) => Guard(() => ModelDirectory.Open(ModelPath(path)));

    /// <summary>Says which kind of model a folder holds; the default one is an hnn model.</summary>
    public static ModelKind IdentifyModel(string? path) => Guard(() => ModelFolder.Identify(ModelPath(path)));

    /// <summary>Reads a whole model.</summary>
    public static LoadedModel LoadModel(string? path)
    {
        ModelDirectory directory = OpenModel(path);
        return Guard(() => LoadedModel.Load(directory));
    }

    /// <summary>Reads labelled sentences whose classes are the model's.</summary>
    public static IReadOnlyList<LabelledSentence> LoadSentences(string path, int? limit, LoadedModel model) => Guard(() =>
        path.Length == 0
            ? throw new InvalidDataException("--data takes the path of a file; got an empty one.")
            : (IReadOnlyList<LabelledSentence>)[.. SentenceFile.Load(path, model.Config.Labels.Count).Take(limit ?? int.MaxValue)]);

    /// <summary>Tokenizes a text to the most tokens that the model takes; warns where it was cut.</summary>
    /// <exception cref="InputException">Nothing is left of the text but the frame.</exception>
    public static TokenizedText Tokenize(ITokenizer tokenizer, int maxTokenCount, string text, Terminal terminal)
    {
        TokenizedText tokens = tokenizer.Tokenize(text, maxTokenCount);
        if (tokens.IsEmpty)
        {
            throw new InputException("The text is empty: it holds no words, only blanks or control characters.");
        }

        if (tokens.IsTruncated)
        {
            terminal.Warn($"the text is longer than the model's {maxTokenCount} tokens; the rest was cut off.");
        }

        return tokens;
    }

    /// <summary>Runs what reads or plans a model.</summary>
    /// <exception cref="InputException">In place of the errors that a wrong or unreadable file causes.</exception>
    public static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException or NotSupportedException
            or ForeignOperandException or MissingKeyException)
        {
            throw new InputException(e.Message, e);
        }
    }

    private static string ModelPath(string? path) => path is { Length: 0 }
        ? throw new InvalidDataException("--model takes the path of a folder; got an empty one.")
        : path ?? CommonOptions.DefaultModelPath;
}
