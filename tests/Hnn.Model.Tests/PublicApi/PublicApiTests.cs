using System.Reflection;
using Heann.Core;
using Heann.Gpu;
using Hnn.Model.Sessions;

namespace Hnn.Model.Tests.PublicApi;

/// <summary>What the packages offer is written down and changes only on purpose.</summary>
public sealed class PublicApiTests
{
    // Behind -p:UseMicrosoftMLTokenizers=true: not in the packages.
    private const string OptionalNamespace = "Hnn.Model.MicrosoftTokenizers";

    // Behind HeannComputeSharp: in what is built on Windows. What it adds to RingBackend is in ComputeSharpBackendTests.
    private const string OptionalType = "Heann.Gpu.ComputeSharpBackend";

    /// <summary>A type of each packaged assembly.</summary>
    public static TheoryData<Type> Packaged => [typeof(CkksContext), typeof(GpuBackend), typeof(LocalSession)];

    [Theory]
    [MemberData(nameof(Packaged))]
    public void PublicApi_IsTheApprovedOne(Type type)
    {
        Assembly assembly = type.Assembly;
        string name = $"PublicApi.{assembly.GetName().Name}";
        string approvedPath = Path.Combine(TestData.Root, "tests", "Hnn.Model.Tests", "PublicApi", name + ".approved.txt");
        string receivedPath = Path.Combine(AppContext.BaseDirectory, name + ".received.txt");
        string received = PublicApiPrinter.Print(
            assembly.GetExportedTypes().Where(t => t.Namespace != OptionalNamespace && t.FullName != OptionalType));
        string approved = File.Exists(approvedPath) ? File.ReadAllText(approvedPath).ReplaceLineEndings("\n") : "";
        if (received == approved)
        {
            return;
        }

        File.WriteAllText(receivedPath, received);
        Assert.Fail($"The public API of {assembly.GetName().Name} is not the approved one.\n{Difference(approved, received)}"
            + $"If that is meant, add a row to CHANGELOG.md and accept it:\n  cp '{receivedPath}' '{approvedPath}'");
    }

    [Fact]
    public void Printer_WritesMembersAsDeclared()
    {
        const string Expected = """
            namespace Hnn.Model.Tests.PublicApi
                public abstract class Sample<T> : IDisposable where T : class
                    protected Sample(int count, string? name = null)
                    protected abstract T? Find(ReadOnlySpan<T> items, in double value)
                    protected event Action<string?> Changed
                    public IReadOnlyList<string?> Names { get; init; }
                    public Sample<T>.Nested Kind { get; }
                    public const int Limit = 17
                    public double this[int index] { get; protected set; }
                    public override string ToString()
                    public static bool TryParse(string text, out int? value)
                    public virtual (int, string)[] Pairs<U>(params U[] items) where U : struct, IComparable<U>
                    public void Dispose()

            """;
        Assert.Equal(Expected.ReplaceLineEndings("\n"), PublicApiPrinter.Print([typeof(Sample<>)]));
    }

    [Fact]
    public void Printer_WritesRecordsAndEnumsWithoutWhatTheCompilerAdds()
    {
        string printed = PublicApiPrinter.Print([typeof(Point), typeof(Shade)]);
        Assert.Equal(
            "namespace Hnn.Model.Tests.PublicApi\n"
            + "    public readonly record struct Point : IEquatable<Point>\n"
            + "        public Point(int X, Shade Shade = Shade.Dark)\n"
            + "        public Shade Shade { get; init; }\n"
            + "        public int X { get; init; }\n"
            + "    public enum Shade\n"
            + "        Dark = 3\n"
            + "        Light = 1\n",
            printed);
    }

    [Fact]
    public void Difference_NamesMembersThatCameAndWentWithTheirTypes() =>
        Assert.Equal(
            "- class A: int B()\n+ class A: int C()\n",
            Difference("    class A\n        int B()\n", "    class A\n        int C()\n"));

    // Lines that only one of the two has, members with their types: order does not matter, the printer sorts.
    private static string Difference(string approved, string received)
    {
        List<string> before = WithTypes(approved), after = WithTypes(received);
        IEnumerable<string> gone = before.Except(after).Select(line => $"- {line}\n");
        return string.Concat([.. gone, .. after.Except(before).Select(line => $"+ {line}\n")]);
    }

    private static List<string> WithTypes(string api)
    {
        List<string> lines = [];
        string type = "";
        foreach (string line in api.Split('\n'))
        {
            bool isMember = line.StartsWith("        ", StringComparison.Ordinal);
            type = isMember ? type : line.Trim();
            lines.Add(isMember ? $"{type}: {line.Trim()}" : type);
        }

        return lines;
    }
}
