using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>Stops what promised to be approved anew by now and was not. A release by two people lasts until the next revision is approved.</summary>
public sealed class SweepExpiredApprovals(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    private const int MostAtOnce = 200;

    /// <returns>The keys of the use cases that were stopped.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        var expired = await db.Database.SqlQuery<Expired>(
            $"""
            select u.key "Key", u.approved_revision "Revision", k.number::int "Number", (k.criterion ->> 'limit')::numeric "Limit", a.at "ApprovedAt"
            from use_case u join use_case_revision r on r.use_case_id = u.id and r.number = u.approved_revision
            cross join lateral jsonb_array_elements(r.proposal -> 'killCriteria') with ordinality as k (criterion, number)
            cross join lateral (select max(e.occurred_at) at from audit.event e
              where e.subject_type = 'use-case' and e.subject_key = u.key and e.action = 'UseCaseApproved') a
            where lower(k.criterion ->> 'kind') = 'approvalexpiry' and u.stage <> 'Retired'
              and a.at + make_interval(secs => 86400 * (k.criterion ->> 'limit')::double precision) < {now}
              and not exists (select from telemetry.criterion_state s where s.use_case_key = u.key and s.revision = u.approved_revision and s.criterion = k.number)
            order by u.key limit {MostAtOnce}
            """).ToListAsync(cancellation);
        var stopped = new List<string>();
        foreach (var one in expired)
        {
            if (await StopAsync(one, now, cancellation))
            {
                stopped.Add(one.Key);
            }
        }

        return stopped;
    }

    private async Task<bool> StopAsync(Expired expired, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Once for a revision, whichever of two workers comes first.
        var isFirst = await db.Database.ExecuteSqlAsync(
            $"""
            insert into telemetry.criterion_state (use_case_key, revision, criterion, is_over, engaged_at)
            values ({expired.Key}, {expired.Revision}, {expired.Number}, true, {now}) on conflict do nothing
            """, cancellation) == 1;
        var target = await EngageKillSwitch.FindLockedAsync(db, SwitchScope.UseCase, expired.Key, now, cancellation);
        var isStopped = isFirst && target.MayBecome(SwitchMode.Stop);
        if (isStopped)
        {
            await EngageKillSwitch.EngageAsync(
                db, SwitchScope.UseCase, expired.Key,
                new Engagement(
                    SwitchMode.Stop,
                    FormattableString.Invariant($"K{expired.Number} The approval of {expired.ApprovedAt.UtcDateTime:yyyy-MM-dd} is older than {expired.Limit:0.##} days."),
                    "Its approval has to be renewed."),
                Actor.Rule($"approval-expired-k{expired.Number}"), now, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return isStopped;
    }

    private sealed record Expired(string Key, int Revision, int Number, decimal Limit, DateTimeOffset ApprovedAt);
}
