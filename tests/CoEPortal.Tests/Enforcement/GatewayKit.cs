using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;

namespace CoEPortal.Tests.Enforcement;

/// <summary>A kit of <c>templates/gateways</c> with its words filled in, run by the real gateway in front of a model that always answers.</summary>
public sealed class GatewayKit : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coe-kit-");
    private readonly string _program;
    private readonly Func<string, string[]> _arguments;
    private readonly int _port = FreePort();
    private readonly FakeModel _model;
    private readonly TcpForwarder _portal;
    private Process? _process;

    private GatewayKit(string program, Func<string, string[]> arguments, FakeModel model, TcpForwarder portal) =>
        (_program, _arguments, _model, _portal) = (program, arguments, model, portal);

    /// <summary>The line to the portal, which a test can cut.</summary>
    public TcpForwarder Portal => _portal;

    /// <summary>The folder that the gateway may write.</summary>
    public string State => _folder.FullName;

    public HttpClient Client => new() { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };

    public static string? Find(string program) => new[] { "/usr/sbin/", "/usr/local/sbin/", "/usr/bin/" }.Select(f => f + program).FirstOrDefault(File.Exists);

    public static async Task<GatewayKit> StartAsync(string kit, string file, string program, Func<string, string[]> arguments, Uri portal, string token, string route,
        params (string Word, string Value)[] more)
    {
        var started = new GatewayKit(program, arguments, new FakeModel(), new TcpForwarder(portal.Port));
        var text = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "templates", "gateways", kit, file)))
            .Replace("@KIT@", Path.Combine(Repository.Root, "templates", "gateways"), StringComparison.Ordinal)
            .Replace("@PORTAL_HOST@", "127.0.0.1", StringComparison.Ordinal).Replace("@PORTAL_PORT@", $"{started._portal.Port}", StringComparison.Ordinal)
            .Replace("@TOKEN@", token, StringComparison.Ordinal).Replace("@ROUTE@", route, StringComparison.Ordinal).Replace("@GATEWAY@", "test", StringComparison.Ordinal)
            .Replace("@SOCKET@", Path.Combine(started.State, "admin.sock"), StringComparison.Ordinal).Replace("@STATE@", started._folder.FullName, StringComparison.Ordinal).Replace("@LISTEN@", $"127.0.0.1:{started._port}", StringComparison.Ordinal)
            .Replace("@UPSTREAM@", $"127.0.0.1:{started._model.Port}", StringComparison.Ordinal);
        text = more.Aggregate(text, (filled, m) => filled.Replace(m.Word, m.Value, StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(started.State, "coe-stopped.map"), "");
        await File.WriteAllTextAsync(Path.Combine(started._folder.FullName, file), text);
        await started.RunAsync(file);
        return started;
    }

    public async Task RestartAsync(string file)
    {
        await StopAsync();
        await RunAsync(file);
    }

    /// <summary>Asks until the answer is the expected one, for at most half a minute; gives the last.</summary>
    public async Task<HttpStatusCode> AskAsync(HttpStatusCode expected, string path = "/v1/chat/completions")
    {
        using var client = Client;
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            using var answer = await client.PostAsJsonAsync(path, new { model = "gpt-4o-mini", messages = new[] { new { role = "user", content = "hi" } }, input = "hi" });
            if (answer.StatusCode == expected || Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(30))
            {
                return answer.StatusCode;
            }

            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _portal.Dispose();
        _model.Dispose();
        _folder.Delete(recursive: true);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task RunAsync(string file)
    {
        var start = new ProcessStartInfo(_program, _arguments(Path.Combine(_folder.FullName, file))) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = _folder.FullName };
        start.Environment["HOME"] = _folder.FullName;
        _process = Process.Start(start)!;
        var errors = _process.StandardError.ReadToEndAsync();
        _ = _process.StandardOutput.ReadToEndAsync();
        Assert.True(SpinWait.SpinUntil(() => _process.HasExited || Accepts(_port), TimeSpan.FromSeconds(10)), "The gateway does not listen.");
        Assert.False(_process.HasExited, _process.HasExited ? await errors : "");
    }

    private async Task StopAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
            _process = null;
        }
    }

    private static bool Accepts(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
