using System.Text.RegularExpressions;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests;

/// <summary>Folders of one assembly depend on each other in one direction only; the compiler does not see to it, so this does.</summary>
public sealed class LayeringTests
{
    [Fact]
    public void Core_UsesOnlyLowerFolders()
    {
        string core = Path.Combine(Repository.Root, "Heann.Core");
        Dictionary<string, string> files = Directory.EnumerateFiles(core, "*", SearchOption.AllDirectories)
            .Select(path => (Name: Path.GetRelativePath(core, path).Replace('\\', '/'), Path: path))
            .Where(file => !file.Name.StartsWith("bin/", StringComparison.Ordinal)
                && !file.Name.StartsWith("obj/", StringComparison.Ordinal))
            .Where(file => file.Name.EndsWith(".cs", StringComparison.Ordinal) || file.Name.EndsWith(".csproj", StringComparison.Ordinal))
            .ToDictionary(file => file.Name, file => File.ReadAllText(file.Path));
        Assert.Contains("Rings/RnsBasis.cs", files.Keys);
        Assert.Empty(LayerScanner.Violations(files));
    }

    private const string Rings = "namespace Heann.Core.Rings;\n";
    private const string Keys = "namespace Heann.Core.Keys;\n";
    private const string Backends = "namespace Heann.Core.Backends;\n";
    private const string Sampling = "namespace Heann.Core.Sampling;\n";
    private const string Evaluation = "namespace Heann.Core.Evaluation;\n";

    // A small tree in good order: every kind of permitted reference occurs.
    private static Dictionary<string, string> GoodTree() => new()
    {
        ["Heann.Core.csproj"] = "<Project Sdk=\"Microsoft.NET.Sdk\" />",
        ["Throw.cs"] = "namespace Heann.Core;\ninternal static class Throw { public static void Differ(Scale a) => throw new ScaleException(); }",
        ["Scale.cs"] = "namespace Heann.Core;\npublic readonly record struct Scale(double Value);",
        ["HeannExceptions.cs"] = "namespace Heann.Core;\npublic sealed class ScaleException : System.Exception;",
        ["CkksContext.cs"] = "using Heann.Core.Evaluation;\nusing Heann.Core.Rings;\nnamespace Heann.Core;\npublic sealed class CkksContext { Evaluator e; }",
        ["Arithmetic/Modulus.cs"] = "// see Heann.Core.Evaluation.Evaluator\nnamespace Heann.Core.Arithmetic;\npublic sealed class Modulus { Scale s; Heann.Core.Scale t; }",
        ["Rings/RnsBasis.cs"] = "using Heann.Core.Arithmetic;\n" + Rings + "public sealed class RnsBasis { Modulus q; }",
        ["Backends/ScalarBackend.cs"] = "using System.Text;\nusing Heann.Core.Rings;\n" + Backends + "/* Keys.SecretKey */ class ScalarBackend { }",
        ["Sampling/Sampler.cs"] = Sampling + "class Sampler { string s = \"Evaluation.Evaluator and CkksContext\"; Arithmetic.Modulus q; }",
        ["Parameters/CkksParameters.cs"] = "using Heann.Core.Sampling;\nnamespace Heann.Core.Parameters { public class CkksParameters { } }",
        ["Keys/SecretKey.cs"] = Keys + "class SecretKey { CkksParameters Parameters; int n => Parameters.Evaluation.Count; }",
        ["Evaluation/Evaluator.cs"] = "using Heann.Core.Keys;\nusing R = Heann.Core.Rings.RnsBasis;\n" + Evaluation + "class Evaluator { }",
    };

    [Fact]
    public void Scanner_AcceptsATreeInGoodOrder() => Assert.Empty(LayerScanner.Violations(GoodTree()));

