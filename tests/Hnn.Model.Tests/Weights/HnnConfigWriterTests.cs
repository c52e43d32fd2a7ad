using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Weights;

public sealed class HnnConfigWriterTests : IDisposable
{
    private static readonly SoftArgmaxCalibration Record =
        new("dev.tsv", 872, 2, new(0.5, 0.75, 0.125), new(0.25, 0.5, 0.0625), 0.875, -3.5, 4.25);

    private readonly string _folder = Directory.CreateTempSubdirectory("hnn-config-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Replace_ReadsBackAndKeepsEveryOtherField() => Prop.ForAll(SoftArgmaxes(), softArgmax =>
    {
        byte[] changed = HnnConfigWriter.Replace(Good(), softArgmax);
        HnnConfig before = Load(Good()), after = Load(changed);
        JsonObject others = JsonNode.Parse(changed)!.AsObject(), expected = JsonNode.Parse(Good())!.AsObject();
        others.Remove("soft_argmax");
        expected.Remove("soft_argmax");
        return after.SoftArgmax == softArgmax && JsonNode.DeepEquals(others, expected) && after.Labels.SequenceEqual(before.Labels);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Replace_KeepsIterationsAndReleaseOfMoreThanTwoClasses() => Prop.ForAll(
        SoftArgmaxes(),
        (from iterations in Gen.Choose(0, 16) select iterations == 0 ? (int?)null : iterations).ToArbitrary(),
        Gen.Elements<Release?>(null, Release.SoftArgmax, Release.Probabilities).ToArbitrary(),
        (softArgmax, iterations, release) =>
        {
            JsonNode five = JsonNode.Parse(Good())!;
            five["labels"] = JsonNode.Parse("[\"a\", \"b\", \"c\", \"d\", \"e\"]");
            SoftArgmaxConfig written = softArgmax with { Iterations = iterations, Release = release };
            return Load(HnnConfigWriter.Replace(Encoding.UTF8.GetBytes(five.ToJsonString()), written)).SoftArgmax == written;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Replace_TwiceIsOnceAndBackIsTheFirst() => Prop.ForAll(SoftArgmaxes(), SoftArgmaxes(), (a, b) =>
    {
        byte[] once = HnnConfigWriter.Replace(Good(), a);
        return once.SequenceEqual(HnnConfigWriter.Replace(once, a))
            && once.SequenceEqual(HnnConfigWriter.Replace(HnnConfigWriter.Replace(once, b), a));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Replace_KeepsTheBytesAroundTheObjectAndIndentsAsTheFile()
    {
        const string Old = "{ \"temperature\": 2.0, \"interval\": [-8, 8] }";
        foreach ((string shape, string replaced) in ((string, string)[])[
            ("{\n @others,\n \"soft_argmax\": @,\n @last\n}\n", "{\n  \"temperature\": 0.5,\n  \"interval\": [\n   -4,\n   4\n  ]\n }"),
            ("{\r\n\t\"soft_argmax\" :@ ,\r\n\t@others, @last}",
                "{\n\t\t\"temperature\": 0.5,\n\t\t\"interval\": [\n\t\t\t-4,\n\t\t\t4\n\t\t]\n\t}"),
            ("{@others, \"soft\\u005fargmax\": @, @last}", "{\"temperature\":0.5,\"interval\":[-4,4]}"),
            ("{\n @others, \"soft_argmax\": @,\n @last }", "{\"temperature\":0.5,\"interval\":[-4,4]}"),
        ])
        {
            string text = shape.Replace("@others", Others(out string last), StringComparison.Ordinal)
                .Replace("@last", last, StringComparison.Ordinal);
            byte[] changed = HnnConfigWriter.Replace(
                Encoding.UTF8.GetBytes(text.Replace("@", Old, StringComparison.Ordinal)), new(0.5, -4, 4));
            Assert.Equal(text.Replace("@", replaced, StringComparison.Ordinal), Encoding.UTF8.GetString(changed));
        }
    }

    [Theory]
    [InlineData(0, -8, 8, "temperature")]
    [InlineData(double.NaN, -8, 8, "")]
    [InlineData(1, -65, 65, "[-64, 64]")]
    [InlineData(1, 8, -8, "low < high")]
    public void Save_WritesNothingThatTheReaderWouldRefuse(double temperature, double low, double high, string part)
    {
        string path = Path.Combine(_folder, "config.json");
        File.WriteAllBytes(path, Good());
        Exception e = Assert.ThrowsAny<Exception>(() => HnnConfigWriter.Save(path, path, new(temperature, low, high)));
        Assert.True(e is InvalidDataException or ArgumentException, e.ToString());
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.Equal(Good(), File.ReadAllBytes(path));
        Assert.Equal(["config.json"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Save_RefusesASourceThatIsNoConfigAndAFolderThatIsNotThere()
    {
        string path = Path.Combine(_folder, "config.json");
        File.WriteAllText(path, "{}");
        Assert.Throws<InvalidDataException>(() => HnnConfigWriter.Save(path, path, new(1, -8, 8)));
        Assert.Equal("{}", File.ReadAllText(path));
        File.WriteAllBytes(path, Good());
        Assert.ThrowsAny<IOException>(() => HnnConfigWriter.Save(path, Path.Combine(_folder, "none", "config.json"), new(1, -8, 8)));
        Assert.ThrowsAny<IOException>(() => HnnConfigWriter.Save(Path.Combine(_folder, "none.json"), path, new(1, -8, 8)));
        Assert.Equal(["config.json"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Save_LeavesNoPartialFileInAReadOnlyFolder()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Skip("This user's folders cannot be made read-only.");
            return;
        }

        string path = Path.Combine(_folder, "config.json");
        File.WriteAllBytes(path, Good());
        UnixFileMode mode = File.GetUnixFileMode(_folder);
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Assert.Throws<UnauthorizedAccessException>(() => HnnConfigWriter.Save(path, path, new(1, -8, 8)));
            Assert.Equal(["config.json"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName));
            Assert.Equal(Good(), File.ReadAllBytes(path));
        }
        finally
        {
            File.SetUnixFileMode(_folder, mode);
        }
    }

    /// <summary>All fields of the good config but the soft-argmax and the last, as JSON text; <paramref name="last"/> by itself.</summary>
    private static string Others(out string last)
    {
        using JsonDocument document = JsonDocument.Parse(Good());
        string[] fields = [.. document.RootElement.EnumerateObject().Where(field => field.Name != "soft_argmax").Select(
            field => $"\"{field.Name}\": {field.Value.GetRawText().ReplaceLineEndings("")}")];
        last = fields[^1];
        return string.Join(", ", fields[..^1]);
    }

    private static byte[] Good() => File.ReadAllBytes(Path.Combine(TestData.HnnTiny, "config.json"));

    private static HnnConfig Load(byte[] json)
    {
        using MemoryStream stream = new(json);
        return HnnConfig.Load(stream);
    }

    private static Arbitrary<SoftArgmaxConfig> SoftArgmaxes() => (
        from temperature in Gen.Choose(1, 1 << 30).Select(i => i / (double)(1 << 20))
        from high in Gen.Choose(1, 64)
        from hasRecord in Gen.Elements(true, false)
        from name in Gen.Elements("dev.tsv", "naïve \"data\".txt", "数据")
        from reached in Gen.Choose(-1000, 1000).Select(i => i / 1024.0 * high)
        from degree in Gen.Choose(1, 31).Select(i => 2 * i + 1)
        select new SoftArgmaxConfig(
            temperature, -high, high,
                hasRecord ? Record with { Data = name, ReachedLow = -high, ReachedHigh = reached } : null) { Degree = degree }).ToArbitrary();
}
