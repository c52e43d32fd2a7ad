using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Hnn.Model.Tests;

/// <summary>Finds what the tests read: the repository, its models and vectors, and the corpora that are not part of it.</summary>
internal static class TestData
{
    /// <summary>The folder of Heann.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of the committed model.</summary>
    public static string HnnTiny => Path.Combine(Root, "models", "hnn-tiny");

    /// <summary>HNN_DATA where set, else shared/data beside the repository; null where neither exists.</summary>
    public static string? DataFolder
    {
        get
        {
            string? named = Environment.GetEnvironmentVariable("HNN_DATA");
            string folder = string.IsNullOrEmpty(named) ? Path.Combine(Root, "..", "shared", "data") : named;
            return Directory.Exists(folder) ? folder : null;
        }
    }

    /// <summary>A file of the data folder; skips the running test, with the reason, where it is absent.</summary>
    public static string RequireData(params string[] parts)
    {
        string? path = DataFolder is { } folder ? Path.Combine([folder, .. parts]) : null;
        if (path is null || !File.Exists(path))
            Assert.Skip($"No {string.Join('/', parts)}: set HNN_DATA to the data folder, or put it at ../shared/data.");
        return path;
    }

    /// <summary>Parses tests/vectors/<paramref name="name"/>.</summary>
    public static JsonElement Vectors(string name) =>
        JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(Path.Combine(Root, "tests", "vectors", name)));

    /// <summary>SHA-256 over lines, each ended by a line feed, as the Python generators compute it; lower-case hex.</summary>
    public static string Digest(IEnumerable<string> lines)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string line in lines) hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Heann.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No Heann.sln above {AppContext.BaseDirectory}; run the tests from a checkout.");
    }
}
