using System.Collections.Concurrent;
using CoEPortal.Journeys;
using CoEPortal.Web.Reports;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(Stage))]

namespace CoEPortal.Journeys;

/// <summary>The portal with its demo organisation on a real port, and a real browser to use it with.</summary>
public sealed class Stage : IAsyncLifetime
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("coe-journey-");
    private Factory? _portal;
    private IPlaywright? _playwright;

    private readonly ConcurrentDictionary<(string, ColorScheme, int), Lazy<Task<IBrowserContext>>> _signedIn = [];

    public IBrowser? Browser { get; private set; }

    public Uri Address => _portal!.ClientOptions.BaseAddress;

    public IServiceProvider Services => _portal!.Services;

    public static string Root { get; } = FindRoot();

    public static bool IsFullRun { get; } = Environment.GetEnvironmentVariable("COE_TEST_FULL") is { Length: > 0 };

    public async ValueTask InitializeAsync()
    {
        if (ChromiumBinary.Find(Environment.GetEnvironmentVariable("Portal__Chromium")) is not { } chromium)
        {
            return;
        }

        // The other tests run beside this: a page that is slow for it is not wrong.
        Assertions.SetDefaultExpectTimeout(20_000);
        _portal = new Factory(_data.FullName);
        _portal.StartServer();
        _playwright = await Playwright.CreateAsync();
        string[] asRoot = Environment.UserName == "root" ? ["--no-sandbox"] : [];
        Browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = [.. asRoot, "--disable-dev-shm-usage"] });
    }

    /// <summary>A browser of one person: signed in, 1400 pixels wide, with every error of the page noted.</summary>
    public async Task<IPage> AsAsync(string persona, ColorScheme colours = ColorScheme.Light, int width = 1400)
    {
        Assert.SkipWhen(Browser is null, "There is no Chromium to journey with (./coe test installs it when run as root).");
        var context = await Browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = colours,
            TimezoneId = "Europe/Berlin",
            BaseURL = Address.ToString(),
        });
        context.SetDefaultTimeout(30_000);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in");
        await page.Locator($"button[name=persona][value={persona}]").ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToBeVisibleAsync();
        return page;
    }

    /// <summary>Another page in the browser of somebody who has signed in already: what the portal sent once is not sent again.</summary>
    public async Task<IPage> LookAsAsync(string persona, ColorScheme colours, int width) =>
        await (await _signedIn.GetOrAdd((persona, colours, width), _ => new(async () => (await AsAsync(persona, colours, width)).Context)).Value).NewPageAsync();

    /// <summary>A script is faster than anybody: until the portal listens to the field, a file that is chosen goes unnoticed.</summary>
    public static async Task ChooseFileAsync(ILocator field, FilePayload file)
    {
        await field.EvaluateAsync("field => new Promise(listens => { const look = () => field._blazorInputFileNextFileId === undefined ? setTimeout(look, 50) : listens(); look(); })");
        await field.SetInputFilesAsync(file);
    }

    /// <summary>Axe finds nothing on the page that would keep somebody out.</summary>
    public static async Task DemandAccessibleAsync(IPage page)
    {
        // What still fades in has no colours of its own yet.
        await page.EvaluateAsync("Promise.allSettled(document.getAnimations().filter(a => a.playState === 'running' && a.effect.getComputedTiming().endTime !== Infinity).map(a => a.finished)).then(() => {})");
        Assert.Empty((await page.RunAxe(new() { ResultTypes = [ResultType.Violations] })).Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{v.Id}: {v.Nodes[0].Html}"));
    }

    /// <summary>For people to look at; <c>--full</c> takes them.</summary>
    public static Task PictureAsync(IPage page, string name) => IsFullRun
        ? page.ScreenshotAsync(new() { Path = Path.Combine(Root, "tests/CoEPortal.Journeys/bin", "screenshots", name + ".png") })
        : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
        {
            await Browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_portal is not null)
        {
            await _portal.DisposeAsync();
        }

        // The portal stops its database after its own last word, so its folder is in use a little longer.
        var cluster = new DirectoryInfo(Path.Combine(_data.FullName, "postgres"));
        var folder = cluster.LinkTarget ?? cluster.FullName;
        SpinWait.SpinUntil(() => !File.Exists(Path.Combine(folder, "postmaster.pid")), TimeSpan.FromSeconds(20));
        if (cluster.LinkTarget is not null)
        {
            Directory.Delete(folder, recursive: true);
        }

        _data.Delete(recursive: true);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CoEPortal.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The journeys run outside a checkout.");
    }

    private sealed class Factory : WebApplicationFactory<Program>
    {
        private readonly string _dataDirectory;

        public Factory(string dataDirectory)
        {
            _dataDirectory = dataDirectory;
            UseKestrel(0);
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseSetting("ConnectionStrings:Portal", "");
            builder.UseSetting("Portal:DataDirectory", _dataDirectory);
            builder.UseSetting("Portal:DemoSignIn", "true");
            builder.ConfigureLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        }
    }
}
