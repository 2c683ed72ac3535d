using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Scoring;

/// <summary>One person proposes to set a judgement aside, another of the right function confirms or refuses, and either side ends it.</summary>
public sealed class OverrideJudgement(IDbContextFactory<GovernanceDb> databases, TriageRules rules, Notices notices, TimeProvider clock)
{
    public Task<JudgementOverride> ProposeAsync(string useCaseKey, OverrideDraft draft, Actor by, CancellationToken cancellation = default) => RefusedAttempts.KeepAsync(
        databases, nameof(OverrideJudgement), useCaseKey, by, clock, async () =>
        {
            await using var db = await databases.CreateDbContextAsync(cancellation);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            var useCase = await db.DemandUseCaseAsync(useCaseKey, by, cancellation);
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"override/" + useCaseKey}, 0))", cancellation);
            var earlier = await db.JudgementOverrides.AsNoTracking().Where(o => o.UseCaseKey == useCaseKey).ToListAsync(cancellation);
            Refuse.If(earlier.Exists(o => o.IsStanding), "override-stands", $"An override of {useCaseKey} stands already. End it first.");
            var now = clock.GetUtcNow();
            var judged = Triage.Assess(useCase.Draft, rules.InForce(now), await PatternLibrary.ForAsync(db, useCaseKey, now, cancellation));
            var proposed = JudgementOverride.Propose(useCase, judged, draft, earlier.Count + 1, by, now);
            db.JudgementOverrides.Add(proposed);
            var deciders = await db.People.AsNoTracking().Where(p => p.IsActive && p.Roles.Contains(proposed.Confirms)).OrderBy(p => p.Id).Take(100).Select(p => p.Id).ToListAsync(cancellation);
            await notices.SendAsync(
                db,
                [
                    .. deciders.Where(d => d != by.Id.Value && !useCase.Writers.Contains(d)).Select(d => new Notice(
                        new PersonId(d), "override-proposed", $"{useCaseKey} {useCase.Title}: an override waits for {proposed.Confirms}", "Somebody proposes another class or lane than the rules found. The reason stands on its page.", $"/use-cases/{useCaseKey}", useCaseKey, $"override/{proposed.Id:N}")),
                ],
                now, cancellation);
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return proposed;
        });

    public Task<JudgementOverride> DecideAsync(string useCaseKey, int number, bool confirms, string note, Actor by, CancellationToken cancellation = default) => RefusedAttempts.KeepAsync(
        databases, nameof(OverrideJudgement), useCaseKey, by, clock, () => ChangeAsync(useCaseKey, number, by, (found, useCase, now) => found.Decide(confirms, note, useCase.Writers, by, now), cancellation));

    public Task<JudgementOverride> EndAsync(string useCaseKey, int number, string reason, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(useCaseKey, number, by, (found, _, now) => found.End(reason, by, now), cancellation);

    private async Task<JudgementOverride> ChangeAsync(
        string useCaseKey, int number, Actor by, Action<JudgementOverride, UseCase, DateTimeOffset> change, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, by, cancellation);
        var found = await db.JudgementOverrides.SingleOrDefaultAsync(o => o.UseCaseKey == useCaseKey && o.Number == number, cancellation)
            ?? throw new NotFoundException("override", FormattableString.Invariant($"{useCaseKey}/O{number}"));
        var now = clock.GetUtcNow();
        change(found, useCase, now);
        var word = found.State switch { OverrideState.Confirmed => "is confirmed: it holds from the next submission on", OverrideState.Refused => "is refused", _ => "has ended" };
        await notices.SendAsync(
            db,
            [
                .. useCase.Editors.Append(found.ProposedBy).Distinct().Where(p => p != by.Id.Value && new PersonId(p).IsOfAPerson).Select(p => new Notice(
                    new PersonId(p), "override-settled", $"{useCaseKey} {useCase.Title}: the override {word}", "Its reason, and who decided, stand on its page.", $"/use-cases/{useCaseKey}", useCaseKey,
                    FormattableString.Invariant($"override/{found.Id:N}/{found.State}"))),
            ],
            now, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return found;
    }
}
