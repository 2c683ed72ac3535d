using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>What a criterion remembers between two judgements, and what it does when its limit is passed.</summary>
internal sealed record CriterionState(bool IsOver, DateTimeOffset? EngagedAt)
{
    public static async Task<CriterionState> OfAsync(GovernanceDb db, WatchedCriterion criterion, CancellationToken cancellation) =>
        await db.Database.SqlQuery<CriterionState>(
            $"""
            select is_over "IsOver", engaged_at "EngagedAt" from telemetry.criterion_state
            where use_case_key = {criterion.UseCaseKey} and revision = {criterion.Revision} and criterion = {criterion.Number}
            """).SingleOrDefaultAsync(cancellation) ?? new CriterionState(false, null);

    public async Task KeepAsync(GovernanceDb db, WatchedCriterion criterion, CriterionTrigger trigger, CancellationToken cancellation)
    {
        if ((trigger.IsOver, trigger.EngagedAt) != (IsOver, EngagedAt))
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into telemetry.criterion_state (use_case_key, revision, criterion, is_over, engaged_at)
                values ({criterion.UseCaseKey}, {criterion.Revision}, {criterion.Number}, {trigger.IsOver}, {trigger.EngagedAt})
                on conflict (use_case_key, revision, criterion) do update set is_over = excluded.is_over, engaged_at = excluded.engaged_at
                """, cancellation);
        }
    }

    public static async Task StopAsync(GovernanceDb db, WatchedCriterion criterion, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        var target = await EngageKillSwitch.FindLockedAsync(db, SwitchScope.UseCase, criterion.UseCaseKey, now, cancellation);
        if (target.MayBecome(SwitchMode.Stop))
        {
            await EngageKillSwitch.EngageAsync(
                db, SwitchScope.UseCase, criterion.UseCaseKey,
                new Engagement(SwitchMode.Stop, $"K{criterion.Number} {reason}", "It went beyond a limit that was agreed for it."),
                Actor.Rule(criterion.Rule), now, cancellation);
        }
    }
}
