using System.Globalization;
using System.Text.Json.Nodes;
using CoEPortal.Governance;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CoEPortal.Benchmarks;

/// <summary>The rules and the record on a PostgreSQL of its own that waits for the disk, without pages around them.</summary>
internal sealed class WorkflowDatabase : IAsyncDisposable
{
    private static readonly Role[] AtOnce = [Role.Privacy, Role.Security, Role.Legal];

    private readonly DirectoryInfo _data;
    private readonly EmbeddedPostgres _server;
    private readonly ServiceProvider _services;
    private readonly NpgsqlDataSource _owner;
    private readonly Proposal _proposal;
    private readonly PersonalDataKey _personalDataKey = PersonalDataKey.Create();

    private WorkflowDatabase(DirectoryInfo data, EmbeddedPostgres server, Proposal proposal)
    {
        (_data, _server, _proposal) = (data, server, proposal);
        _owner = NpgsqlDataSource.Create(server.OwnerConnectionString);
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(new Organisation())
            .AddSingleton(_personalDataKey)
            .AddGovernance(server.RuntimeConnectionString, AppContext.BaseDirectory)
            .BuildServiceProvider();
    }

    /// <summary>A review of the standard lane: its first three tasks, and the hash that is signed.</summary>
    internal sealed record Review(string Key, string Hash, Guid Round, IReadOnlyList<(Guid Task, Actor Reviewer)> Open);

