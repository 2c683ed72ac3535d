using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Adoption;

/// <summary>How many people used it on the last 7 and 28 days; null is fewer than <see cref="Fewest"/>, which could point at somebody.</summary>
public sealed record ActivePeople(int? Within7, int? Within28)
{
    /// <summary>Smaller groups are not shown.</summary>
    public const int Fewest = 5;

    internal static ActivePeople Of(int within7, int within28) => new(within7 < Fewest ? null : within7, within28 < Fewest ? null : within28);
}

/// <summary>A cohort and how many of it use the use case.</summary>
/// <param name="Active">Null where calls do not tell which of them are this cohort.</param>
/// <param name="ShareOfEligible">Percent of the eligible that were active within 28 days; null when that is not shown.</param>
public sealed record CohortRow(Cohort Cohort, bool HasStarted, ActivePeople? Active, int? ShareOfEligible);

/// <summary>How many people used it in seven days that end with this one; null is fewer than <see cref="ActivePeople.Fewest"/>.</summary>
public sealed record ActiveWeek(DateOnly Until, int? People);

/// <summary>Adoption of one use case.</summary>
/// <param name="Eligible">People of the cohorts that have started.</param>
/// <param name="Active">Null where no call of 28 days names a person: then nobody knows, however many calls there were.</param>
/// <param name="Calls">Of the last 28 days.</param>
/// <param name="Checks">What the phase that runs asks for, as far as it can be measured.</param>
/// <param name="Unagreed">Cohorts whose champion has not agreed yet.</param>
/// <param name="Weeks">Oldest first, without gaps, from the first in which anybody used it; none where no call names a person.</param>
public sealed record AdoptionSheet(
    Rollout? Rollout, int Eligible, ActivePeople? Active, int? ShareOfEligible, long Calls, IReadOnlyList<CohortRow> Cohorts, IReadOnlyList<PhaseCheck> Checks, IReadOnlyList<Cohort> Unagreed,
    IReadOnlyList<ActiveWeek> Weeks);

/// <summary>Who it is for, who uses it, and what has to hold before it reaches more.</summary>
public sealed class AdoptionSheets(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    // Whole ones, of those in which pseudonyms are kept.
    private const int MostWeeks = TelemetryRetention.KeepUsersDays / 7;

    public DateOnly Today => organisation.DayOf(clock.GetUtcNow());

    public async Task<AdoptionSheet> OfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var (now, today) = (clock.GetUtcNow(), Today);
        var rollout = await RunRollout.FindAsync(db, useCaseKey, cancellation);
        var utc = DateOnly.FromDateTime(now.UtcDateTime);
        var (week, month) = (utc.AddDays(-6), utc.AddDays(-27));
        var groups = await db.Database.SqlQuery<Group>(
            $"""
            select cohort "Cohort", grouping(cohort) = 1 "IsAll", count(distinct pseudonym) filter (where day >= {week})::int "Within7", count(distinct pseudonym)::int "Within28"
            from telemetry.active_user where use_case_key = {useCaseKey} and day >= {month} group by grouping sets ((), (cohort))
            """).ToListAsync(cancellation);
        var since = now.AddDays(-28);
        var calls = await db.Database.SqlQuery<long>($"select coalesce(sum(calls), 0)::bigint as \"Value\" from telemetry.usage_minute where use_case_key = {useCaseKey} and minute >= {since}").SingleAsync(cancellation);
        var all = groups.SingleOrDefault(g => g.IsAll);
        var active = all is { Within28: > 0 } ? ActivePeople.Of(all.Within7, all.Within28) : null;
        var eligible = rollout?.Cohorts.Where(c => c.StartsOn <= today).Sum(c => c.Eligible) ?? 0;
        return new AdoptionSheet(
            rollout, eligible, active, ShareOf(active, eligible), calls, RowsOf(rollout, groups, today),
            rollout?.Current is { } phase ? PhaseCheck.Of(phase, await PhaseReadings.OfAsync(db, rollout, today, now, cancellation)) : [], rollout?.Unagreed(today) ?? [],
            await WeeksAsync(db, useCaseKey, utc, cancellation));
    }

    private static async Task<IReadOnlyList<ActiveWeek>> WeeksAsync(GovernanceDb db, string useCaseKey, DateOnly today, CancellationToken cancellation)
    {
        var from = today.AddDays(1 - 7 * MostWeeks);
        var found = await db.Database.SqlQuery<Week>(
            $"""
            select ({today} - day) / 7 "Back", count(distinct pseudonym)::int "People" from telemetry.active_user
            where use_case_key = {useCaseKey} and day between {from} and {today} group by 1
            """).ToDictionaryAsync(w => w.Back, w => w.People, cancellation);
        return
        [
            .. Enumerable.Range(0, found.Keys.DefaultIfEmpty(-1).Max() + 1).Reverse()
                .Select(back => new ActiveWeek(today.AddDays(-7 * back), found.GetValueOrDefault(back) is >= ActivePeople.Fewest and var people ? people : null)),
        ];
    }

    private static IReadOnlyList<CohortRow> RowsOf(Rollout? rollout, List<Group> groups, DateOnly today)
    {
        var tagged = groups.Where(g => g is { IsAll: false, Cohort: not null }).ToDictionary(g => g.Cohort!);
        var rows = (rollout?.Cohorts ?? []).Select(c => Row(c, c.Tag is { } tag && tagged.Count > 0 ? ActivePeople.Of(tagged.GetValueOrDefault(tag)?.Within7 ?? 0, tagged.GetValueOrDefault(tag)?.Within28 ?? 0) : null)).ToList();
        HideWhatFollows(rows, groups.SingleOrDefault(g => g.IsAll)?.Within28, r => r.Active?.Within28, r => r with { Active = r.Active! with { Within28 = null }, ShareOfEligible = null });
        HideWhatFollows(rows, groups.SingleOrDefault(g => g.IsAll)?.Within7, r => r.Active?.Within7, r => r with { Active = r.Active! with { Within7 = null } });
        return rows;

        CohortRow Row(Cohort cohort, ActivePeople? active) => new(cohort, cohort.StartsOn <= today, active, ShareOf(active, cohort.Eligible));
    }

    /// <summary>Few people who are left when the shown numbers are taken from the total would be known after all: then the smallest of those is hidden too.</summary>
    private static void HideWhatFollows(List<CohortRow> rows, int? total, Func<CohortRow, int?> number, Func<CohortRow, CohortRow> hide)
    {
        var left = total - rows.Sum(r => number(r) ?? 0);
        var hasHidden = rows.Exists(r => r.Active is not null && number(r) is null);
        if (left < ActivePeople.Fewest && (left > 0 || hasHidden) && rows.Where(r => number(r) is not null).MinBy(r => number(r)) is { } smallest)
        {
            rows[rows.IndexOf(smallest)] = hide(smallest);
        }
    }

    private static int? ShareOf(ActivePeople? active, int eligible) => active?.Within28 is { } people && eligible > 0 ? (int)Math.Min(100, people * 100L / eligible) : null;

    private sealed record Week(int Back, int People);

    private sealed record Group(string? Cohort, bool IsAll, int Within7, int Within28);
}
