using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using CoEPortal.Governance.Persistence;

namespace CoEPortal.Tests.Reliability;

/// <summary>The portal as a process of its own on a database that somebody else runs, so that either can be killed without the other.</summary>
/// <param name="dataDirectory">Where it remembers.</param>
/// <param name="database">Whoever runs it.</param>
/// <param name="onlyDecides">A node for enforcement: without the owner of the database, a key of personal data or anybody to sign in.</param>
internal sealed class PortalProcess(string dataDirectory, EmbeddedPostgres database, bool onlyDecides = false) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://127.0.0.1:{FreePort()}"), Timeout = TimeSpan.FromSeconds(30) };
    private Process? _process;

    /// <summary>Starts it and waits until it has everything it needs.</summary>
    public async Task StartAsync()
    {
        Launch();
        await WaitUntilAsync(IsReadyAsync);
    }

    /// <summary>Starts it and waits until it answers, whatever it lacks.</summary>
    public async Task StartAnywayAsync()
    {
        Launch();
        await WaitUntilAsync(async () => await VerdictAsync() is not null);
    }

    public Task WaitUntilReadyAsync() => WaitUntilAsync(IsReadyAsync);

    /// <summary>Waits until what it decides by has not been confirmed for so long that it says so.</summary>
    public Task WaitUntilStaleAsync() => WaitUntilAsync(async () => await VerdictAsync() is { IsStale: true });

    /// <returns>What it says to a gateway that nobody knows; null while it does not answer.</returns>
    public async Task<(HttpStatusCode Status, string Generation, bool IsStale)?> VerdictAsync()
    {
        try
        {
            using var answer = await _http.GetAsync("/gov/v1/decide");
            return (answer.StatusCode, answer.Headers.GetValues("X-Gov-Generation").Single(), answer.Headers.Contains("X-Gov-Stale"));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private void Launch()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = Path.Combine(Repository.Root, "src", "CoEPortal.Web"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "CoEPortal.Web.dll"));
        (string, string)[] common =
        [
            ("ASPNETCORE_URLS", _http.BaseAddress!.ToString()), ("ConnectionStrings__Portal", database.RuntimeConnectionString), ("Portal__DataDirectory", dataDirectory),
            ("Logging__LogLevel__Default", "Critical"),
        ];
        (string, string)[] special = onlyDecides
            ? [("Portal__Roles", "enforcement"), ("Portal__NodeName", "decides")]
            :
            [
                ("ConnectionStrings__PortalOwner", database.OwnerConnectionString), ("Portal__PersonalDataKey", GovernanceTest.PersonalDataKey.ToBase64()),
                ("Portal__DemoSignIn", "true"), ("Portal__DemoPortfolio", "false"),
            ];
        foreach (var (name, value) in common.Concat(special))
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private async Task WaitUntilAsync(Func<Task<bool>> isThere)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await isThere())
        {
            Assert.False(_process!.HasExited, "The portal stopped by itself.");
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, "The portal is not ready again.");
            await Task.Delay(100);
        }
    }

    /// <summary>By the kernel: no finally block runs, no connection is closed.</summary>
    public Task KillAsync() => EndAsync("KILL");

    /// <summary>As Ctrl-C and a container do.</summary>
    public Task StopAsync() => EndAsync("TERM");

    /// <returns>Whether it was acknowledged; not, when the portal was not there or could not say.</returns>
    public async Task<bool> TryPostAsync(string persona, string path, HttpContent body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Demo", persona);
        try
        {
            using var answer = await _http.SendAsync(request);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception gone) when (gone is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>What it says of itself.</summary>
    public Task<string> ReadinessAsync() => _http.GetStringAsync("/health/ready");

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
        _http.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _http.GetAsync("/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task EndAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
