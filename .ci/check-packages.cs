// Checks what `dotnet pack` wrote: symbols beside each package; README, documentation, licence and repository inside; no folder of the
// machine anywhere. Usage: dotnet run .ci/check-packages.cs ARTIFACTS ROOT PACKAGE...
using System.IO.Compression;
using System.Text;

(string artifacts, string root, string[] packages) = (args[0], args[1], args[2..]);
byte[] rootName = Encoding.UTF8.GetBytes(root);
List<string> findings = [];
foreach (string package in packages)
{
    Dictionary<string, byte[]> main = Read(package, "nupkg"), symbols = Read(package, "snupkg");
    string[] expected = [$"{package}.nuspec", "README.md", $"lib/net10.0/{package}.dll", $"lib/net10.0/{package}.xml"];
    findings.AddRange(expected.Except(main.Keys).Select(name => $"{package}: {name} is missing"));
    if (!symbols.ContainsKey($"lib/net10.0/{package}.pdb"))
    {
        findings.Add($"{package}: there are no symbols");
    }

    string nuspec = Encoding.UTF8.GetString(main.GetValueOrDefault(expected[0], []));
    string[] marks =
        ["<license type=\"expression\">Apache-2.0</license>", "<readme>README.md</readme>", "<repository type=\"git\" url=\"https://"];
    IEnumerable<string> missing = marks.Where(mark => !nuspec.Contains(mark, StringComparison.Ordinal));
    IEnumerable<string> telling = main.Concat(symbols).Where(file => file.Value.AsSpan().IndexOf(rootName) >= 0).Select(file => file.Key);
    findings.AddRange(missing.Select(mark => $"{package}: the nuspec lacks {mark}"));
    findings.AddRange(telling.Select(name => $"{package}: {name} names {root}"));
}

findings.ForEach(Console.Error.WriteLine);
return findings.Count == 0 ? 0 : 1;

Dictionary<string, byte[]> Read(string package, string extension)
{
    string[] paths = Directory.GetFiles(artifacts, $"{package}.*.{extension}");
    if (paths.Length != 1)
    {
        findings.Add($"{package}: {paths.Length} files .{extension}");
        return [];
    }

    using ZipArchive archive = ZipFile.OpenRead(paths[0]);
    return archive.Entries.ToDictionary(entry => entry.FullName, entry =>
    {
        using Stream stream = entry.Open();
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    });
}
