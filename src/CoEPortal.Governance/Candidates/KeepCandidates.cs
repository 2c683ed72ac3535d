using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Candidates;

/// <summary>Adds candidate workflows, keeps them true, sets them aside, and makes one-pagers of them.</summary>
public sealed class KeepCandidates(IDbContextFactory<GovernanceDb> databases, CandidateValidator validator, StartUseCase startUseCase, TimeProvider clock)
{
    public async Task<Candidate> AddAsync(CandidateDraft draft, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ProposeUseCase);
        validator.Demand(draft);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var number = await db.Database.SqlQuery<long>($"select nextval('candidate_number') as \"Value\"").SingleAsync(cancellation);
        var candidate = Candidate.Add(FormattableString.Invariant($"CW-{number:0000}"), draft, by, clock.GetUtcNow());
        db.Candidates.Add(candidate);
        await db.SaveChangesAsync(cancellation);
        return candidate;
    }

    /// <param name="version">What the writer saw.</param>
    public Task<Candidate> ChangeAsync(string key, CandidateDraft draft, int version, Actor by, CancellationToken cancellation = default)
    {
        validator.Demand(draft);
        return OnAsync(key, by, (_, candidate, now) =>
        {
            Refuse.If(version != candidate.Version, "changed-meanwhile", $"{key} was changed in another tab or by somebody else since you opened it. Copy what you need, then load the newer one.");
            candidate.Change(draft, by, now);
            return Task.CompletedTask;
        }, cancellation);
    }

    public Task<Candidate> SetAsideAsync(string key, string reason, Actor by, CancellationToken cancellation = default) => OnAsync(key, by, (_, candidate, now) =>
    {
        candidate.SetAside(reason, by, now);
        return Task.CompletedTask;
    }, cancellation);

    public Task<Candidate> ReopenAsync(string key, Actor by, CancellationToken cancellation = default) => OnAsync(key, by, (_, candidate, now) =>
    {
        candidate.Reopen(by, now);
        return Task.CompletedTask;
    }, cancellation);

    /// <summary>Starts a use case with what is known; whoever does it is its author.</summary>
    public Task<Candidate> ProposeAsync(string key, Actor by, CancellationToken cancellation = default) => OnAsync(key, by, async (db, candidate, now) =>
    {
        candidate.DemandOpen(by);
        candidate.Propose(await startUseCase.AddAsync(db, by, OnePagerOf(candidate), cancellation), by, now);
    }, cancellation);

    private static Proposal OnePagerOf(Candidate candidate) => new()
    {
        Title = candidate.Name,
        Problem = candidate.Description,
        Users = string.Create(CultureInfo.InvariantCulture, $"{(candidate.People == 1 ? "One person" : $"{candidate.People} people")} of {candidate.Department} each time"),
        BusinessUnit = candidate.Department,
        CasesPerMonth = candidate.PerMonth,
        Kpi = new Kpi { Metric = "Time each case takes a person", Unit = "minutes", Baseline = candidate.Minutes },
    };

    private async Task<Candidate> OnAsync(string key, Actor by, Func<GovernanceDb, Candidate, DateTimeOffset, Task> change, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var candidate = await CandidateList.FindAsync(db, key, by, cancellation);
        await change(db, candidate, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return candidate;
    }
}
