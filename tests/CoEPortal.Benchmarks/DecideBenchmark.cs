using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CoEPortal.Benchmarks;

/// <summary>The decision endpoint against the least that Kestrel can do: an empty 204, in a process of its own.</summary>
internal static class DecideBenchmark
{
    private const double Aim = 0.80;
    private const int Rounds = 5;

    private static readonly TimeSpan Each = TimeSpan.FromSeconds(4);

    public static async Task<int> RunAsync()
    {
        await using var portal = await Portal.StartAsync();
        var key = await portal.ApprovedUseCaseAsync();
        var headers = $"Authorization: Bearer {await portal.TokenAsync("enforcement.read")}\r\nX-Gov-Use-Case: {key}\r\n";
        using var floor = await BareKestrel.StartAsync();

        await Load.RunAsync(portal.Address, "/gov/v1/decide", headers, 204, Each);
        await Load.RunAsync(floor.Address, "/", headers, 204, Each);
        Console.WriteLine($"{"",-24} {"requests/s",12} {"p50 µs",10} {"p99 µs",10}");
        var ratios = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            // One after the other and in turn, so that a noisy neighbour troubles both alike.
            var bare = await Load.RunAsync(floor.Address, "/", headers, 204, Each);
            var decide = await Load.RunAsync(portal.Address, "/gov/v1/decide", headers, 204, Each);
            Console.WriteLine($"{"bare Kestrel 204",-24} {bare.PerSecond,12:N0} {bare.Median,10:N0} {bare.P99,10:N0}");
            Console.WriteLine($"{"/gov/v1/decide",-24} {decide.PerSecond,12:N0} {decide.Median,10:N0} {decide.P99,10:N0}");
            ratios.Add(decide.PerSecond / bare.PerSecond);
        }

        ratios.Sort();
        var ratio = ratios[Rounds / 2];
        Console.WriteLine($"decide: {ratio:P0} of a bare Kestrel 204 (median of {Rounds} rounds; aim {Aim:P0})");
        return ratio >= Aim ? 0 : 1;
    }

    /// <summary>Runs this same program with another word, so that both servers are processes of the same kind.</summary>
    private sealed class BareKestrel : IDisposable
    {
        private readonly System.Diagnostics.Process _process;

        private BareKestrel(System.Diagnostics.Process process, Uri address) => (_process, Address) = (process, address);

        public Uri Address { get; }

        public static async Task<BareKestrel> StartAsync()
        {
            var address = new Uri($"http://127.0.0.1:{Portal.FreePort()}");
            var process = System.Diagnostics.Process.Start("dotnet", [typeof(BareKestrel).Assembly.Location, "bare-kestrel", address.ToString()]);
            using var http = new HttpClient { BaseAddress = address };
            while (true)
            {
                try
                {
                    await http.GetAsync("/");
                    return new BareKestrel(process, address);
                }
                catch (HttpRequestException) when (!process.HasExited)
                {
                    await Task.Delay(20);
                }
            }
        }

        public void Dispose()
        {
            _process.Kill();
            _process.Dispose();
        }
    }

    /// <summary>The floor itself.</summary>
    public static async Task<int> ServeBareAsync(string address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(address);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(context =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        await app.RunAsync();
        return 0;
    }
}
