using Heann.Core.Tests.Rings;
using Heann.Examples;

namespace Heann.Core.Tests.Examples;

/// <summary>Every chapter prints what its last lines say, to the digit; but for the lines that say what the machine has.</summary>
public sealed class ExamplesTests
{
    private const string Mark = "/* Prints:\n";

    /// <summary>The chapters.</summary>
    public static TheoryData<string> Names => [.. Chapters.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Chapter_PrintsWhatItSays(string name)
    {
        string source = File.ReadAllText(Path.Combine(Repository.Root, "examples", name + ".cs")).ReplaceLineEndings("\n");
        int start = source.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
        string expected = source[start..source.IndexOf("*/", start, StringComparison.Ordinal)];
        using StringWriter output = new() { NewLine = "\n" };
        Chapters.All[name](output);
        Assert.Equal(EverywhereTheSame(expected), EverywhereTheSame(output.ToString()));
        Assert.NotEmpty(EverywhereTheSame(expected));
    }

    [Fact]
    public void Chapters_AreTheNumberedFiles()
    {
        IEnumerable<string> paths = Directory.EnumerateFiles(Path.Combine(Repository.Root, "examples"), "*_*.cs");
        Assert.Equal(paths.Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal), Chapters.All.Keys);
    }

    private static string EverywhereTheSame(string printed) =>
        string.Join('\n', printed.Split('\n').Where(line => !line.StartsWith(OnGpu.Here, StringComparison.Ordinal)));
}
