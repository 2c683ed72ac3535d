using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using CoEPortal.Governance.Persistence;

namespace CoEPortal.Tests.Reliability;

/// <summary>The portal as a process of its own on a database that somebody else runs, so that either can be killed without the other.</summary>
internal sealed class PortalProcess(string dataDirectory, EmbeddedPostgres database) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://127.0.0.1:{FreePort()}"), Timeout = TimeSpan.FromSeconds(30) };
    private Process? _process;

    /// <summary>Starts it and waits until it has everything it needs.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = Path.Combine(Repository.Root, "src", "CoEPortal.Web"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "CoEPortal.Web.dll"));
        foreach (var (name, value) in new[]
        {
            ("ASPNETCORE_URLS", _http.BaseAddress!.ToString()), ("ConnectionStrings__Portal", database.RuntimeConnectionString),
            ("ConnectionStrings__PortalOwner", database.OwnerConnectionString), ("Portal__DataDirectory", dataDirectory),
            ("Portal__PersonalDataKey", GovernanceTest.PersonalDataKey.ToBase64()),
            ("Portal__DemoSignIn", "true"), ("Portal__DemoPortfolio", "false"), ("Logging__LogLevel__Default", "Critical"),
        })
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await WaitUntilReadyAsync();
    }

    public async Task WaitUntilReadyAsync()
    {
        var started = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync())
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
