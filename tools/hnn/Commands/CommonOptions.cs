using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Hnn.Model;

namespace Hnn.Tool.Commands;

/// <summary>Options and arguments that several commands share.</summary>
internal static class CommonOptions
{
    private const int MaxThreadCount = 1024;

    /// <summary>The model that comes with the tool.</summary>
    public static string DefaultModelPath => Path.Combine(AppContext.BaseDirectory, "models", "hnn-tiny");

    /// <summary>--model DIR.</summary>
    public static Option<string> Model() => new("--model")
    {
        Description = "Folder with config.json, model.safetensors and vocab.txt (default: the hnn-tiny that comes with the tool).",
        HelpName = "DIR",
    };

    /// <summary>--release WHAT.</summary>
    public static Option<Release?> Release() => new("--release")
    {
        Description = "What the client is given: soft_argmax (one number) or probabilities (more than two classes); default: what the model says.",
        HelpName = "WHAT",
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            if (ReleaseName.TryParse(given, out Release release))
            {
                return release;
            }

            result.AddError($"--release takes {ReleaseName.Choices}; got '{given}'.");
            return null;
        },
    };

    /// <summary>--data FILE.</summary>
    public static Option<string> Data() => new("--data")
    {
        Description = "Labelled sentences: SST-2's table (a header, then sentence, tab, 0 or 1) or SST-5's trees.",
        HelpName = "FILE",
        Required = true,
    };

    /// <summary>--json.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object instead of text." };

    /// <summary>--threads K.</summary>
    public static Option<int?> Threads() =>
        Number("--threads", "K", 1, MaxThreadCount, "Threads to compute with (default: one per processor).");

    /// <summary>An option with a number in a range.</summary>
    public static Option<int?> Number(string name, string helpName, int min, int max, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            if (int.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= min && value <= max)
            {
                return value;
            }

            result.AddError($"{name} takes a whole number from {min} to {max}; got '{given}'.");
            return null;
        },
    };

    /// <summary>TEXT. A text that begins with a dash must come after <c>--</c>, so that a mistyped option is not classified.</summary>
    public static Argument<string> Text(bool hasDoubleDash)
    {
        Argument<string> argument = new("TEXT") { Description = "The text, in quotes; after -- if it begins with a dash." };
        argument.Validators.Add(result =>
        {
            if (!hasDoubleDash && result.Tokens is [{ Value: ['-', ..] } token])
            {
                result.AddError($"Unknown option '{token.Value}'; put -- before a text that begins with a dash.");
            }
        });
        return argument;
    }
}
