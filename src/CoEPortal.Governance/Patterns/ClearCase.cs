using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Patterns;

/// <summary>Notes, in the transaction of an approval by rule, which pattern cleared it and whether it is a sample.</summary>
internal static class ClearCase
{
    public static async Task RunAsync(GovernanceDb db, UseCase useCase, int approved, DateTimeOffset now, CancellationToken cancellation)
    {
        // What a pattern clears goes along the fast lane, and nothing else is looked up.
        if (useCase.Lane is not Lane.Fast)
        {
            return;
        }

        var revision = useCase.Revisions.SingleOrDefault(r => r.Number == approved)
            ?? await db.Set<UseCaseRevision>().SingleAsync(r => r.UseCaseId == useCase.Id && r.Number == approved, cancellation);
        if (revision.Assessment.ClearedAs is not { } pattern)
        {
            return;
        }

        // Counts and locks in one: of two cases at once each has a number of its own, and a pattern that changed meanwhile clears nothing.
        var counted = await db.Database.SqlQuery<Counted>(
            $"""
            with counted as (
              update pattern set cleared = cleared + 1
              where key = {pattern.Pattern} and latest_version = {pattern.Version} and withdrawn_at is null and good_until > {now} returning id, latest_version, cleared)
            select c.cleared "Number", (v.content ->> 'sampleEvery')::int "SampleEvery" from counted c join pattern_version v on v.pattern_id = c.id and v.number = c.latest_version
            """).ToListAsync(cancellation);
        Refuse.If(counted.Count == 0, "pattern-changed", $"{pattern.Pattern} changed while you submitted. Look at how it is judged now, then submit again.");
        db.Clearances.Add(Clearance.Of(useCase.Key, revision.Number, pattern, counted[0].Number, counted[0].SampleEvery, now));
    }

    private sealed record Counted(int Number, int SampleEvery);
}
