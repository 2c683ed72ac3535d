using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace CoEPortal.Benchmarks;

/// <summary>The portal as its own process, as `./coe up` starts it, on data of its own in a temporary folder.</summary>
internal sealed class Portal : IAsyncDisposable
{
    private readonly DirectoryInfo _data;
    private Process _process = null!;
    private bool _isPreCleared;

    private Portal(DirectoryInfo data, Uri address) => (_data, Address) = (data, address);

    public Uri Address { get; }

    public static string Root { get; } = FindRoot();

    public static Portal Prepare() =>
        new(Directory.CreateTempSubdirectory("coe-bench-"), new Uri($"http://127.0.0.1:{FreePort()}"));

    public static async Task<Portal> StartAsync()
    {
        var portal = Prepare();
        await portal.RunAsync();
        return portal;
    }

    /// <summary>Another node on the same database, that only decides, with a folder of its own.</summary>
    public async Task<Portal> SecondNodeAsync()
    {
        // Found running, so it is not ours to stop.
        await using var database = await CoEPortal.Governance.Persistence.EmbeddedPostgres.StartAsync(_data.FullName);
        var second = Prepare();
        await second.RunAsync(("ConnectionStrings__Portal", database.RuntimeConnectionString), ("Portal__Roles", "enforcement"), ("Portal__NodeName", "second"), ("Portal__DemoSignIn", "true"));
        return second;
    }

    /// <summary>Starts the process and waits until it answers.</summary>
    public async Task RunAsync(params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = Path.Combine(Root, "src", "CoEPortal.Web"), RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "CoEPortal.Web.dll"));
        start.Environment["ASPNETCORE_URLS"] = Address.ToString();
        start.Environment["Portal__DataDirectory"] = _data.FullName;
        start.Environment["Portal__DemoPortfolio"] = "false";
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        start.Environment.Remove("ConnectionStrings__Portal");
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.BeginOutputReadLine();
        using var http = new HttpClient { BaseAddress = Address };
        while (true)
        {
            try
            {
                if ((await http.GetAsync(settings.Length > 0 ? "/health/live" : "/sign-in")).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                await Task.Delay(20);
            }
        }
    }

    public async Task StopAsync()
    {
        // SIGTERM, as Ctrl-C and a container do.
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public HttpClient As(string persona)
    {
        var http = new HttpClient { BaseAddress = Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Demo", persona);
        return http;
    }

    /// <summary>The key of a use case that the fast lane approved.</summary>
    public async Task<string> ApprovedUseCaseAsync()
    {
        using var author = As("submitter");
        var cases = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Root, "tests/CoEPortal.Tests/Scoring/real-proposals.json")))!["cases"]!.AsArray();
        var fast = cases.First(c => c!["expected"]!["lane"]!.GetValue<string>() == "fast")!["proposal"]!;
        await PreClearAsync(fast);
        using var started = await author.PostAsJsonAsync("/api/v1/use-cases", fast);
        var key = (await started.Content.ReadFromJsonAsync<JsonNode>())!["key"]!.GetValue<string>();
        (await author.PostAsync($"/api/v1/use-cases/{key}/submit", null)).EnsureSuccessStatusCode();
        return key;
    }

    /// <summary>A pattern that this proposal and the traffic of the benchmarks keep to, written by one CoE lead and published by another.</summary>
    private async Task PreClearAsync(JsonNode fast)
    {
        if (_isPreCleared)
        {
            return;
        }

        using var writer = As("coe-lead");
        using var publisher = As("coe-lead2");
        using var written = await writer.PostAsJsonAsync("/api/v1/patterns", new
        {
            title = "Of the benchmarks",
            summary = "What the benchmarks send.",
            architecture = "One portal, one gateway, one machine.",
            disclosures = new[] { "A machine wrote this." },
            models = fast["endpoints"]!.AsArray().Select(m => m!.GetValue<string>()),
            dataClasses = new[] { "public", "internal" },
            residencies = new[] { fast["residency"]!.GetValue<string>() },
            dataSources = fast["dataSources"]!.AsArray().Select(d => d!.GetValue<string>()),
            sampleEvery = 50,
        });
        var pattern = (await written.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>())!;
        using var published = await publisher.PostAsJsonAsync($"/api/v1/patterns/{pattern["pattern"]!["key"]!.GetValue<string>()}/publish", new { contentHash = pattern["contentHash"]!.GetValue<string>() });
        published.EnsureSuccessStatusCode();
        _isPreCleared = true;
    }

    public async Task<string> TokenAsync(string scope, string? useCase = null)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in new[] { Path.Combine(AppContext.BaseDirectory, "coe.dll"), "token", "issue", "--name", "bench", "--scope", scope }
            .Concat(useCase is null ? [] : ["--use-case", useCase]))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["Portal__DataDirectory"] = _data.FullName;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[^1];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (new DirectoryInfo(Path.Combine(_data.FullName, "postgres")).LinkTarget is { } cluster)
        {
            Directory.Delete(cluster, recursive: true);
        }

        _data.Delete(recursive: true);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CoEPortal.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The benchmarks run outside a checkout.");
    }
}
