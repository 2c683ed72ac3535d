using CoEPortal.Governance.Access;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>
/// Notices which approved use cases lack a current card, assessment or gate that their lane asks for, and from when on their calls
/// are denied. Written to a table that snapshots read, so that no verdict asks the database; a change raises the generation.
/// </summary>
public sealed class SweepDuties(
    IDbContextFactory<GovernanceDb> databases, VersionedFiles<DutyRules> duties, VersionedFiles<GateRules> gates, Organisation organisation, TimeProvider clock)
{
    /// <returns>How many use cases changed.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlRawAsync("select pg_advisory_xact_lock(hashtext('sweep-duties'))", cancellation);
        var now = clock.GetUtcNow();
        var (rules, grace) = (duties.InForce(now), TimeSpan.FromDays(duties.InForce(now).GraceDays));
        var missing = await MissingAsync(db, rules, now, cancellation);
        var known = await db.MissedDuties.ToListAsync(cancellation);
        var standing = known.Where(k => k.Since is not null).OrderBy(k => k.UseCaseKey, StringComparer.Ordinal).ThenBy(k => k.Duty).ToList();
        var changed = new HashSet<string>();
        foreach (var (key, duty) in missing.Except(standing.Select(k => (k.UseCaseKey, k.Duty))).OrderBy(m => m.UseCaseKey, StringComparer.Ordinal).ThenBy(m => m.Duty).ToList())
        {
            if (known.Find(k => (k.UseCaseKey, k.Duty) == (key, duty)) is not { } row)
            {
                db.MissedDuties.Add(row = MissedDuty.Of(key, duty));
            }

            row.Miss(grace, now);
            changed.Add(key);
        }

        foreach (var row in standing)
        {
            if (!missing.Contains((row.UseCaseKey, row.Duty)))
            {
                row.Meet(now);
                changed.Add(row.UseCaseKey);
            }
            else if (!row.Denies && row.DeniesFrom <= now)
            {
                row.Deny(now);
                changed.Add(row.UseCaseKey);
            }
        }

        if (changed.Count > 0)
        {
            var generation = await EnforcementGeneration.SaveAsync(db, cancellation);
            foreach (var key in changed.Order(StringComparer.Ordinal))
            {
                await QueuePush.ForSwitchAsync(db, SwitchScope.UseCase, key, generation, now, cancellation);
            }

            await db.SaveChangesAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return changed.Count;
    }

    private async Task<HashSet<(string UseCaseKey, DutyRecord Duty)>> MissingAsync(GovernanceDb db, DutyRules rules, DateTimeOffset now, CancellationToken cancellation)
    {
        var today = organisation.DayOf(now);
        var approved = await db.Database.SqlQuery<Approved>(
            $"""
            select u.key "Key", r.assessment ->> 'lane' "Lane", r.proposal ->> 'personalData' "PersonalData",
              exists (select from card c where c.use_case_key = u.key and c.expires_on >= {today}) "HasCard",
              exists (select from dpia d where d.use_case_key = u.key and d.is_signed_off and d.review_on >= {today}) "HasDpia"
            from use_case u join use_case_revision r on r.use_case_id = u.id and r.number = u.approved_revision
            where u.stage <> 'Retired'
            """).ToListAsync(cancellation);
        var missing = new HashSet<(string, DutyRecord)>();
        var gated = new List<(string Key, Lane Lane)>();
        foreach (var one in approved)
        {
            // What cannot be read is asked for the most.
            var lane = Enum.TryParse<Lane>(one.Lane, ignoreCase: true, out var read) ? read : Lane.Full;
            var personal = Enum.TryParse<PersonalData>(one.PersonalData, ignoreCase: true, out var data) ? data : (PersonalData?)null;
            foreach (var duty in rules.Duties.Where(d => d.Holds(lane, personal)))
            {
                if (duty.Record is DutyRecord.Gate)
                {
                    gated.Add((one.Key, lane));
                }
                else if (!(duty.Record is DutyRecord.Card ? one.HasCard : one.HasDpia))
                {
                    missing.Add((one.Key, duty.Record));
                }
            }
        }

        missing.UnionWith((await GateDuties.WithoutAsync(db, gated, gates.InForce(now), today, now, cancellation)).Select(key => (key, DutyRecord.Gate)));
        return missing;
    }

    private sealed record Approved(string Key, string? Lane, string? PersonalData, bool HasCard, bool HasDpia);
}
