using System.Diagnostics;
using System.Globalization;
using CoEPortal.Governance.ShadowAi;
using CoEPortal.Tests.ShadowAi;

namespace CoEPortal.Benchmarks;

/// <summary>A log of a proxy from end to end, on the command line as an operator runs it, against <c>grep -c</c> on the same file, and against the answer that is known.</summary>
internal static class ShadowBenchmark
{
    private const double RatioAim = 0.25;
    private const double MemoryAim = 200;
    private const int Rounds = 3;
    private const int MegabytesUnlessSaid = 1000;

    public static async Task<int> RunAsync(string? megabytes)
    {
        var size = 1_000_000L * (megabytes is null ? MegabytesUnlessSaid : int.Parse(megabytes, CultureInfo.InvariantCulture));
        var folder = Directory.CreateTempSubdirectory("coe-shadow-").FullName;
        try
        {
            var (log, departments) = (Path.Combine(folder, "access.log"), Path.Combine(folder, "departments.csv"));
            var catalogue = ServiceCatalogue.Newest(Path.Combine(AppContext.BaseDirectory, "templates", "shadow-ai"));
            var made = new SquidLog(catalogue.Services);
            long lines;
            await using (var file = File.Create(log, 1 << 20))
            {
                lines = made.Write(file, size);
            }

            await File.WriteAllLinesAsync(departments, SquidLog.Departments);
            var (scans, greps, memory) = (new List<double>(), new List<double>(), 0L);
            for (var round = 0; round < Rounds; round++)
            {
                greps.Add((await RunAsync("grep", ["-c", "chatgpt.com", log])).Seconds);
                var scan = await RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "coe.dll"), "shadow-ai", "scan", log, "--departments", departments, "--json"]);
                scans.Add(scan.Seconds);
                memory = Math.Max(memory, scan.PeakMemory);
                Check(scan.Output, made, lines);
            }

            var (mine, peer) = (scans.Order().ElementAt(Rounds / 2), greps.Order().ElementAt(Rounds / 2));
            var (ratio, megabytesUsed) = (peer / mine, memory / 1e6);
            Console.WriteLine(Text($"{"grep -c",-20} {lines / peer,14:N0} lines/s {size / peer / 1e6,10:N0} MB/s"));
            Console.WriteLine(Text($"{"coe shadow-ai scan",-20} {lines / mine,14:N0} lines/s {size / mine / 1e6,10:N0} MB/s {megabytesUsed,8:N0} MB at most"));
            Console.WriteLine(Text($"shadow: {lines / mine:N0} lines/s of {lines:N0}, {ratio:P0} of grep -c (aim {RatioAim:P0}), {megabytesUsed:N0} MB (aim {MemoryAim:N0}), the known answer to the last line"));
            return ratio >= RatioAim && megabytesUsed <= MemoryAim ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Check(string json, SquidLog made, long lines)
    {
        using var told = System.Text.Json.JsonDocument.Parse(json);
        var found = told.RootElement.GetProperty("services").EnumerateArray().ToDictionary(
            s => (s.GetProperty("service").GetString()!, s.GetProperty("department").GetString()!),
            s => (s.GetProperty("usage").GetProperty("people").GetInt32(), s.GetProperty("usage").GetProperty("requests").GetInt64(), s.GetProperty("usage").GetProperty("bytes").GetInt64()));
        var expected = made.Services.ToDictionary(s => s.Key, s => (s.Value.People.Count, s.Value.Requests, s.Value.Bytes));
        if (told.RootElement.GetProperty("lines").GetInt64() != lines || found.Count != expected.Count || expected.Any(e => found.GetValueOrDefault(e.Key) != e.Value))
        {
            throw new InvalidOperationException("The scan does not give the known answer.");
        }
    }

    private static async Task<(double Seconds, long PeakMemory, string Output)> RunAsync(string program, string[] arguments)
    {
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var (reading, ending, peak) = (process.StandardOutput.ReadToEndAsync(), process.WaitForExitAsync(), 0L);
        // What it used at most is told by its newest figure, and asking takes processor time of both: seldom.
        while (await Task.WhenAny(ending, Task.Delay(150)) != ending)
        {
            process.Refresh();
            peak = process.HasExited ? peak : Math.Max(peak, process.PeakWorkingSet64);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        // Of grep 1 means that nothing was found.
        return process.ExitCode is 0 || program == "grep" ? (seconds, peak, await reading) : throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