    public static async Task<WorkflowDatabase> StartAsync()
    {
        var cases = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Portal.Root, "tests/CoEPortal.Tests/Scoring/real-proposals.json")))!["cases"]!.AsArray();
        var proposal = Proposal.FromJson(cases.First(c => c!["expected"]!["lane"]!.GetValue<string>() == "standard")!["proposal"]!.ToJsonString());
        var data = Directory.CreateTempSubdirectory("coe-bench-");
        var server = await EmbeddedPostgres.StartAsync(data.FullName, Environment.GetEnvironmentVariable("Portal__PostgresBin"));
        await Migrator.RunAsync(server.OwnerConnectionString, Migrator.Scripts);
        var database = new WorkflowDatabase(data, server, proposal);
        await database.ExecuteAsync("create table bare_row (id bigint generated always as identity primary key, said text not null); grant insert on bare_row to portal_runtime");
        await database.Get<PublishWorkflows>().RunAsync();
        await using var db = await database.Get<IDbContextFactory<GovernanceDb>>().CreateDbContextAsync();
        db.People.AddRange(DemoPersonas.All.Select(p => Person.Register(p.Actor, Actor.Rule("bench"), TimeProvider.System.GetUtcNow())));
        await db.SaveChangesAsync();
        return database;
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;

    public async Task<Review> SubmitAsync()
    {
        var author = Who("submitter");
        var useCase = await Get<StartUseCase>().RunAsync(author, _proposal);
        var revision = await Get<SubmitProposal>().RunAsync(useCase.Key, null, author);
        await using var db = await Get<IDbContextFactory<GovernanceDb>>().CreateDbContextAsync();
        var round = await db.ApprovalRounds.Where(r => r.UseCaseId == useCase.Id).Select(r => r.Id).SingleAsync();
        var tasks = await db.ReviewTasks.AsNoTracking().Where(t => t.RoundId == round).ToDictionaryAsync(t => t.Function, t => t.Id);
        return new Review(useCase.Key, revision.ContentHash, round, [.. AtOnce.Select(f => (tasks[f], Who(f.ToString().ToLowerInvariant())))]);
    }

    public Task ApproveAsync(Guid task, string hash, Actor reviewer) =>
        Get<DecideReview>().RunAsync(task, new DecisionDraft(DecisionKind.Approve, "", [], hash), reviewer);

    /// <summary>What a CoE lead finds newest in the inbox.</summary>
    /// <param name="key">Of the use case that was decided just before.</param>
    /// <param name="writers">How many decide: each may have put one task above it since.</param>
    public async Task<Guid> NewestOfLeadAsync(string key, int writers)
    {
        var page = await Get<ReviewInbox>().ForAsync(Who("coe-lead"), new InboxFilter(), InboxSort.Opened, descending: true, size: 20 + writers);
        return page.Items.FirstOrDefault(r => r.UseCaseKey == key)?.TaskId
            ?? throw new InvalidOperationException($"{key} was committed and is not in the inbox.");
    }

    public async Task<Guid> TaskOfLeadAsync(Guid round)
    {
        await using var db = await Get<IDbContextFactory<GovernanceDb>>().CreateDbContextAsync();
        return await db.ReviewTasks.Where(t => t.RoundId == round && t.Function == Role.CoeLead).Select(t => t.Id).SingleAsync();
    }

    /// <summary>Whether events wait for a number; without, an event is a row like any other.</summary>
    public Task NumberEventsAsync(bool wanted) =>
        ExecuteAsync($"alter table audit.event {(wanted ? "enable always" : "disable")} trigger event_waits_for_its_number");

    /// <summary>The same database, for commands that leave no trace in the log.</summary>
    public UnloggedWrites WithoutLog() => new(_server.RuntimeConnectionString, _personalDataKey);

    /// <summary>The least a durable write can be: one row, one commit.</summary>
    public async Task CommitBareRowAsync()
    {
        await using var command = Get<NpgsqlDataSource>().CreateCommand("insert into bare_row (said) values ($1)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "approve" });
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Processor time that this process and the server's have used: less moved by neighbours than any rate. Zero for the server where there is no /proc.</summary>
    public (TimeSpan Portal, TimeSpan Database) ProcessorTime()
    {
        var server = File.ReadLines(Path.Combine(_server.ClusterDirectory, "postmaster.pid")).First();
        var ticks = Directory.Exists("/proc") ? Directory.EnumerateDirectories("/proc").Where(f => char.IsDigit(f[6])).Sum(folder => TicksOf(folder, server)) : 0;
        return (Environment.CpuUsage.TotalTime, TimeSpan.FromMilliseconds(10 * ticks));
    }

    public async Task<long> CountInstancesAsync()
    {
        await using var command = _owner.CreateCommand("select count(*) from wf.lane_instance");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Copies one ended review, with everything that belongs to it, until there are this many.</summary>
    public async Task GrowAsync(long instances)
    {
        var missing = instances - await CountInstancesAsync();
        const int batch = 5000;
        for (var first = 0L; first < missing; first += batch)
        {
            await ExecuteAsync(CopySql(first + 1, Math.Min(first + batch, missing)));
        }

        await ExecuteAsync("vacuum analyze");
        await ExecuteAsync("checkpoint");
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _owner.DisposeAsync();
        await _server.StopAsync();
        if (new DirectoryInfo(Path.Combine(_data.FullName, "postgres")).LinkTarget is { } cluster)
        {
            Directory.Delete(cluster, recursive: true);
        }

        _data.Delete(recursive: true);
    }

    /// <summary>User and system time of a child of the server, in hundredths of a second (proc_pid_stat(5), fields 4, 14 and 15).</summary>
    private static long TicksOf(string folder, string server)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[1] == server ? long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture) : 0;
        }
        catch (IOException)
        {
            // no process, or one that has ended meanwhile
            return 0;
        }
    }

    /// <summary>Ids of a copy come from the ids of the original, so that the copies belong together as the originals do.</summary>
    private static string CopySql(long first, long last)
    {
        const string round = "r.round_id = (select id from original)";
        const string instance = "r.instance_id = (select id from wf.lane_instance where round_id = (select id from original))";
        (string Table, string Where, string Changes)[] copies =
        [
            ("use_case", "r.key = (select use_case_key from original)", "'id', copied(r.id, n), 'key', 'UC-' || 1000000 + n"),
            ("use_case_revision", "r.use_case_id = (select use_case_id from original)", "'use_case_id', copied(r.use_case_id, n)"),
            ("approval_round", "r.id = (select id from original)", "'id', copied(r.id, n), 'use_case_id', copied(r.use_case_id, n), 'use_case_key', 'UC-' || 1000000 + n"),
            ("decision", round, "'id', copied(r.id, n), 'round_id', copied(r.round_id, n)"),
            ("wf.lane_instance", round, "'id', copied(r.id, n), 'round_id', copied(r.round_id, n)"),
            ("wf.lane_stimulus", instance, "'instance_id', copied(r.instance_id, n)"),
            ("wf.lane_journal", instance, "'instance_id', copied(r.instance_id, n)"),
            ("review_task", round, "'id', copied(r.id, n), 'round_id', copied(r.round_id, n), 'instance_id', copied(r.instance_id, n), 'use_case_key', 'UC-' || 1000000 + n"),
            ("review_timer", "r.task_id in (select id from review_task where round_id = (select id from original))", "'id', copied(r.id, n), 'task_id', copied(r.task_id, n)"),
            ("audit.event", "r.use_case_key = (select use_case_key from original)", "'event_id', copied(r.event_id, n), 'use_case_key', 'UC-' || 1000000 + n, 'subject_key', replace(r.subject_key, r.use_case_key, 'UC-' || 1000000 + n)"),
            ("notification", "r.use_case_key = (select use_case_key from original)", "'id', copied(r.id, n), 'use_case_key', 'UC-' || 1000000 + n, 'dedupe_key', r.dedupe_key || n"),
        ];
        return string.Join('\n', [
            "set session_replication_role = replica;",
            "create or replace function pg_temp.copied(id uuid, n bigint) returns uuid language sql immutable as 'select md5(id::text || n)::uuid';",
            "create temp table if not exists original as select id, use_case_id, use_case_key from approval_round where status = 'Approved' order by opened_at limit 1;",
            .. copies.Select(c => CopySql(
                c.Table, $"r cross join generate_series({first}::bigint, {last}::bigint) n "
                + $"cross join lateral jsonb_populate_record(r, jsonb_build_object({c.Changes.Replace("copied(", "pg_temp.copied(", StringComparison.Ordinal)})) c where {c.Where}")),
            "drop table original; set session_replication_role = origin;",
        ]);
    }

    /// <summary>All columns but those that the database works out itself.</summary>
    private static string CopySql(string table, string from) =>
        $"""
        do $do$ begin
            execute (select format('insert into {table} (%s) select %s from {table} %s', string_agg(quote_ident(attname), ', '), string_agg('c.' || quote_ident(attname), ', '), $from${from}$from$)
                from pg_attribute where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped and attgenerated = '');
        end $do$;
        """;

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _owner.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }
}
