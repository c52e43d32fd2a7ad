namespace Hnn.Model.Tests.Cli;

public sealed class ModelArgumentTests : IDisposable
{
    private readonly TinyModel _model = new();

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData("plan")]
    [InlineData("classify")]
    [InlineData("tokenize")]
    public async Task MissingFolder_IsRefused(string command) =>
        (await RunAsync(command, Path.Combine(_model.Folder, "nowhere"))).AssertRefused("nowhere");

    [Fact]
    public async Task EmptyPath_IsRefused() => (await RunAsync("plan", string.Empty)).AssertRefused("--model");

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("vocab.txt")]
    public async Task MissingFile_IsRefusedByName(string name)
    {
        File.Delete(Path.Combine(_model.Folder, name));
        (await RunAsync("classify")).AssertRefused(name);
    }

    [Theory]
    [InlineData("config.json", "plan", "config.json")]
    [InlineData("config.json", "tokenize", "config.json")]
    [InlineData("model.safetensors", "classify", "")]
    [InlineData("vocab.txt", "tokenize", "ocabulary")]
    [InlineData("vocab.txt", "classify", "ocabulary")]
    public async Task CorruptFile_IsRefused(string name, string command, string part)
    {
        File.WriteAllBytes(Path.Combine(_model.Folder, name), [0xFF, 0xFE, 0x00, 0x01, 0x80, 0x0A]);
        (await RunAsync(command)).AssertRefused(part);
    }

    [Fact]
    public async Task TruncatedWeights_AreRefused()
    {
        string path = Path.Combine(_model.Folder, "model.safetensors");
        byte[] whole = await File.ReadAllBytesAsync(path);
        await File.WriteAllBytesAsync(path, whole[..^4]);
        (await RunAsync("classify")).AssertRefused(string.Empty);
    }

    [Fact]
    public async Task ModelWithoutAPlan_IsRefused()
    {
        string path = Path.Combine(_model.Folder, "config.json");
        string config = await File.ReadAllTextAsync(path);
        await File.WriteAllTextAsync(path, config.Replace("[-8.0, 8.0]", "[-8.0, 4.0]", StringComparison.Ordinal));
        (await RunAsync("plan")).AssertRefused("symmetric");
    }

    private Task<CliRun> RunAsync(string command, string? folder = null)
    {
        string[] text = command == "plan" ? [] : ["good film"];
        return CliRun.RunAsync([command, .. text, "--model", folder ?? _model.Folder]);
    }
}
