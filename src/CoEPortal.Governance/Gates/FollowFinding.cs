using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Gates;

/// <summary>A red-team finding on its way: reported, mended, tried again by somebody else, or lived with until a date.</summary>
public sealed class FollowFinding(IDbContextFactory<GovernanceDb> databases, VersionedFiles<GateRules> rules, Organisation organisation, TimeProvider clock)
{
    public async Task<RedTeamFinding> ReportAsync(string useCaseKey, FindingDraft draft, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var subject = await db.DemandReadableAsync(useCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.TakePart, subject);
        var owner = await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == draft.Owner.Value && p.IsActive, cancellation);
        Refuse.If(owner is null || !AccessPolicy.Allows(owner.Actor, Permission.TakePart, subject), "owner-cannot", $"Only somebody who works on {useCaseKey} can own this. Choose another person.");
        var now = clock.GetUtcNow();
        var today = organisation.DayOf(now);
        var number = await db.Database.SqlQuery<long>($"select nextval('red_team_finding_number') as \"Value\"").SingleAsync(cancellation);
        var finding = RedTeamFinding.Report(FormattableString.Invariant($"RT-{number:0000}"), useCaseKey, draft, owner.Actor, draft.DueOn ?? rules.InForce(now).DueOn(draft.Severity, today), today, by, now);
        db.RedTeamFindings.Add(finding);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return finding;
    }

    public Task<RedTeamFinding> FixAsync(string key, string note, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(key, Permission.TakePart, by, (finding, now) => finding.Fix(note, by, now), cancellation);

    public Task<RedTeamFinding> RetestAsync(string key, bool isMended, string note, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(key, Permission.TakePart, by, (finding, now) => finding.Retest(isMended, note, by, now), cancellation);

    public Task<RedTeamFinding> AcceptAsync(string key, DateOnly until, string note, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(key, Permission.DecideReviews, by, (finding, now) =>
        {
            Refuse.If(!by.Is(Role.Risk), "not-your-function", "Risk decides what is lived with.");
            finding.Accept(until, organisation.DayOf(now), note, by, now);
        }, cancellation);

    private Task<RedTeamFinding> ChangeAsync(string key, Permission needed, Actor by, Action<RedTeamFinding, DateTimeOffset> change, CancellationToken cancellation) =>
        RefusedAttempts.KeepAsync(databases, nameof(FollowFinding), key, by, clock, async () =>
        {
            await using var db = await databases.CreateDbContextAsync(cancellation);
            var finding = await db.RedTeamFindings.SingleOrDefaultAsync(f => f.Key == key, cancellation) ?? throw new NotFoundException("finding", key);
            var subject = await db.DemandReadableAsync(finding.UseCaseKey, by, cancellation);
            AccessPolicy.Demand(by, needed, subject);
            change(finding, clock.GetUtcNow());
            await db.SaveChangesAsync(cancellation);
            return finding;
        });
}
