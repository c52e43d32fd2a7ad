using Microsoft.Playwright;

namespace Hnn.Model.Tests.Report;

/// <summary>A real browser, once for a test class: the system's Chromium, driven by Playwright.</summary>
public sealed class Browser : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string? _fault;

    /// <summary>HNN_CHROMIUM where set, else a Chromium or Chrome on the path; null where there is none.</summary>
    public static string? ExecutablePath
    {
        get
        {
            if (Environment.GetEnvironmentVariable("HNN_CHROMIUM") is { Length: > 0 } named) return named;
            string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator);
            string[] names = ["chromium", "chromium-browser", "google-chrome"];
            return names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (ExecutablePath is not { } path)
        {
            _fault = "No Chromium on the path: install Debian's chromium, or set HNN_CHROMIUM.";
            return;
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = ["--no-sandbox", "--disable-gpu"] });
    }

    /// <summary>Opens a page of a width, light or dark; skips the running test, with the reason, where there is no browser.</summary>
    internal async Task<IPage> OpenAsync(int width, ColorScheme scheme)
    {
        if (_fault is not null) Assert.Skip(_fault);
        IBrowserContext context = await _browser!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme, Locale = "en-US",
        });
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
