using CoEPortal.Governance.Audit;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>How many nodes and gateways confirmed an engagement, and the last of them when.</summary>
public sealed record SwitchEffect(long Generation, long Points, DateTimeOffset LastAt);

/// <summary>A switch was engaged and, if it was, released again by two people.</summary>
public sealed record SwitchPeriod(
    string Scope, string Target, string Mode, TimelineEntry Engaged, TimelineEntry? FirstRelease, TimelineEntry? Released)
{
    /// <summary>When everything that confirmed it applied it; null when nothing was kept.</summary>
    public SwitchEffect? Effect { get; init; }

    /// <summary>From the record of the click until the last confirmation, both by the database's clock.</summary>
    public TimeSpan? TimeToEffect => Effect is { } effect && effect.LastAt > Engaged.RecordedAt ? effect.LastAt - Engaged.RecordedAt : null;

    public long Generation => (long?)Engaged.Details["generation"] ?? 0;

    public TimeSpan? Lasted => Released?.OccurredAt - Engaged.OccurredAt;

    /// <summary>Pairs each engagement of a switch with the release that ended it.</summary>
    public static IReadOnlyList<SwitchPeriod> Of(IEnumerable<TimelineEntry> events)
    {
        var periods = new List<SwitchPeriod>();
        foreach (var killSwitch in events.Where(e => e.SubjectType == "kill-switch").GroupBy(e => e.SubjectKey))
        {
            SwitchPeriod? open = null;
            foreach (var happened in killSwitch.OrderBy(e => e.SubjectVersion))
            {
                switch (happened.Action)
                {
                    case nameof(KillSwitchEngaged):
                        open = new SwitchPeriod(Text(happened, "scope"), Text(happened, "target"), Text(happened, "mode"), happened, null, null);
                        periods.Add(open);
                        break;
                    case nameof(KillSwitchReleaseStarted) when open is not null:
                        open = Replace(open, open with { FirstRelease = happened });
                        break;
                    case nameof(KillSwitchReleased) when open is not null:
                        Replace(open, open with { Released = happened });
                        open = null;
                        break;
                }
            }
        }

        return [.. periods.OrderBy(p => p.Engaged.OccurredAt)];

        SwitchPeriod Replace(SwitchPeriod old, SwitchPeriod with)
        {
            periods[periods.IndexOf(old)] = with;
            return with;
        }
    }

    public static string Text(TimelineEntry happened, string field) => (string?)happened.Details[field] ?? "";

    /// <summary>The same, each with its time to effect.</summary>
    internal static async Task<IReadOnlyList<SwitchPeriod>> WithEffectsAsync(GovernanceDb db, IReadOnlyList<SwitchPeriod> periods, CancellationToken cancellation)
    {
        var generations = periods.Select(p => p.Generation).ToArray();
        var effects = await db.Database.SqlQuery<SwitchEffect>(
            $"""
            select generation "Generation", count(*) "Points", max(applied_at) "LastAt" from switch_effect
            where generation = any ({generations}) group by generation
            """).ToDictionaryAsync(e => e.Generation, cancellation);
        return [.. periods.Select(p => p with { Effect = effects.GetValueOrDefault(p.Generation) })];
    }
}
