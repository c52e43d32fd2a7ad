using System.Xml.Linq;

namespace Hnn.Model.Tests;

/// <summary>Packages that not every feed holds are referenced behind documented switches, or not at all.</summary>
public sealed class PackagesTests
{
    /// <summary>The package, and the switch that adds it; null where no project may reference it.</summary>
    public static TheoryData<string, string?> Optional => new()
    {
        { "Microsoft.ML.Tokenizers", "UseMicrosoftMLTokenizers" }, { "FsCheck.Xunit", null }, { "ComputeSharp", "HeannComputeSharp" },
    };

    [Theory]
    [MemberData(nameof(Optional))]
    public void OptionalPackages_AreReferencedBehindTheirSwitchAlone(string package, string? property)
    {
        IEnumerable<string> projects = Directory.EnumerateFiles(TestData.Root, "*.csproj", SearchOption.AllDirectories);
        string[] conditions = [.. projects.SelectMany(path => XDocument.Load(path).Descendants("PackageReference"))
            .Where(reference => (string?)reference.Attribute("Include") == package)
            .Select(reference => (string?)reference.Attribute("Condition") ?? (string?)reference.Parent!.Attribute("Condition") ?? "none")];
        Assert.Equal(property is null ? [] : [$"'$({property})' == 'true'"], conditions);
        string contributing = File.ReadAllText(Path.Combine(TestData.Root, "CONTRIBUTING.md"));
        Assert.Contains(property is null ? package : $"-p:{property}=", contributing, StringComparison.Ordinal);
    }

    [Fact]
    public void OptionalPackages_ArePinned()
    {
        XDocument pins = XDocument.Load(Path.Combine(TestData.Root, "Directory.Packages.props"));
        string[] pinned = [.. pins.Descendants("PackageVersion").Select(pin => (string)pin.Attribute("Include")!)];
        Assert.All(Optional, row => Assert.Contains(row.Data.Item1, pinned));
    }
}
