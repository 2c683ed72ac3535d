using System.Collections.Concurrent;
using System.Diagnostics;

namespace CoEPortal.Benchmarks;

/// <summary>
/// Decisions from the click to the commit, against the least that this database can commit in the same minute, with as
/// many writers; how soon the next function finds its task; and whether a full database is slower than an empty one.
/// </summary>
internal static class WorkflowBenchmark
{
    private const double TransitionsAim = 500;
    private const double P95Aim = 100;

    /// <summary>Of the rate of bare commits with few writers. A decision reads five times and writes some 12 rows where that writes one.</summary>
    private const double RatioAim = 0.05;

    /// <summary>Processor time of a decision with few instances to that with many.</summary>
    private const double FlatAim = 0.8;

    private const int ReviewsToWarmUp = 500;
    private const int LeastRoundsToWarmUp = 4;
    private const int MostRoundsToWarmUp = 16;

    /// <summary>Some twenty decisions on each connection: until then each plans its statements anew.</summary>
    private const int ReviewsToWarmConnections = 200;

    /// <summary>A round that is not faster than the best before by this share has nothing left to gain.</summary>
    private const double StillWarming = 0.97;

    private const int ManyUnlessSaid = 100_000;
    private const int ReviewsInRound = 250;
    private const int Rounds = 3;

    private static readonly int[] WriterCounts = [8, 32];

    public static async Task<int> RunAsync(string? many)
    {
        var instances = many is null ? ManyUnlessSaid : int.Parse(many, System.Globalization.CultureInfo.InvariantCulture);
        foreach (var steps in WorkflowInterpreterSteps.Measure(Path.Combine(Portal.Root, "..", "shared", "corpus")))
        {
            Console.WriteLine($"{"interpreter, " + steps.Name,-36} {steps.Steps,12:N0} steps/s");
        }

        await WarmUpAsync();
        await using var database = await WorkflowDatabase.StartAsync();
        await UseAsync(database, ReviewsToWarmConnections);
        await CountStatementsAsync(database);
        Console.WriteLine($"{"",-36} {"decisions/s",12} {"bare commits/s",15} {"ratio",8} {"p95 to inbox, ms",18} {"CPU ms each, portal + database",32}");
        var atFew = new List<Figures>();
        foreach (var writers in WriterCounts)
        {
            atFew.Add(await MeasureAsync(database, writers));
        }

        await database.GrowAsync(instances);
        var atMany = await MeasureAsync(database, WriterCounts[0]);
        var flat = atFew[0].Processor / atMany.Processor;
        var best = atFew.MaxBy(f => f.Decisions)!;
        Console.WriteLine(
            $"workflow: {best.Decisions:N0} decisions/s (aim {TransitionsAim:N0}), {atFew[0].Ratio:P1} of bare commits with {WriterCounts[0]} writers (aim {RatioAim:P0}), "
            + $"p95 to the next inbox {atFew[0].P95:N0} ms with {WriterCounts[0]} writers and {atFew[1].P95:N0} ms with {WriterCounts[1]} (aim {P95Aim:N0}), "
            + $"flat to {flat:P0} with {instances:N0} instances (aim {FlatAim:P0})");
        return atFew[0].Ratio >= RatioAim && flat >= FlatAim ? 0 : 1;
    }

    /// <summary>
    /// Until the runtime has compiled for good what is measured: it first gathers how the code is used, which costs a third,
    /// and then compiles beside it. On a database of its own, so that the measured one begins empty.
    /// </summary>
    private static async Task WarmUpAsync()
    {
        await using var database = await WorkflowDatabase.StartAsync();
        var best = TimeSpan.MaxValue;
        for (var round = 1; round <= MostRoundsToWarmUp; round++)
        {
            var before = database.ProcessorTime();
            await UseAsync(database, ReviewsToWarmUp);
            var used = database.ProcessorTime().Portal - before.Portal;
            if (round > LeastRoundsToWarmUp && used > StillWarming * best)
            {
                return;
            }

            best = used < best ? used : best;
            // What waits to be compiled is compiled while nothing new comes.
            await Task.Delay(TimeSpan.FromSeconds(3));
        }
    }

    /// <summary>All that is measured, with as many writers as will ever be.</summary>
    private static async Task UseAsync(WorkflowDatabase database, int reviews)
    {
        await DecideAsync(database, await SubmitAsync(database, reviews), WriterCounts[^1]);
        await ReadInboxAsync(database, await SubmitAsync(database, reviews / 2), WriterCounts[^1]);
    }

    /// <summary>What a decision asks of the database: one that only counts, one that lets the next function be asked, and the last.</summary>
    private static async Task CountStatementsAsync(WorkflowDatabase database)
    {
        var statements = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = _ => statements++,
        };
        var review = await database.SubmitAsync();
        ActivitySource.AddActivityListener(listener);
        var counts = new List<int>();
        foreach (var (task, reviewer) in review.Open)
        {
            statements = 0;
            await database.ApproveAsync(task, review.Hash, reviewer);
            counts.Add(statements);
        }

