using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>Stops what promised a card no older than so many days and has an older one. Where there is none, the duties of its lane say what follows. A newer card arms the criterion again.</summary>
public sealed class SweepStaleCards(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    private const int MostAtOnce = 200;

    /// <returns>The keys of the use cases that were stopped.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        var stale = await db.Database.SqlQuery<Stale>(
            $"""
            select u.key "Key", u.approved_revision "Revision", k.number::int "Number", (k.criterion ->> 'limit')::numeric "Limit", c.at "PublishedAt"
            from use_case u join use_case_revision r on r.use_case_id = u.id and r.number = u.approved_revision
            cross join lateral jsonb_array_elements(r.proposal -> 'killCriteria') with ordinality as k (criterion, number)
            cross join lateral (select max(v.published_at) at from card join card_version v on v.card_id = card.id where card.use_case_key = u.key) c
            where lower(k.criterion ->> 'kind') = 'stalecard' and u.stage <> 'Retired'
              and c.at + make_interval(secs => 86400 * (k.criterion ->> 'limit')::double precision) < {now}
              and not exists (select from telemetry.criterion_state s where s.use_case_key = u.key and s.revision = u.approved_revision and s.criterion = k.number
                and s.engaged_at > c.at)
            order by u.key limit {MostAtOnce}
            """).ToListAsync(cancellation);
        var stopped = new List<string>();
        foreach (var one in stale)
        {
            if (await StopAsync(one, now, cancellation))
            {
                stopped.Add(one.Key);
            }
        }

        return stopped;
    }

    private async Task<bool> StopAsync(Stale stale, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Once for a card, whichever of two workers comes first.
        var isFirst = await db.Database.ExecuteSqlAsync(
            $"""
            insert into telemetry.criterion_state as s (use_case_key, revision, criterion, is_over, engaged_at)
            values ({stale.Key}, {stale.Revision}, {stale.Number}, true, {now})
            on conflict (use_case_key, revision, criterion) do update set is_over = true, engaged_at = excluded.engaged_at where s.engaged_at is null or s.engaged_at <= {stale.PublishedAt}
            """, cancellation) == 1;
        var target = await EngageKillSwitch.FindLockedAsync(db, SwitchScope.UseCase, stale.Key, now, cancellation);
        var isStopped = isFirst && target.MayBecome(SwitchMode.Stop);
        if (isStopped)
        {
            await EngageKillSwitch.EngageAsync(
                db, SwitchScope.UseCase, stale.Key,
                new Engagement(SwitchMode.Stop, FormattableString.Invariant($"K{stale.Number} The card of {stale.PublishedAt.UtcDateTime:yyyy-MM-dd} is older than {stale.Limit:0.##} days."), "Its card has to be renewed."),
                Actor.Rule($"stale-card-k{stale.Number}"), now, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return isStopped;
    }

    private sealed record Stale(string Key, int Revision, int Number, decimal Limit, DateTimeOffset PublishedAt);
}
