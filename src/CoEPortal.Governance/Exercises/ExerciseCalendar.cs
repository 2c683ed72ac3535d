using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Exercises;

/// <summary>A scenario that was not played for longer than it says; never, when there is no date.</summary>
public sealed record OverdueExercise(Scenario Scenario, DateOnly? LastOn, DateOnly? PlannedOn);

/// <param name="Drill">The rehearsal in it, with its times.</param>
public sealed record ExerciseSheet(Exercise Exercise, Drill? Drill, bool MayRun, bool Plays);

/// <summary>Exercises that were played and are planned, and which are overdue.</summary>
public sealed class ExerciseCalendar(IDbContextFactory<GovernanceDb> databases, Scenarios scenarios, Organisation organisation, TimeProvider clock)
{
    private const int MostPeople = 500;

    public async Task<Page<Exercise>> PageAsync(ExerciseState? state, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        DemandReader(reader);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.Exercises.AsNoTracking().Where(e => state == null || e.State == state).Include(e => e.Findings)
            .OrderByDescending(e => e.State == ExerciseState.Running).ThenByDescending(e => e.PlannedOn).ThenByDescending(e => e.Id).ToPageAsync(page, size, cancellation);
    }

    public async Task<ExerciseSheet> OfAsync(string key, Actor reader, CancellationToken cancellation = default)
    {
        DemandReader(reader);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var exercise = await WithParts(db.Exercises.AsNoTracking()).SingleOrDefaultAsync(e => e.Key == key, cancellation) ?? throw new NotFoundException("exercise", key);
        var drill = exercise.DrillId is { } id ? await db.Drills.AsNoTracking().SingleAsync(d => d.Id == id, cancellation) : null;
        return new ExerciseSheet(
            exercise, drill, AccessPolicy.Allows(reader, Permission.RunExercises), exercise.Seats.Any(s => s.PersonId == reader.Id.Value) || exercise.FacilitatorId == reader.Id.Value);
    }

    public async Task<IReadOnlyList<OverdueExercise>> OverdueAsync(Actor reader, CancellationToken cancellation = default)
    {
        DemandReader(reader);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var names = scenarios.All.Select(s => s.Name).ToList();
        var known = await db.Exercises.AsNoTracking().Where(e => names.Contains(e.Scenario)).GroupBy(e => e.Scenario).Select(g => new
        {
            g.Key,
            Last = g.Where(e => e.State == ExerciseState.Ended).Max(e => e.EndedAt),
            Planned = g.Where(e => e.State == ExerciseState.Planned).Min(e => (DateOnly?)e.PlannedOn),
        }).ToDictionaryAsync(g => g.Key, cancellation);
        var today = organisation.DayOf(clock.GetUtcNow());
        return
        [
            .. from scenario in scenarios.All
               let played = known.GetValueOrDefault(scenario.Name)
               let last = played?.Last is { } at ? organisation.DayOf(at) : (DateOnly?)null
               where last is null || last.Value.AddMonths(scenario.EveryMonths) < today
               select new OverdueExercise(scenario, last, played?.Planned),
        ];
    }

    /// <summary>Who can be seated or own a finding.</summary>
    public async Task<IReadOnlyList<Actor>> PlayersAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.RunExercises);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return [.. (await db.People.AsNoTracking().Where(p => p.IsActive).OrderBy(p => p.Name).Take(MostPeople).ToListAsync(cancellation)).Select(p => p.Actor).Where(MayRead)];
    }

    internal static IQueryable<Exercise> WithParts(IQueryable<Exercise> exercises) =>
        exercises.Include(e => e.Seats).Include(e => e.Steps).Include(e => e.Notes).Include(e => e.Findings).AsSplitQuery();

    internal static bool MayRead(Actor reader) => AccessPolicy.Allows(reader, Permission.ReadExercises);

    internal static void DemandReader(Actor reader) => AccessPolicy.Demand(reader, Permission.ReadExercises);
}
