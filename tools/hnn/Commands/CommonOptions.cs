using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Hnn.Model;
using Hnn.Model.Compilation;
using Hnn.Model.Sessions;

namespace Hnn.Tool.Commands;

/// <summary>Options and arguments that several commands share.</summary>
internal static class CommonOptions
{
    private const int MaxThreadCount = 1024;
    private const int MaxGigabytes = 1_000_000;

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

    /// <summary>--packing PACKING.</summary>
    public static Option<SessionPacking?> Packing() => new("--packing")
    {
        Description = "How sentences lie in ciphertexts: one at a time, or a batch (default: latency).",
        HelpName = "latency|throughput",
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            switch (given)
            {
                case "latency": return SessionPacking.Latency;
                case "throughput": return SessionPacking.Throughput;
                default:
                    result.AddError($"--packing takes latency or throughput; got '{given}'.");
                    return null;
            }
        },
    };

    /// <summary>--memory GB, in bytes.</summary>
    public static Option<long?> Memory() => Gigabytes(
        "--memory",
        $"With --packing throughput: the memory of keys and ciphertexts; what does not fit waits on disk (default: {ThroughputPlan.DefaultMemoryBytes / 1e9:F0}).");

    /// <summary>--key-memory GB, in bytes.</summary>
    public static Option<long?> KeyMemory(string description) => Gigabytes("--key-memory", description);

    /// <summary>--disk DIR.</summary>
    public static Option<string> Disk(string description) => new("--disk")
    {
        Description = description + " (default: the folder for temporary files).",
        HelpName = "DIR",
    };

    /// <summary>Refuses options of batches where sentences are evaluated one at a time. A wrong --packing has an error of its
    /// own.</summary>
    public static void RequireThroughput(CommandResult result, Option<SessionPacking?> packing, params ReadOnlySpan<Option> ofBatches)
    {
        foreach (Option option in ofBatches)
        {
            if (result.GetResult(option) is { Implicit: false } && result.GetResult(packing)?.Tokens is null or [{ Value: "latency" }])
            {
                result.AddError($"{option.Name} is for --packing throughput; give both.");
                return;
            }
        }
    }

    /// <summary>Refuses a bound of keys where sentences are evaluated in batches, which count their keys in --memory.</summary>
    public static void RequireLatency(CommandResult result, Option<SessionPacking?> packing, Option<long?> keyMemory)
    {
        if (result.GetResult(keyMemory) is { Implicit: false } && result.GetResult(packing)?.Tokens is [{ Value: "throughput" }])
        {
            result.AddError($"{keyMemory.Name} is for --packing latency; a batch needs its keys all the time and counts them in --memory.");
        }
    }

    /// <summary>Refuses --disk where nothing waits there.</summary>
    public static void RequireKeyMemory(CommandResult result, Option<long?> keyMemory, Option<string> disk)
    {
        if (result.GetResult(disk) is { Implicit: false } && result.GetResult(keyMemory) is null)
        {
            result.AddError($"{disk.Name} is for {keyMemory.Name}; give both.");
        }
    }

    /// <summary>--json.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object instead of text." };

    /// <summary>--threads K.</summary>
    public static Option<int?> Threads() =>
        Number("--threads", "K", 1, MaxThreadCount, "Threads to compute with (default: one per processor).");

    /// <summary>--backend NAME.</summary>
    public static Option<string> Backend()
    {
        string names = string.Join('|', Processor.Backends);
        return new("--backend")
        {
            Description = $"Where to compute under encryption: a GPU if there is one (auto), the CPU, or a GPU by its interface, of several with its number (cuda:1); see hnn devices.",
            HelpName = names,
            DefaultValueFactory = _ => Processor.Cpu,
            CustomParser = result =>
            {
                string given = result.Tokens[0].Value;
                if (!Processor.IsBackend(given))
                {
                    result.AddError($"--backend takes {names}, of several devices with a number (cuda:1); got '{given}'.");
                }

                return given;
            },
        };
    }

    /// <summary>What --backend and --threads say.</summary>
    public static Processor ProcessorOf(ParseResult parsed, Option<string> backend, Option<int?> threads) =>
        new(parsed.GetRequiredValue(backend), parsed.GetValue(threads) ?? Environment.ProcessorCount);

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

    private static Option<long?> Gigabytes(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "GB",
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            if (double.TryParse(given, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
                && value is >= 0.001 and <= MaxGigabytes)
            {
                return (long)(value * 1e9);
            }

            result.AddError($"{name} takes a number of gigabytes from 0.001 to {MaxGigabytes}; got '{given}'.");
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
