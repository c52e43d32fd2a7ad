namespace Hnn.Model.Tests;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>Where it is.</summary>
    public string FullPath { get; } = Directory.CreateTempSubdirectory("hnn-test-").FullName;

    /// <summary>The path of a file in it.</summary>
    public string this[string name] => Path.Combine(FullPath, name);

    /// <summary>The checkpoint of tests/vectors/distilbert with one of its files of weights.</summary>
    public static TemporaryFolder OfVector(string weights)
    {
        TemporaryFolder folder = new();
        string source = Path.Combine(TestData.Root, "tests", "vectors", "distilbert");
        foreach (string name in (string[])["config.json", "vocab.txt"]) File.Copy(Path.Combine(source, name), folder[name]);
        File.Copy(Path.Combine(source, weights), folder["model.safetensors"]);
        return folder;
    }

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
