using System.Diagnostics;

namespace CoEPortal.Benchmarks;

/// <summary>From the process to the first page: on no data (a new cluster, migrations, lanes) and on data that is there.</summary>
internal static class StartBenchmark
{
    private const int Starts = 4;

    private static readonly TimeSpan ColdAim = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan WarmAim = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync()
    {
        await using var portal = Portal.Prepare();
        var times = new List<TimeSpan>();
        for (var i = 0; i <= Starts; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await portal.RunAsync();
            times.Add(Stopwatch.GetElapsedTime(started));
            if (i < Starts)
            {
                await portal.StopAsync();
            }
        }

        Console.WriteLine($"{"first start (new data)",-28} {times[0].TotalSeconds,8:0.00} s   aim {ColdAim.TotalSeconds:0} s with the build");
        foreach (var warm in times.Skip(1))
        {
            Console.WriteLine($"{"later start",-28} {warm.TotalSeconds,8:0.00} s   aim {WarmAim.TotalSeconds:0} s");
        }

        var median = times.Skip(1).Order().ElementAt((Starts - 1) / 2);
        Console.WriteLine($"start: first {times[0].TotalSeconds:0.00} s, later {median.TotalSeconds:0.00} s (median of {Starts})");
        return 0;
    }
}
