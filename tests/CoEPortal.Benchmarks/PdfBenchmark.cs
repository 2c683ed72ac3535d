using System.Diagnostics;
using System.Globalization;
using CoEPortal.Evidence;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Pdf;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Reports;
using CoEPortal.Web.Reports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoEPortal.Benchmarks;

/// <summary>A report of 25 and one of 200 pages, from what was collected to the signed file, against Chromium's own print of the same HTML.</summary>
internal static class PdfBenchmark
{
    // Two prints, the first of them without tags and therefore at half the time.
    private const double MostTime = 2.5;
    private const double MostMemory = 1.6;

    private static readonly Organisation Organisation = new();
    private static readonly DateTimeOffset Start = new(2026, 10, 1, 8, 0, 0, TimeSpan.Zero);

    public static async Task<int> RunAsync()
    {
        var setting = Environment.GetEnvironmentVariable("Portal__Chromium");
        if (ChromiumBinary.Find(setting) is not { } chromium)
        {
            Console.Error.WriteLine("pdf: there is no Chromium here: apt-get install chromium, or set Portal__Chromium.");
            return 2;
        }

        Console.WriteLine($"{"pages",5} {"file",9} {"Chromium",10} {"report",10} {"ratio",7} {"Chromium",11} {"report",11} {"ratio",7}");
        var worst = (Time: 0d, Memory: 0d);
        var last = "";
        // The first report of a process also compiles what lays it out.
        await ReportAsync(Pack(10), setting);
        foreach (var events in (int[])[260, 2550])
        {
            var pack = Pack(events);
            var (file, page, ours, ourPeak) = await ReportAsync(pack, setting);
            var (plain, plainPeak) = await PlainAsync(chromium, page);
            var (time, memory) = (ours / plain, (double)ourPeak / plainPeak);
            worst = (Math.Max(worst.Time, time), Math.Max(worst.Memory, memory));
            var pages = PdfPages.CountOf(file);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{pages,5} {file.Length / 1e6,6:0.0} MB {plain.TotalSeconds,8:0.0} s {ours.TotalSeconds,8:0.0} s {time,7:0.00} {plainPeak / 1e6,8:0} MB {ourPeak / 1e6,8:0} MB {memory,7:0.00}"));
            last = string.Create(CultureInfo.InvariantCulture, $"pdf: {pages} pages in {ours.TotalSeconds:0.0} s, {time:0.00} times Chromium's own print (at most {MostTime}); memory {memory:0.00} times (at most {MostMemory})");
        }

        Console.WriteLine(last);
        return worst.Time <= MostTime && worst.Memory <= MostMemory ? 0 : 1;
    }

    private static async Task<(byte[] File, string Page, TimeSpan Took, long Peak)> ReportAsync(AuditPack pack, string? setting)
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var html = new AuditPackHtml(services.GetRequiredService<IServiceScopeFactory>(), NullLoggerFactory.Instance);
        using var printer = new PdfPrinter(setting);
        using var certificate = SigningCertificate.Create("Benchmark", TimeProvider.System.GetUtcNow());
        await using var memory = new PeakMemory();
        var before = Process.GetCurrentProcess().WorkingSet64;
        var started = Stopwatch.GetTimestamp();
        var evidence = pack.ToBundle("bench", "").Write();
        var imprint = new AuditPackImprint(Organisation, "Nobody", Start, SigningCertificate.Fingerprint(certificate), ContentHash.OfBytes(evidence).ToString(), [], "");
        var page = "";
        var printed = await new NumberedPrinter(printer).PrintAsync(
            async pages => page = await html.OfAsync(pack, imprint with { Pages = pages }), [.. ReportOutline.Of(pack).Entries.Select(e => e.Id)], () => Task.CompletedTask, default);
        var signed = PdfEvidence.Attach(
            printed, [new Attachment(EvidenceBundle.FileName, EvidenceBundle.MediaType, evidence)], new PdfSignature(certificate, TimeProvider.System.GetUtcNow(), "Benchmark"));
        if (!PdfSignatureCheck.Verify(signed).Holds)
        {
            throw new InvalidOperationException("The report does not verify.");
        }

