using System.Diagnostics;
using System.Globalization;
using System.Text;
using CoEPortal.Governance.Import;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Portfolio;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Benchmarks;

/// <summary>A portfolio of ten thousand: the import that makes it, and then list, search, duplicate check, matrix and ranking on the server.</summary>
internal static class PortfolioBenchmark
{
    private const int UseCases = 10_000;
    private const int RowsInFile = 2_500;
    private const int Rounds = 120;

    /// <summary>Milliseconds within which 95 of 100 are answered.</summary>
    private const double ListAim = 50;
    private const double DuplicatesAim = 150;

    /// <summary>Every third word is one of these, as in real inventories; the others are of a vocabulary of 1,500.</summary>
    private static readonly string[] Common = ["data", "claims", "analysis", "support", "document", "detection", "customer", "review", "automated", "model", "service", "forecast"];
    private static readonly string[] Syllables = ["ca", "den", "for", "mi", "to", "ra", "sel", "vin", "par", "lo", "gen", "tri", "mak", "ul", "bor", "es", "tin", "qua", "ner", "pho", "lis", "gar", "um", "dex"];
    private static readonly string[] Vocabulary = MakeVocabulary();

    public static async Task<int> RunAsync()
    {
        await using var database = await WorkflowDatabase.StartAsync();
        var import = database.Get<ImportUseCases>();
        var lead = WorkflowDatabase.Who("coe-lead");
        var mapping = ImportMappings.Given("name: bench\nfields:\n  title: { column: Name }\n  businessUnit: { column: Unit }\n  problem: { column: Why }\n  phase: { column: State, words: { production: [Live], idea: [New], retired: [Gone] } }\n");
        var perSecond = new List<double>();
        for (var file = 0; file < UseCases / RowsInFile; file++)
        {
            var content = Inventory(file * RowsInFile, RowsInFile);
            var watch = Stopwatch.StartNew();
            var made = await import.RunAsync(content, mapping, false, lead);
            perSecond.Add(made.Imported / watch.Elapsed.TotalSeconds);
        }

        await JudgeAsync(database);
        await database.ExecuteAsync("vacuum analyze use_case");
        var ranking = database.Get<PortfolioRanking>();
        var list = database.Get<UseCaseList>();
        var duplicates = database.Get<LikelyDuplicates>();
        Console.WriteLine($"{$"{UseCases:N0} use cases",-44} {"p50 ms",10} {"p95 ms",10} {"aim",8}");
        var listed = await MeasureAsync("list, first page", ListAim, _ => list.ForAsync(lead, new UseCaseFilter()));
        await MeasureAsync("list, page 250, by value", ListAim, _ => list.ForAsync(lead, new UseCaseFilter(), UseCaseSort.Value, true, 250));
        await MeasureAsync("counts of stages and lanes", ListAim, _ => list.CountsAsync(lead, new UseCaseFilter()));
        var searched = await MeasureAsync("search", ListAim, i => list.ForAsync(lead, new UseCaseFilter(Search: Common[i % Common.Length])));
        await MeasureAsync("search, own unit", ListAim, i => list.ForAsync(WorkflowDatabase.Who("submitter"), new UseCaseFilter(Search: Common[i % Common.Length])));
        var checkedFor = await MeasureAsync("likely duplicates", DuplicatesAim, i => duplicates.OfAsync(TitleOf(i * 31), ProblemOf(i), null, lead));
        await MeasureAsync("likely duplicates, own unit", DuplicatesAim, i => duplicates.OfAsync(TitleOf(i * 31), ProblemOf(i), null, WorkflowDatabase.Who("submitter")));
        await MeasureAsync("matrix, 200 bubbles with cost", ListAim, _ => list.BubblesAsync(lead, new UseCaseFilter(), TimeProvider.System.GetUtcNow().AddDays(-30)));
        await MeasureAsync("ranking, first page", ListAim, _ => ranking.ForAsync(lead));
        var again = Stopwatch.StartNew();
        await import.RunAsync(Inventory(0, RowsInFile), mapping, false, lead);
        Console.WriteLine($"{"import, rows per second",-44} {perSecond.Min(),10:N0} {perSecond.Max(),10:N0}   the slowest and the fastest of {perSecond.Count} files of {RowsInFile:N0}");
        Console.WriteLine($"{"the same file again, ms",-44} {again.Elapsed.TotalMilliseconds,10:N0}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"portfolio of {UseCases:N0}: list p95 {listed:0.0} ms, search p95 {searched:0.0} ms, duplicates p95 {checkedFor:0.0} ms, import {perSecond.Min():N0} rows/s"));
        return 0;
    }

    private static async Task<double> MeasureAsync<T>(string name, double aim, Func<int, Task<T>> ask)
    {
        for (var i = 0; i < 20; i++)
        {
            await ask(i);
        }

        var times = new List<double>();
        for (var i = 0; i < Rounds; i++)
        {
            var watch = Stopwatch.StartNew();
            await ask(i);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        var p95 = times[(int)(Rounds * 0.95)];
        Console.WriteLine($"{name,-44} {times[Rounds / 2],10:0.0} {p95,10:0.0} {aim,8:0}{(p95 > aim ? "  missed" : "")}");
        return p95;
    }

    // Imported ones are not judged; the matrix needs some that are.
    private static async Task JudgeAsync(WorkflowDatabase database)
    {
        await using var db = await database.Get<IDbContextFactory<GovernanceDb>>().CreateDbContextAsync();
        await db.Database.ExecuteSqlAsync($"update use_case set value = abs(hashtext(key)) % 101, risk = abs(hashtext(title)) % 101, changed_at = changed_at - make_interval(mins => abs(hashtext(key)) % 100000)");
    }

    private static byte[] Inventory(int from, int rows) => Encoding.UTF8.GetBytes("Name,Unit,Why,State\n" + string.Concat(Enumerable.Range(from, rows).Select(i =>
        $"\"{TitleOf(i)}\",{(i % 25 == 0 ? "Claims" : $"Unit {i % 60}")},\"{ProblemOf(i)}\",{(i % 3) switch { 0 => "Live", 1 => "New", _ => "Gone" }}\n")));

    // The same on every machine and for every number.
    private static string TitleOf(int i) => Words(new Random(i), 3 + i % 6);

    private static string ProblemOf(int i) => Words(new Random(i + 1_000_000), 60) + ".";

    private static string Words(Random random, int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ =>
        random.Next(3) == 0 ? Common[random.Next(Common.Length)] : Vocabulary[(int)(Vocabulary.Length * random.NextDouble() * random.NextDouble())]));

    private static string[] MakeVocabulary()
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, 1500).Select(_ => string.Concat(Enumerable.Range(0, random.Next(2, 5)).Select(_ => Syllables[random.Next(Syllables.Length)])))];
    }
}
