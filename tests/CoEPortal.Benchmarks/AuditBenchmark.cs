using System.Diagnostics;
using System.Globalization;
using System.Text;
using CoEPortal.Evidence.Log;
using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Web.Audit;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CoEPortal.Benchmarks;

/// <summary>
/// What the audit log costs those who write, against the same writes without it in the same minute; how soon an event has
/// its number and its signature meanwhile; and how long a stranger takes to check a million of them.
/// </summary>
internal static class AuditBenchmark
{
    private const int Writers = 32;
    private const int Rounds = 3;
    private const int Entries = 1_000_000;
    private const int EntriesInCheckpoint = 1_000;
    private const string Origin = "bench.example/audit";

    /// <summary>What is left of the rate of a command without the log, and of the least that an event alone can cost.</summary>
    private const double RatioAim = 0.75;

    private static readonly TimeSpan IntegrationAim = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan VerifyAim = TimeSpan.FromSeconds(30);
    private const long MemoryAim = 512L << 20;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(6);

    /// <param name="part">Only <c>writes</c> or only <c>verify</c>; both otherwise.</param>
    public static async Task<int> RunAsync(string? part)
    {
        var told = new List<string>();
        var holds = true;
        if (part is null or "writes")
        {
            var (use, order, number, signature) = await MeasureWritesAsync();
            holds = use >= RatioAim && order >= RatioAim;
            told.Add($"a command with the log at {use:P0} of the rate without it, numbers and signatures at {order:P0} of events alone (aim {RatioAim:P0})");
            told.Add($"number p95 {number.TotalMilliseconds:N0} ms (aim {IntegrationAim.TotalMilliseconds:N0}), signature p95 {signature.TotalMilliseconds:N0} ms");
        }

        if (part is null or "verify")
        {
            var (took, peak) = await MeasureVerifyAsync();
            told.Add($"verify of {Entries:N0} events {took.TotalSeconds:0.0} s with {peak >> 20:N0} MB (aim {VerifyAim.TotalSeconds:N0} s, {MemoryAim >> 20:N0} MB)");
        }

        Console.WriteLine("audit: " + string.Join("; ", told));
        return holds ? 0 : 1;
    }

