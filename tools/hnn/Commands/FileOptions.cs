using System.CommandLine;

namespace Hnn.Tool.Commands;

/// <summary>Options and arguments that name files.</summary>
internal static class FileOptions
{
    /// <summary>--keys KEYS.</summary>
    public static Option<string> Keys() =>
        new("--keys") { Description = "Folder that 'hnn keygen' made.", HelpName = "KEYS", Required = true };

    /// <summary>--out FILE.</summary>
    public static Option<string> Out(string description, string helpName = "FILE") =>
        new("--out") { Description = description, HelpName = helpName, Required = true };

    /// <summary>A file to be read.</summary>
    public static Argument<string> File(string name, string description) => new(name) { Description = description };
}
