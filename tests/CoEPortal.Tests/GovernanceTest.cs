using System.Linq.Expressions;
using CoEPortal.Governance;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
using CoEPortal.Tests.Persistence;
using CoEPortal.Tests.Scoring;
using CoEPortal.Tests.Workflows;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CoEPortal.Tests;

/// <summary>A database of its own with the product on it, and a clock that only moves when a test moves it.</summary>
public abstract class GovernanceTest(TestPostgres postgres) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private ServiceProvider _services = null!;
    private bool _hasAPattern;

    /// <summary>Of every node of every test, also in another process.</summary>
    public static PersonalDataKey PersonalDataKey { get; } = PersonalDataKey.Parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");

    protected TestClock Clock { get; } = new(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));

    protected TestDatabase Database => _database;

    public virtual async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync("organised", GivenTheOrganisationAsync);
        _services = ServicesOn(_database);
        if (BeginsWithAPattern)
        {
            await GivenAPatternAsync();
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await DemandInvariantsAsync();
        await _services.DisposeAsync();
        await _database.DisposeAsync();
    }

    private ServiceProvider ServicesOn(TestDatabase database) => new ServiceCollection()
        .AddLogging()
        .AddSingleton<TimeProvider>(Clock)
        .AddSingleton(new Organisation())
        .AddSingleton(PersonalDataKey)
        .AddSingleton<ProbeRefusal>((_, _) => Task.FromResult(true))
        .AddGovernance(database.RuntimeConnectionString, AppContext.BaseDirectory)
        .BuildServiceProvider();

    /// <summary>The lanes are published and everybody of the demo organisation is known, as after a first sign-in.</summary>
    private async Task GivenTheOrganisationAsync(TestDatabase database)
    {
        await using var services = ServicesOn(database);
        await services.GetRequiredService<PublishWorkflows>().RunAsync();
        await using var db = await services.GetRequiredService<IDbContextFactory<GovernanceDb>>().CreateDbContextAsync();
        db.People.AddRange(DemoPersonas.All.Select(p => Person.Register(p.Actor, Actor.Rule("test"), Clock.GetUtcNow())));
        await db.SaveChangesAsync();
    }

    /// <summary>For a test that submits what follows a pattern by itself; the helpers below see to it when it is needed.</summary>
    protected virtual bool BeginsWithAPattern => false;

    /// <summary>What the proposal for the fast lane follows.</summary>
    protected static PatternContent HelpPattern { get; } = new()
    {
        Title = "Answers from internal documentation",
        Summary = "A chat over manuals that anybody inside may read.",
        Models = ["gpt-4o-mini"],
        DataClasses = [DataClass.Public, DataClass.Internal],
        Residencies = [Residency.EuOnly],
        DataSources = ["Tool documentation"],
        Disclosures = ["Written by AI. Check before you rely on it."],
        Architecture = "Retrieval over the manuals, one call to the model, the sources beside the answer.",
        SampleEvery = 2,
    };

    /// <summary>Written by one CoE lead and published by another, as every pattern is.</summary>
    protected async Task<Pattern> GivenAPatternAsync(PatternContent? content = null)
    {
        var pattern = await Get<WritePattern>().StartAsync(content ?? HelpPattern, Who("coe-lead"));
        return await Get<PublishPattern>().RunAsync(pattern.Key, pattern.ContentHash, null, Who("coe-lead2"));
    }

    private async Task GivenWhatItFollowsAsync(Proposal proposal)
    {
        if (!BeginsWithAPattern && !_hasAPattern && PatternFit.Judge(proposal, HelpPattern).All(f => f.Holds))
        {
            _hasAPattern = true;
            await GivenAPatternAsync();
        }
    }

    protected T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    protected static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;

    /// <summary>Somebody who has just proved who they are, as a decision on a high-risk use case needs.</summary>
    protected Actor Confirmed(string persona) => Who(persona) with { ConfirmedAt = Clock.GetUtcNow() };

    /// <summary>The claims proposal: standard lane, four functions.</summary>
    protected static Proposal ClaimsProposal => TriageTests.RealProposal("Claims summarisation with retrieval");

    /// <summary>A proposal for the fast lane.</summary>
    protected static Proposal HelpBotProposal => TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot");

    /// <summary>A proposal for the full lane.</summary>
    protected static Proposal BenefitsProposal => TriageTests.RealProposal("Pre-Effectuation Review / Targeted Denial Review Models");

    protected async Task<UseCaseRevision> GivenASubmittedAsync(Proposal proposal, string author = "submitter")
    {
        await GivenWhatItFollowsAsync(proposal);
        var useCase = await Get<StartUseCase>().RunAsync(Who(author), proposal);
        return await Get<SubmitProposal>().RunAsync(useCase.Key, null, Who(author)) is { } revision
            ? revision
            : throw new InvalidOperationException();
    }

    protected async Task<string> GivenAnApprovedAsync(Proposal proposal)
    {
        await GivenWhatItFollowsAsync(proposal);
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), proposal);
        await Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter"));
        while (await OpenTaskAsync(useCase.Key) is { } task)
        {
            await DecideAsync(task, PersonaOf(task.Function), DecisionKind.Approve);
        }

        return useCase.Key;
    }

    protected async Task<ReviewTask?> OpenTaskAsync(string useCaseKey, Role? function = null)
    {
        await using var db = await DbAsync();
        return await db.ReviewTasks.AsNoTracking()
            .Where(t => t.UseCaseKey == useCaseKey && t.State == TaskState.Open && (function == null || t.Function == function))
            .OrderBy(t => t.Function).FirstOrDefaultAsync();
    }

    protected async Task<ApprovalRound> DecideAsync(
        ReviewTask task, string persona, DecisionKind kind, string comment = "", string? hash = null, params string[] conditions)
    {
        await using var db = await DbAsync();
        hash ??= await db.ApprovalRounds.Where(r => r.Id == task.RoundId).Select(r => r.ContentHash).SingleAsync();
        var draft = new DecisionDraft(kind, comment, [.. conditions.Select(text => new ConditionDraft(text))], hash);
        return await Get<DecideReview>().RunAsync(task.Id, draft, Confirmed(persona));
    }

    protected static string PersonaOf(Role function) => function is Role.CoeLead ? "coe-lead" : function.ToString().ToLowerInvariant();

    protected async Task<UseCase> UseCaseAsync(string key)
    {
        await using var db = await DbAsync();
        return await db.UseCases.AsNoTracking().Include(u => u.Revisions).SingleAsync(u => u.Key == key);
    }

    protected async Task<List<string>> ActionsAsync(string useCaseKey)
    {
        await using var db = await DbAsync();
        return await db.AuditEvents.Where(e => e.UseCaseKey == useCaseKey).OrderBy(e => e.OccurredAt).ThenBy(e => e.EventId).Select(e => e.Action).ToListAsync();
    }

    /// <summary>Entries of the log as readers see them, oldest first.</summary>
    protected async Task<List<TimelineEntry>> EntriesAsync(Expression<Func<AuditEvent, bool>> which)
    {
        await using var db = await DbAsync();
        var stored = await db.AuditEvents.AsNoTracking().Where(which).OrderBy(e => e.OccurredAt).ThenBy(e => e.EventId).Select(TimelineEntry.AsStored).ToListAsync();
        return await Get<OpenEntries>().RunAsync(db, stored, default);
    }

    protected Task<GovernanceDb> DbAsync() => Get<IDbContextFactory<GovernanceDb>>().CreateDbContextAsync();

    protected static async Task<string> RuleAsync(Func<Task> refused) => (await Assert.ThrowsAsync<RuleViolationException>(refused)).Rule;

    /// <summary>What became of one of several attempts at once; null when it went through.</summary>
    protected static async Task<Exception?> AttemptAsync(Func<Task> attempt) => await Record.ExceptionAsync(attempt);

    /// <summary>What must hold whatever a test did; a test that damages the database on purpose says so.</summary>
    protected virtual bool LeavesTheDatabaseSound { get; set; } = true;

    /// <summary>Nothing in <c>db/invariants.sql</c> is broken, and every lane, told its stimuli again, is where it is.</summary>
    protected async Task DemandInvariantsAsync()
    {
        if (!LeavesTheDatabaseSound)
        {
            return;
        }

        await using var connection = new NpgsqlConnection(_database.OwnerConnectionString);
        await connection.OpenAsync();
        Assert.Empty(await Invariants.BrokenAsync(connection));
        Assert.Empty(await Replay.DifferencesAsync(connection));
    }

    /// <summary>Runs SQL as the owner of the database, who may try anything.</summary>
    protected async Task<int> AsOwnerAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database.OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }
}

public sealed class TestClock(DateTimeOffset now) : TimeProvider
{
    private DateTimeOffset _now = now;

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;
}