        var lead = await database.TaskOfLeadAsync(review.Round);
        statements = 0;
        await database.ApproveAsync(lead, review.Hash, WorkflowDatabase.Who("coe-lead"));
        Console.WriteLine($"{"round trips before the commit",-36} {counts[0]} for a vote, {counts[^1]} where the next function is asked, {statements} for the last");
    }

    private sealed record Figures(double Decisions, double Bare, double Ratio, double P95, double Processor);

    /// <summary>In turn, so that a noisy neighbour troubles both alike; the medians.</summary>
    private static async Task<Figures> MeasureAsync(WorkflowDatabase database, int writers)
    {
        const double measured = Rounds * ReviewsInRound * 4;
        var rounds = new List<(double Decisions, double Bare)>();
        var (portal, server) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var round = 0; round < Rounds; round++)
        {
            var reviews = await SubmitAsync(database, ReviewsInRound);
            var before = database.ProcessorTime();
            var decisions = await DecideAsync(database, reviews, writers);
            var after = database.ProcessorTime();
            (portal, server) = (portal + after.Portal - before.Portal, server + after.Database - before.Database);
            rounds.Add((decisions, await CommitBareAsync(database, writers)));
        }

        var p95 = await ReadInboxAsync(database, await SubmitAsync(database, ReviewsInRound), writers);
        var figures = new Figures(Median(rounds.Select(r => r.Decisions)), Median(rounds.Select(r => r.Bare)), Median(rounds.Select(r => r.Decisions / r.Bare)), p95,
            (portal + server).TotalMilliseconds / measured);
        Console.WriteLine(
            $"{$"{writers} writers, {await database.CountInstancesAsync():N0} instances",-36} {figures.Decisions,12:N0} {figures.Bare,15:N0} {figures.Ratio,8:P1} {figures.P95,18:N1} {$"{portal.TotalMilliseconds / measured:0.00} + {server.TotalMilliseconds / measured:0.00}",32}");
        return figures;
    }

    /// <returns>Decisions a second.</returns>
    private static async Task<double> DecideAsync(WorkflowDatabase database, IReadOnlyCollection<WorkflowDatabase.Review> reviews, int writers)
    {
        var decisions = 0;
        var asked = new ConcurrentBag<WorkflowDatabase.Review>();
        var started = Stopwatch.GetTimestamp();
        await ShareAsync(reviews, writers, async review =>
        {
            foreach (var (task, reviewer) in review.Open)
            {
                await database.ApproveAsync(task, review.Hash, reviewer);
                Interlocked.Increment(ref decisions);
            }

            asked.Add(review);
        });
        var elapsed = Stopwatch.GetElapsedTime(started);

        var last = new ConcurrentBag<(Guid Task, string Hash)>();
        await ShareAsync(asked, writers, async review => last.Add((await database.TaskOfLeadAsync(review.Round), review.Hash)));
        started = Stopwatch.GetTimestamp();
        await ShareAsync(last, writers, async review =>
        {
            await database.ApproveAsync(review.Task, review.Hash, WorkflowDatabase.Who("coe-lead"));
            Interlocked.Increment(ref decisions);
        });
        return decisions / (elapsed + Stopwatch.GetElapsedTime(started)).TotalSeconds;
    }

    /// <returns>Milliseconds from the click on the third decision until the CoE lead's inbox shows the task; 95th percentile.</returns>
    private static async Task<double> ReadInboxAsync(WorkflowDatabase database, IReadOnlyCollection<WorkflowDatabase.Review> reviews, int writers)
    {
        var waits = new ConcurrentBag<double>();
        await ShareAsync(reviews, writers, async review =>
        {
            foreach (var (task, reviewer) in review.Open.SkipLast(1))
            {
                await database.ApproveAsync(task, review.Hash, reviewer);
            }

            var clicked = Stopwatch.GetTimestamp();
            await database.ApproveAsync(review.Open[^1].Task, review.Hash, review.Open[^1].Reviewer);
            var lead = await database.NewestOfLeadAsync(review.Key, writers);
            waits.Add(Stopwatch.GetElapsedTime(clicked).TotalMilliseconds);
            await database.ApproveAsync(lead, review.Hash, WorkflowDatabase.Who("coe-lead"));
        });
        return waits.Order().ElementAt((int)(waits.Count * 0.95));
    }

    private static async Task<double> CommitBareAsync(WorkflowDatabase database, int writers)
    {
        var started = Stopwatch.GetTimestamp();
        var duration = TimeSpan.FromSeconds(2);
        var commits = await Task.WhenAll(Enumerable.Range(0, writers).Select(async _ =>
        {
            var count = 0;
            while (Stopwatch.GetElapsedTime(started) < duration)
            {
                await database.CommitBareRowAsync();
                count++;
            }

            return count;
        }));
        return commits.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<IReadOnlyCollection<WorkflowDatabase.Review>> SubmitAsync(WorkflowDatabase database, int count)
    {
        var reviews = new ConcurrentBag<WorkflowDatabase.Review>();
        await ShareAsync(Enumerable.Range(0, count), 8, async _ => reviews.Add(await database.SubmitAsync()));
        return reviews;
    }

    private static Task ShareAsync<T>(IEnumerable<T> work, int writers, Func<T, Task> run) =>
        Parallel.ForEachAsync(work, new ParallelOptions { MaxDegreeOfParallelism = writers }, async (item, _) => await run(item));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
