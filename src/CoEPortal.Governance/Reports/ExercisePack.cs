using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Exercises;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>One tabletop exercise: scenario, who played, what was done in time, the rehearsal in it, and what follows.</summary>
public sealed record ExercisePack(
    ExerciseSubject About, DateTimeOffset CollectedAt, Exercise Exercise, Drill? Drill, IReadOnlyList<TimelineEntry> Timeline, IReadOnlyList<TimelineEntry> Events)
    : AuditPack(About, CollectedAt, Timeline, Timeline.Count, Events);

/// <summary>One exercise, with the drill in it.</summary>
internal sealed class CollectExercisePack(OpenEntries open, TimeProvider clock)
{
    public async Task<ExercisePack> OfAsync(GovernanceDb db, ExerciseSubject subject, CancellationToken cancellation)
    {
        var exercise = await ExerciseCalendar.WithParts(db.Exercises).SingleOrDefaultAsync(e => e.Key == subject.Key, cancellation) ?? throw new NotFoundException("exercise", subject.Key);
        var drill = exercise.DrillId is { } id ? await db.Drills.SingleAsync(d => d.Id == id, cancellation) : null;
        List<(string, string)> subjects = [("exercise", exercise.Key)];
        if (drill is not null)
        {
            subjects.Add(("drill", drill.Id.ToString()));
        }

        var events = await CollectAuditPack.EventsAsync(db, open, subjects, cancellation);
        var log = await ProveEvents.OfAsync(db, open, subject, events, null, cancellation);
        return new ExercisePack(subject, clock.GetUtcNow(), exercise, drill, [.. events.OrderByDescending(e => e.OccurredAt).ThenByDescending(e => e.EventId)], events) { Log = log };
    }
}