    private static async Task<(double Use, double Order, TimeSpan Number, TimeSpan Signature)> MeasureWritesAsync()
    {
        await using var database = await WorkflowDatabase.StartAsync();
        await using var unlogged = database.WithoutLog();
        await using var log = new KeptLog(database);
        var reviews = await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => database.SubmitAsync()));
        Console.WriteLine($"{$"{Writers} writers, transactions a second",-42} {"without log",12} {"event alone",12} {"whole log",12} {"of without",11} {"of alone",9}");
        var (use, _) = await CompareAsync(
            "a task taken and given back (ClaimTask)", database, log,
            (writer, turn) => ClaimAsync(unlogged.Get<ClaimTask>(), reviews[writer], turn), (writer, turn) => ClaimAsync(database.Get<ClaimTask>(), reviews[writer], turn));
        var (_, order) = await CompareAsync(
            "one row (SQL)", database, log, (_, _) => CommitAsync(database, isLogged: false), (_, _) => CommitAsync(database, isLogged: true));
        var (events, number, signature) = await log.DelaysAsync();
        Console.WriteLine($"{$"{events:N0} events, each with one number",-42} {"p95",12} number {number.TotalMilliseconds,6:N0} ms   signature {signature.TotalMilliseconds,6:N0} ms");
        return (use, order, number, signature);
    }

    private static Task ClaimAsync(ClaimTask claim, WorkflowDatabase.Review review, long turn)
    {
        var (task, reviewer) = review.Open[0];
        return turn % 2 == 0 ? claim.RunAsync(task, takeOver: false, reviewer) : claim.ReleaseAsync(task, reviewer);
    }

    /// <summary>In turn, so that a noisy neighbour troubles all alike; the medians.</summary>
    /// <returns>What the whole log leaves of the rate without it, and of the rate with events that get no number.</returns>
    private static async Task<(double OfWithout, double OfAlone)> CompareAsync(
        string what, WorkflowDatabase database, KeptLog log, Func<int, long, Task> without, Func<int, long, Task> with)
    {
        await RateAsync(without, WarmUp);
        await RateAsync(with, WarmUp);
        await log.StartAsync();
        await log.StopAsync(isMeasured: false);
        var rounds = new List<(double Without, double Alone, double Whole)>();
        for (var round = 0; round < Rounds; round++)
        {
            var bare = await RateAsync(without, Measured);
            await database.NumberEventsAsync(false);
            var alone = await RateAsync(with, Measured);
            await database.NumberEventsAsync(true);
            await log.StartAsync();
            var whole = await RateAsync(with, Measured);
            await log.StopAsync();
            rounds.Add((bare, alone, whole));
        }

        var (ofWithout, ofAlone) = (Median(rounds.Select(r => r.Whole / r.Without)), Median(rounds.Select(r => r.Whole / r.Alone)));
        Console.WriteLine($"{what,-42} {Median(rounds.Select(r => r.Without)),12:N0} {Median(rounds.Select(r => r.Alone)),12:N0} {Median(rounds.Select(r => r.Whole)),12:N0} {ofWithout,11:P0} {ofAlone,9:P0}");
        return (ofWithout, ofAlone);
    }

    /// <returns>Turns a second, of all writers together. Each takes an even number of turns, so that whoever comes next finds its task free.</returns>
    private static async Task<double> RateAsync(Func<int, long, Task> turn, TimeSpan duration)
    {
        var started = Stopwatch.GetTimestamp();
        var turns = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var done = 0L;
            while (Stopwatch.GetElapsedTime(started) < duration || done % 2 == 1)
            {
                await turn(writer, done++);
            }

            return done;
        })));
        return turns.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task CommitAsync(WorkflowDatabase database, bool isLogged)
    {
        await using var connection = await database.Get<NpgsqlDataSource>().OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("insert into bare_row (said) values ($1)") { Parameters = { new NpgsqlParameter<string> { TypedValue = "approve" } } });
        if (isLogged)
        {
            var id = Guid.CreateVersion7();
            batch.BatchCommands.Add(new NpgsqlBatchCommand(
                """
                insert into audit.event (event_id, subject_type, subject_key, subject_version, occurred_at, actor_id, actor_name, action, body)
                values ($1, 'bench', $2, 1, $3, 'bench@rule', 'bench', 'Benched', $4)
                """)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid> { TypedValue = id }, new NpgsqlParameter<string> { TypedValue = id.ToString() },
                    new NpgsqlParameter<DateTime> { TypedValue = TimeProvider.System.GetUtcNow().UtcDateTime }, new NpgsqlParameter<string> { TypedValue = Body },
                },
            });
        }

        await batch.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    private static async Task<(TimeSpan Took, long Peak)> MeasureVerifyAsync()
    {
        using var key = LogKey.Create(Origin);
        var file = Path.Combine(Path.GetTempPath(), $"coe-bench-{Guid.CreateVersion7():n}.txt");
        try
        {
            await WriteLogAsync(file, key);
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
            foreach (var argument in new[] { Path.Combine(AppContext.BaseDirectory, "coe.dll"), "audit", "verify", file, "--key", key.Public })
            {
                start.ArgumentList.Add(argument);
            }

            var started = Stopwatch.GetTimestamp();
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var peak = 0L;
            while (!process.WaitForExit(TimeSpan.FromMilliseconds(20)))
            {
                process.Refresh();
                peak = Math.Max(peak, process.HasExited ? 0 : process.PeakWorkingSet64);
            }

            var took = Stopwatch.GetElapsedTime(started);
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException("A sound log was refused: " + await output);
            }

            Console.WriteLine($"{$"verify of a log of {new FileInfo(file).Length >> 20:N0} MB, alone",-46} {took.TotalSeconds,10:0.0} s {peak >> 20,10:N0} MB");
            return (took, peak);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>As the portal exports it (FORMAT.md): ten events of each subject, a checkpoint after each thousand.</summary>
    private static async Task WriteLogAsync(string file, LogKey key)
    {
        var at = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);
        var tree = new RunningTree();
        await using var writer = new StreamWriter(file, append: false, new UTF8Encoding(false), 1 << 16) { NewLine = "\n" };
        await writer.WriteLineAsync($$"""{"origin":"{{Origin}}","schema":"coeportal/audit-log/1"}""");
        for (var index = 0; index < Entries; index++)
        {
            at = at.AddMilliseconds(100);
            var useCase = string.Create(CultureInfo.InvariantCulture, $"UC-{index / 10:0000}");
            var data = new LoggedEvent(
                Guid.CreateVersion7(at), "use-case", useCase, (index % 10) + 1, useCase, at, at, (index + 1000).ToString(CultureInfo.InvariantCulture), "portal_runtime",
                "0b5b9f52-8d7e-4a34-9f2d-0a2f6d7c1e11@demo", "Priya Raman", null, "DecisionMade", "sha256:" + new string('a', 64), Body).Write();
            var hash = TreeHash.Leaf(data).ToBytes();
            tree.Add(hash);
            await writer.WriteAsync($"leaf {Convert.ToBase64String(hash)} ");
            await writer.WriteLineAsync(Encoding.UTF8.GetString(data));
            if (tree.Size % EntriesInCheckpoint == 0)
            {
                var note = key.Sign(new Checkpoint(Origin, tree.Size, new Evidence.ContentHash(tree.Root), at));
                await writer.WriteLineAsync("checkpoint " + Convert.ToBase64String(Encoding.UTF8.GetBytes(note)));
            }
        }
    }

    /// <summary>As large as the body of a decision with two conditions.</summary>
    private const string Body =
        """{"comment":"Approved for the pilot; the vendor signed the addendum on data kept in the region.","conditions":["Say in the answer that AI helped.","Review the samples of the first month with two people of Claims."],"function":"legal","kind":"approveWithConditions","onBehalfOf":null,"revision":2,"round":1,"seenConditions":[]}""";

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    /// <summary>What keeps the log in the portal (<see cref="KeepLog"/>), on and off.</summary>
    private sealed class KeptLog : IAsyncDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coe-bench-");
        private readonly LogKey _key = LogKey.Create(Origin);
        private readonly WorkflowDatabase _database;
        private readonly List<(DateTime From, DateTime Until)> _kept = [];
        private KeepLog? _keeper;
        private DateTime _since;

        public KeptLog(WorkflowDatabase database) => _database = database;

        public async Task StartAsync()
        {
            var sign = new SignCheckpoints(
                _database.Get<NpgsqlDataSource>(), _key,
                [new CheckpointFile(Path.Combine(_folder.FullName, "last")), new CheckpointJournal(Path.Combine(_folder.FullName, "checkpoints"))], TimeProvider.System);
            _keeper = new KeepLog(_database.Get<IntegrateEvents>(), sign, new LogStanding(), TimeProvider.System, NullLogger<KeepLog>.Instance);
            _since = TimeProvider.System.GetUtcNow().UtcDateTime;
            await _keeper.StartAsync(CancellationToken.None);
        }

        /// <summary>When everything that was committed has its number and is signed.</summary>
        public async Task StopAsync(bool isMeasured = true)
        {
            if (isMeasured)
            {
                _kept.Add((_since, TimeProvider.System.GetUtcNow().UtcDateTime));
            }

            while (await ScalarAsync<bool>("select exists (select from audit.pending) or (select max(index) + 1 from audit.leaf) > (select coalesce(max(size), 0) from audit.checkpoint)"))
            {
                await Task.Delay(50);
            }

            await _keeper!.StopAsync(CancellationToken.None);
            _keeper.Dispose();
        }

        /// <summary>From the insert of an event, which is before its commit, to its number and to the first checkpoint over it; only of events that came while the log was kept.</summary>
        public async Task<(long Events, TimeSpan Number, TimeSpan Signature)> DelaysAsync()
        {
            await using var command = _database.Get<NpgsqlDataSource>().CreateCommand(
                """
                select count(*), percentile_cont(0.95) within group (order by l.integrated_at - e.recorded_at), percentile_cont(0.95) within group (order by c.at - e.recorded_at),
                  count(*) = count(l.index)
                from audit.event e left join audit.leaf l on l.event_id = e.event_id
                  join unnest($1::timestamptz[], $2::timestamptz[]) kept (since, until) on e.recorded_at between kept.since and kept.until
                  left join lateral (select at from audit.checkpoint where size > l.index order by size, id limit 1) c on true
                """);
            command.CommandTimeout = 0;
            command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. _kept.Select(k => k.From)] });
            command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. _kept.Select(k => k.Until)] });
            await using var row = await command.ExecuteReaderAsync();
            await row.ReadAsync();
            return row.GetBoolean(3) ? (row.GetInt64(0), row.GetTimeSpan(1), row.GetTimeSpan(2))
                : throw new InvalidOperationException("There are events without a number.");
        }

        public ValueTask DisposeAsync()
        {
            _key.Dispose();
            _folder.Delete(recursive: true);
            return ValueTask.CompletedTask;
        }

        private async Task<T> ScalarAsync<T>(string sql)
        {
            await using var command = _database.Get<NpgsqlDataSource>().CreateCommand(sql);
            return (T)(await command.ExecuteScalarAsync())!;
        }
    }
}