        var took = Stopwatch.GetElapsedTime(started);
        return (signed, page, took, memory.Peak + Math.Max(0, Process.GetCurrentProcess().PeakWorkingSet64 - before));
    }

    private static async Task<(TimeSpan Took, long Peak)> PlainAsync(string chromium, string page)
    {
        var folder = Directory.CreateTempSubdirectory("coe-bench-pdf-");
        try
        {
            var file = Path.Combine(folder.FullName, "page.html");
            await File.WriteAllTextAsync(file, page);
            string[] arguments =
            [
                "--headless", "--disable-gpu", "--no-pdf-header-footer", "--export-tagged-pdf", "--generate-pdf-document-outline", "--disable-dev-shm-usage", "--no-first-run",
                $"--user-data-dir={folder.FullName}/profile", .. Environment.IsPrivilegedProcess ? (string[])["--no-sandbox"] : [],
                $"--print-to-pdf={folder.FullName}/page.pdf", new Uri(file).AbsoluteUri,
            ];
            await using var memory = new PeakMemory();
            var started = Stopwatch.GetTimestamp();
            using var process = Process.Start(new ProcessStartInfo(chromium, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            var said = (process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
            await process.WaitForExitAsync();
            await Task.WhenAll(said.Item1, said.Item2);
            return File.Exists($"{folder.FullName}/page.pdf")
                ? (Stopwatch.GetElapsedTime(started), memory.Peak)
                : throw new InvalidOperationException("Chromium printed nothing.");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A busy month: decisions with comments, and events of every length.</summary>
    private static PeriodPack Pack(int events)
    {
        var period = new PeriodSubject(new DateOnly(2026, 10, 1), new DateOnly(2026, 10, 31));
        var hash = "sha256:" + new string('a', 64);
        List<TimelineEntry> timeline =
        [
            .. Enumerable.Range(0, events).Select(i => new TimelineEntry(
                Guid.CreateVersion7(Start), "use-case", $"UC-{i % 90:0000}", 1 + i / 90, Start.AddMinutes(i), Start.AddMinutes(i), "somebody@demo", $"Somebody {i % 40}",
                "ProposalWithdrawn", hash, $$"""{"key":"UC-{{i % 90:0000}}","reason":"{{string.Concat(Enumerable.Repeat("What was said about it then. ", 1 + i % 5))}}","revision":1}""")),
        ];
        List<PeriodDecision> decisions =
        [
            .. Enumerable.Range(0, events / 10).Select(i => new PeriodDecision(
                $"UC-{i % 90:0000}", 1, Role.Legal, $"Somebody {i % 40}", "somebody@demo", null, DecisionKind.ApproveWithConditions, "As discussed in the meeting.",
                ["Keep the logs for six months", "Name a deputy"], hash, Start.AddMinutes(i))),
        ];
        return new PeriodPack(
            period, Start, Start.AddDays(31), Start.AddDays(31), null, [], new Shortened<PeriodDecision>(decisions, decisions.Count), new Shortened<ClassChange>([], 0), [],
            new PeriodDrills([], 0, 0, new Shortened<Governance.KillSwitches.Drill>([], 0)), [], [new ActionCount("ProposalWithdrawn", events)],
            new LogInPeriod(null, null, events, 40, 0), timeline, events);
    }

    /// <summary>The most that the processes started by this one held together, looked at twenty times a second.</summary>
    private sealed class PeakMemory : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Task _watching;
        private long _peak = 1;

        public PeakMemory() => _watching = Task.Run(WatchAsync);

        public long Peak => Volatile.Read(ref _peak);

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _watching;
            _end.Dispose();
        }

        private async Task WatchAsync()
        {
            while (!_end.IsCancellationRequested)
            {
                _peak = Math.Max(_peak, Children(Environment.ProcessId).Sum(Held));
                await Task.Delay(50, _end.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }

        private static IEnumerable<int> Children(int parent)
        {
            foreach (var child in Read($"/proc/{parent}/task/{parent}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Concat(Directory.Exists($"/proc/{parent}/task") ? OtherThreads(parent) : []).Distinct())
            {
                var id = int.Parse(child, CultureInfo.InvariantCulture);
                yield return id;
                foreach (var below in Children(id))
                {
                    yield return below;
                }
            }
        }

        private static IEnumerable<string> OtherThreads(int parent)
        {
            try
            {
                return [.. Directory.GetDirectories($"/proc/{parent}/task").SelectMany(t => Read($"{t}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))];
            }
            catch (IOException)
            {
                return [];
            }
        }

        /// <summary>Its share of what it holds with others, so that nothing counts twice.</summary>
        private static long Held(int process) =>
            Read($"/proc/{process}/smaps_rollup").Split('\n').FirstOrDefault(l => l.StartsWith("Pss:", StringComparison.Ordinal)) is { } line
                ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024
                : 0;

        private static string Read(string file)
        {
            try
            {
                return File.ReadAllText(file);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                return "";
            }
        }
    }
}