    /// <summary>One violation each: file, its new text, what the finding must name.</summary>
    public static TheoryData<string, string, string> Bad => new()
    {
        { "Rings/Bad.cs", "using Heann.Core.Evaluation;\n" + Rings + "class Bad { }", "Rings/Bad.cs(1): Heann.Core.Evaluation" },
        { "Rings/Bad.cs", Rings + "class Bad\n{\n    Heann.Core.Keys.SecretKey k;\n}", "Rings/Bad.cs(4): Heann.Core.Keys" },
        { "Rings/Bad.cs", Rings + "class Bad { global::Heann.Core.Keys.SecretKey k; }", "Rings/Bad.cs(2): Heann.Core.Keys" },
        { "Rings/Bad.cs", Rings + "class Bad { Core.Keys.SecretKey k; }", "Rings/Bad.cs(2): Keys.SecretKey" },
        { "Rings/Bad.cs", Rings + "class Bad { Keys.SecretKey k; }", "Rings/Bad.cs(2): Keys.SecretKey" },
        { "Rings/Bad.cs", "using static Heann.Core.Keys.SecretKey;\n" + Rings + "class Bad { }", "Rings/Bad.cs(1): Heann.Core.Keys" },
        { "Rings/Bad.cs", "using K = Heann.Core.Keys.SecretKey;\n" + Rings + "class Bad { }", "Rings/Bad.cs(1): Heann.Core.Keys" },
        { "Rings/Bad.cs", "using  Heann . Core\n. Keys;\n" + Rings + "class Bad { }", "Rings/Bad.cs(1): Heann.Core.Keys" },
        { "Rings/Bad.cs", Rings + "using Heann.Core.Keys;\nclass Bad { }", "Rings/Bad.cs(2): Heann.Core.Keys" },
        { "Rings/Sub/Bad.cs", "using Heann.Core.Keys;\n" + Rings + "class Bad { }", "Rings/Sub/Bad.cs(1): Heann.Core.Keys" },
        { "Rings/Bad.cs", Rings + "class Bad { CkksContext c; }", "Rings/Bad.cs(2): CkksContext" },
        { "Rings/Bad.cs", Rings + "class Bad { Heann.Core.CkksContext c; }", "Rings/Bad.cs(2): CkksContext" },
        { "Rings/Bad.cs", Rings + "class Bad { string s = \"\\\"\"; Keys.SecretKey k; string t = \"\"; }",
            "Rings/Bad.cs(2): Keys.SecretKey" },
        { "Rings/Bad.cs", Rings + "class Bad { string s = \"\"\"\n// \" \"\"\"; Keys.SecretKey k; }", "Rings/Bad.cs(3): Keys.SecretKey" },
        { "Rings/Bad.cs", Rings + "class Bad { char c = '\"'; Keys.SecretKey k; char d = '\"'; }", "Rings/Bad.cs(2): Keys.SecretKey" },
        { "Backends/Bad.cs", "using Heann.Core.Sampling;\n" + Backends + "class Bad { }", "Backends/Bad.cs(1): Heann.Core.Sampling" },
        { "Sampling/Bad.cs", "using Heann.Core.Backends;\n" + Sampling + "class Bad { }", "Sampling/Bad.cs(1): Heann.Core.Backends" },
        { "Keys/Bad.cs", "using Heann.Core;\n" + Keys + "class Bad { CkksContext c; }", "Keys/Bad.cs(3): CkksContext" },
        { "Throw.cs", "using Heann.Core.Arithmetic;\nnamespace Heann.Core;\nclass Throw { }", "Throw.cs(1): Heann.Core.Arithmetic" },
        { "Scale.cs", "namespace Heann.Core;\nstruct Scale { CkksContext c; }", "Scale.cs(2): CkksContext" },
        { "Rings/Bad.cs", Keys + "class Bad { }", "Rings/Bad.cs(1): namespace Heann.Core.Keys" },
        { "Rings/Bad.cs", "namespace Heann.Core;\nclass Bad { }", "Rings/Bad.cs(1): namespace Heann.Core" },
        { "Bad.cs", Rings + "class Bad { }", "Bad.cs(1): namespace Heann.Core.Rings" },
        { "Utilities/Bad.cs", "namespace Heann.Core.Utilities;\nclass Bad { }", "Utilities/Bad.cs(1): unknown folder Utilities" },
        { "Evaluation/Bad.cs", "using Heann.Core.Utilities;\n" + Evaluation + "class Bad { }",
            "Evaluation/Bad.cs(1): Heann.Core.Utilities" },
        { "CkksContext.cs", "global using Heann.Core.Rings;\nnamespace Heann.Core;\nclass CkksContext { }",
            "CkksContext.cs(1): global using" },
        { "Heann.Core.csproj", "<Project>\n<Using Include=\"Heann.Core.Keys\" />\n</Project>", "Heann.Core.csproj(2): <Using" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Scanner_FindsAViolation(string file, string text, string finding)
    {
        Dictionary<string, string> files = GoodTree();
        files[file] = text;
        Assert.StartsWith(finding, Assert.Single(LayerScanner.Violations(files)), StringComparison.Ordinal);
    }
}

/// <summary>Finds references to higher folders in the text of Heann.Core.</summary>
internal static partial class LayerScanner
{
    /// <summary>THE ORDER, bottom-up: a folder may use itself and those in earlier lines, not its neighbours in the same line.</summary>
    private static readonly string[][] Order =
    [
        ["Arithmetic"],
        ["Rings"],
        ["Backends", "Sampling"],
        ["Parameters"],
        ["Noise"],
        ["Ciphertexts"],
        ["Encoders"],
        ["Keys"],
        ["Evaluation"],
        ["Circuits"],
        ["Planning"],
        ["Serialization"],
        [""], // the files beside the folders: CkksContext
    ];

    /// <summary>Files beside the folders that everybody may use and that use nothing but each other.</summary>
    private static readonly string[] Leaves = ["Scale.cs", "Throw.cs", "HeannExceptions.cs"];

    private const string Leaf = "a leaf";

    /// <summary>Violations in a tree of files: path below Heann.Core → text; "path(line): what".</summary>
    public static IReadOnlyList<string> Violations(IReadOnlyDictionary<string, string> files)
    {
        Dictionary<string, string> code = files.Where(f => f.Key.EndsWith(".cs", StringComparison.Ordinal))
            .ToDictionary(f => f.Key, f => WithoutCommentsAndStrings(f.Value));
        ILookup<string, string> types = code
            .SelectMany(f => Declaration().Matches(f.Value)
                .Select(m => (Folder: Leaves.Contains(f.Key) ? Leaf : Folder(f.Key), Type: m.Groups[1].Value)))
            .ToLookup(d => d.Folder, d => d.Type);
        List<string> findings = [.. code.OrderBy(f => f.Key, StringComparer.Ordinal).SelectMany(f => Scan(f.Key, f.Value, types))];
        foreach ((string name, string text) in files.Where(f => f.Key.EndsWith(".csproj", StringComparison.Ordinal)))
        {
            findings.AddRange(ProjectUsing().Matches(text)
                .Select(m => $"{At(name, text, m.Index)}: {m.Value}: a using for every file hides the order"));
        }

        return findings;
    }

    private static IEnumerable<string> Scan(string name, string text, ILookup<string, string> types)
    {
        string folder = Folder(name);
        bool isLeaf = Leaves.Contains(name);
        string where = isLeaf ? Leaf : folder;
        int rank = isLeaf ? -1 : Rank(folder);
        if (rank < 0 && !isLeaf)
        {
            yield return $"{name}(1): unknown folder {folder}; give it a place in the order";
            yield break;
        }

        foreach (Match match in Namespace().Matches(text))
        {
            string expected = folder.Length == 0 ? "Heann.Core" : $"Heann.Core.{folder}";
            string actual = match.Groups[1].Value;
            if (actual != expected && (folder.Length == 0 || !actual.StartsWith(expected + ".", StringComparison.Ordinal)))
            {
                yield return $"{At(name, text, match.Index)}: namespace {actual} in a file of {expected}";
            }
        }

        foreach (Match match in GlobalUsing().Matches(text))
        {
            yield return $"{At(name, text, match.Index)}: global using: a using for every file hides the order";
        }

        bool IsAllowed(string other) => other == folder && !isLeaf || Rank(other) is int r && r >= 0 && r < rank;
        string body = Blank(Blank(text, Namespace()), GlobalUsing());
        foreach (Match match in Qualified().Matches(body))
        {
            string other = match.Groups[1].Value;
            bool isRootType = types[""].Contains(other) || types[Leaf].Contains(other);
            if (!isRootType && !IsAllowed(other))
            {
                yield return $"{At(name, text, match.Index)}: Heann.Core.{other} is not below {where}";
            }
        }

        foreach (Match match in Relative().Matches(body))
        {
            (string other, string type) = (match.Groups[1].Value, match.Groups[2].Value);
            if (types[other].Contains(type) && !IsAllowed(other))
            {
                yield return $"{At(name, text, match.Index)}: {other}.{type} is not below {where}";
            }
        }

        // Types of the parent namespace are visible everywhere without a using.
        foreach (Match match in Identifier().Matches(body))
        {
            if (types[""].Contains(match.Value) && !IsAllowed(""))
            {
                yield return $"{At(name, text, match.Index)}: {match.Value} is not below {where}";
            }
        }
    }

    private static string Folder(string name) =>
        name.Contains('/', StringComparison.Ordinal) ? name[..name.IndexOf('/', StringComparison.Ordinal)] : "";

    private static int Rank(string folder) => Array.FindIndex(Order, line => line.Contains(folder));

    private static string At(string name, string text, int index) => $"{name}({text.AsSpan(0, index).Count('\n') + 1})";

    private static string WithoutCommentsAndStrings(string text) => Blank(text, CommentOrString());

    // Same length, same lines.
    private static string Blank(string text, Regex pattern) =>
        pattern.Replace(text, m => string.Concat(m.Value.Select(c => c == '\n' ? '\n' : ' ')));

    [GeneratedRegex("""//[^\n]*|/\*[\s\S]*?\*/|"{3}[\s\S]*?"{3}|\$?@\$?"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|'(?:\\[^\n]+?|[^'\\\n])'""")]
    private static partial Regex CommentOrString();

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record(?:\s+(?:class|struct))?|delegate\s+[\w<>\[\]?]+)\s+([A-Z]\w*)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\bnamespace\s+([\w.]+)")]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\bglobal\s+using\s[^;]*;")]
    private static partial Regex GlobalUsing();

    [GeneratedRegex(@"\bHeann\s*\.\s*Core\s*\.\s*(\w+)")]
    private static partial Regex Qualified();

    [GeneratedRegex(@"(?<![\w.]|\.\s)(?:Core\s*\.\s*)?([A-Z]\w*)\s*\.\s*([A-Z]\w*)")]
    private static partial Regex Relative();

    [GeneratedRegex(@"\b[A-Z]\w*")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"<Using\b")]
    private static partial Regex ProjectUsing();
}
