using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CoEPortal.Governance.Clearances;

/// <summary>
/// Compares what was cleared by rule with its pattern as it is now and with the models that its traffic reached: what has left is
/// cleared no more. Tells reviewers of new samples, and owners of patterns that expire soon.
/// </summary>
public sealed class SweepClearances(IDbContextFactory<GovernanceDb> databases, EndClearance end, Notices notices, TimeProvider clock, ILogger<SweepClearances> log)
{
    private const int MostAtOnce = 200;

    private const int PageSize = 500;

    /// <summary>Calls that are told of later than this are not looked for.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(40);

    private static readonly TimeSpan ExpiryWarning = TimeSpan.FromDays(14);

    /// <returns>The use cases that are cleared no more.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellation = default)
    {
        var now = clock.GetUtcNow();
        await TellAsync(now, cancellation);
        var ended = new List<string>();
        foreach (var left in await LeftAsync(now, cancellation))
        {
            try
            {
                if (await EndAsync(left, now, cancellation))
                {
                    ended.Add(left.UseCaseKey);
                }
            }
            catch (RuleViolationException faster)
            {
                // Somebody changed it at the same moment; the next sweep looks again.
                log.LogInformation("{UseCase} could not be taken back now: {Why}", left.UseCaseKey, faster.Message);
            }
        }

        return ended;
    }

    private async Task<List<Left>> LeftAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var (left, page, after) = (new List<Left>(), new List<Standing>(), "");
        do
        {
            page = await StandingAsync(db, after, now, cancellation);
            left.AddRange(page.Select(s => WhyLeft(s, now)).OfType<Left>());
            after = page.Count > 0 ? page[^1].UseCaseKey : after;
        }
        while (page.Count == PageSize && left.Count < MostAtOnce);
        return [.. left.Take(MostAtOnce)];
    }

    /// <summary>A use case has one that stands at most.</summary>
    private static Task<List<Standing>> StandingAsync(GovernanceDb db, string after, DateTimeOffset now, CancellationToken cancellation) =>
        db.Database.SqlQuery<Standing>(
            $"""
            select c.id "Id", c.use_case_key "UseCaseKey", c.pattern_key "PatternKey", p.withdrawn_at "WithdrawnAt", p.good_until "GoodUntil",
              array(select jsonb_array_elements_text(v.content -> 'models')) "Models",
              array(
                select distinct m.model from (
                  select d.model, d.calls from telemetry.usage_day d where d.use_case_key = c.use_case_key and d.day > c.cleared_at and d.day >= {now - LongestDelay}
                  union all
                  select h.model, h.calls from telemetry.usage_hour h where h.use_case_key = c.use_case_key and h.hour > c.cleared_at and h.hour < c.cleared_at + interval '1 day'
                  union all
                  select m.model, m.calls from telemetry.usage_minute m where m.use_case_key = c.use_case_key and m.minute > c.cleared_at and m.minute < c.cleared_at + interval '1 hour'
                ) m where m.calls > 0 and m.model not in ('', 'unknown') order by 1) "Seen"
            from clearance c
            join use_case u on u.key = c.use_case_key and u.approved_revision = c.revision and u.stage <> 'Retired'
            join pattern p on p.key = c.pattern_key join pattern_version v on v.pattern_id = p.id and v.number = p.latest_version
            where c.ended_at is null and c.use_case_key > {after} order by c.use_case_key limit {PageSize}
            """).ToListAsync(cancellation);

    /// <summary>By the newest version: who narrows a pattern means those who rely on it, too.</summary>
    private static Left? WhyLeft(Standing one, DateTimeOffset now)
    {
        var outside = one.Seen.FirstOrDefault(model => !ModelName.Readings(model).Any(reading => one.Models.Any(m => ModelName.Readings(m).Contains(reading, StringComparer.OrdinalIgnoreCase))));
        return one.WithdrawnAt is not null ? new(one.Id, one.UseCaseKey, ClearanceEnd.PatternWithdrawn, $"Its pattern {one.PatternKey} was withdrawn.")
            : one.GoodUntil <= now ? new(one.Id, one.UseCaseKey, ClearanceEnd.PatternExpired, $"Its pattern {one.PatternKey} has expired.")
            : outside is not null ? new(one.Id, one.UseCaseKey, ClearanceEnd.ModelOutside, $"It called {(outside.Length > 100 ? outside[..100] : outside)}, which is no model of its pattern {one.PatternKey}.")
            : null;
    }

    private async Task<bool> EndAsync(Left left, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var clearance = await db.Clearances.SingleAsync(c => c.Id == left.Id, cancellation);
        var useCase = await db.UseCases.SingleAsync(u => u.Key == left.UseCaseKey, cancellation);
        if (clearance.EndedAt is not null || useCase.ApprovedRevision != clearance.Revision)
        {
            return false;
        }

        await end.RunAsync(db, clearance, useCase, left.Because, left.Detail, Actor.Rule("left-its-pattern"), now, cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    private async Task TellAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var samples = await db.Clearances.Where(c => c.IsSampled && c.Outcome == null && c.ToldAt == null && c.EndedAt == null).OrderBy(c => c.ClearedAt).Take(MostAtOnce).ToListAsync(cancellation);
        var soon = await db.Patterns.AsNoTracking().Where(p => p.WithdrawnAt == null && p.GoodUntil > now && p.GoodUntil <= now + ExpiryWarning).OrderBy(p => p.Key).Take(MostAtOnce)
            .Select(p => new { p.Key, p.Title, p.OwnerId, p.LatestVersion }).ToListAsync(cancellation);
        if (samples.Count == 0 && soon.Count == 0)
        {
            return;
        }

        var leads = await db.People.AsNoTracking().Where(p => p.IsActive && p.Roles.Contains(Role.CoeLead)).OrderBy(p => p.Id).Take(50).Select(p => p.Id).ToListAsync(cancellation);
        samples.ForEach(s => s.Tell(now));
        await notices.SendAsync(
            db,
            [
                .. from sample in samples
                   from lead in leads
                   select new Notice(
                       new PersonId(lead), "sample-waits", $"{sample.UseCaseKey} was cleared by {sample.PatternKey} and is a sample", "Somebody who did not write it looks at it.",
                       "/patterns/cleared?show=waiting", sample.UseCaseKey, $"sample/{sample.Id:N}"),
                .. soon.Select(p => new Notice(
                    new PersonId(p.OwnerId), "pattern-expires", $"{p.Key} {p.Title} expires soon", "What it cleared is denied from then on. Look at it again and have it published anew.",
                    $"/patterns/{p.Key}", null, FormattableString.Invariant($"pattern-expires/{p.Key}/{p.LatestVersion}"))),
            ],
            now, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private sealed record Left(Guid Id, string UseCaseKey, ClearanceEnd Because, string Detail);

    private sealed record Standing(Guid Id, string UseCaseKey, string PatternKey, DateTimeOffset? WithdrawnAt, DateTimeOffset GoodUntil, string[] Models, string[] Seen);
}
