using CoEPortal.Governance.Access;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Exercises;

/// <summary>Plans, plays and follows tabletop exercises. The rehearsal in them is a real drill of the switch.</summary>
public sealed class RunExercise(
    IDbContextFactory<GovernanceDb> databases, Scenarios scenarios, StartDrill drill, Notices notices, Organisation organisation, TimeProvider clock)
{
    /// <param name="useCaseKey">Its stop is rehearsed for real; null for the canary.</param>
    public async Task<Exercise> PlanAsync(string scenario, DateOnly on, string? useCaseKey, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.RunExercises);
        var chosen = scenarios.All.FirstOrDefault(s => s.Name == scenario) ?? throw new NotFoundException("scenario", scenario);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        if (useCaseKey is not null)
        {
            await db.DemandReadableAsync(useCaseKey, by, cancellation);
        }

        var now = clock.GetUtcNow();
        var number = await db.Database.SqlQuery<long>($"select nextval('exercise_number') as \"Value\"").SingleAsync(cancellation);
        var exercise = Exercise.Plan(FormattableString.Invariant($"EX-{number:0000}"), chosen, on, useCaseKey, organisation.DayOf(now), by, now);
        db.Exercises.Add(exercise);
        await db.SaveChangesAsync(cancellation);
        return exercise;
    }

    public Task<Exercise> SeatAsync(string key, string role, PersonId person, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(key, by, false, async (db, exercise, now) =>
        {
            var seated = await IncidentScope.PersonAsync(db, person, cancellation);
            Refuse.If(!ExerciseCalendar.MayRead(seated), "person-cannot", $"{seated.Name} cannot open exercises. Choose a reviewer or a CoE lead.");
            exercise.Seat(role, seated, by, now);
            await notices.SendAsync(
                db, [new Notice(person, "exercise-seat", $"{exercise.Key} {exercise.Title}: you play {role}", $"On {exercise.PlannedOn:yyyy-MM-dd}.", $"/exercises/{exercise.Key}", exercise.UseCaseKey, $"{exercise.Key}/seat/{role}/{exercise.Version}")], now, cancellation);
        }, cancellation);

    public Task<Exercise> StartAsync(string key, Actor by, CancellationToken cancellation = default) => ChangeAsync(key, by, false, (exercise, now) => exercise.Start(by, now), cancellation);

    /// <summary>Who plays marks what is done; of the drill only the drill itself.</summary>
    public Task<Exercise> DoStepAsync(string key, int number, string note, Actor by, CancellationToken cancellation = default) => ChangeAsync(key, by, true, (exercise, now) => exercise.DoStep(number, note, by, now), cancellation);

    public Task<Exercise> NoteAsync(string key, string text, Actor by, CancellationToken cancellation = default) => ChangeAsync(key, by, true, (exercise, now) => exercise.Note(text, by, now), cancellation);

    public Task<Exercise> EndAsync(string key, string conclusion, Actor by, CancellationToken cancellation = default) => ChangeAsync(key, by, false, (exercise, now) => exercise.End(conclusion, by, now), cancellation);

    public Task<Exercise> CancelAsync(string key, string reason, Actor by, CancellationToken cancellation = default) => ChangeAsync(key, by, false, (exercise, now) => exercise.Cancel(reason, by, now), cancellation);

    /// <summary>Rehearses the stop as the scenario asks: the canary, or the exercise's use case for real, which two people release.</summary>
    public async Task<(Exercise Exercise, Drill Drill)> RehearseAsync(string key, Actor by, CancellationToken cancellation = default)
    {
        string? target;
        await using (var db = await databases.CreateDbContextAsync(cancellation))
        {
            var exercise = await LockedAsync(db, key, by, true, cancellation);
            exercise.DemandDrill();
            target = exercise.UseCaseKey;
        }

        var (ended, _) = await drill.RunAsync(target ?? StartDrill.Canary, $"Exercise {key}", by, cancellation);
        return (await ChangeAsync(key, by, true, (exercise, now) => exercise.Drilled(ended, by, now), cancellation), ended);
    }

    public Task<Exercise> FindAsync(string key, string text, PersonId owner, DateOnly dueOn, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(key, by, false, async (db, exercise, now) =>
        {
            var person = await IncidentScope.PersonAsync(db, owner, cancellation);
            Refuse.If(!ExerciseCalendar.MayRead(person), "person-cannot", $"{person.Name} cannot open exercises. Choose a reviewer or a CoE lead.");
            var finding = exercise.Find(text, person, dueOn, organisation.DayOf(now), by, now);
            await notices.SendAsync(
                db, [new Notice(owner, "exercise-finding", $"{exercise.Key} F{finding.Number} is yours", $"Due {dueOn:yyyy-MM-dd}.", $"/exercises/{exercise.Key}", exercise.UseCaseKey, $"{exercise.Key}/F{finding.Number}")], now, cancellation);
        }, cancellation);

    public async Task<Exercise> MoveFindingAsync(string key, int number, ActionState to, string note, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var isOwner = await db.Exercises.AnyAsync(e => e.Key == key && e.Findings.Any(f => f.Number == number && f.OwnerId == by.Id.Value), cancellation);
        return await ChangeAsync(key, by, isOwner && to is ActionState.Done, (exercise, now) => exercise.MoveFinding(number, to, note, by, now), cancellation);
    }

    private Task<Exercise> ChangeAsync(string key, Actor by, bool alsoPlayers, Action<Exercise, DateTimeOffset> change, CancellationToken cancellation) =>
        ChangeAsync(key, by, alsoPlayers, (_, exercise, now) =>
        {
            change(exercise, now);
            return Task.CompletedTask;
        }, cancellation);

    private async Task<Exercise> ChangeAsync(string key, Actor by, bool alsoPlayers, Func<GovernanceDb, Exercise, DateTimeOffset, Task> change, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"select from exercise where key = {key} for update", cancellation);
        var exercise = await LockedAsync(db, key, by, alsoPlayers, cancellation);
        await change(db, exercise, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return exercise;
    }

    private static async Task<Exercise> LockedAsync(GovernanceDb db, string key, Actor by, bool alsoPlayers, CancellationToken cancellation)
    {
        ExerciseCalendar.DemandReader(by);
        var exercise = await ExerciseCalendar.WithParts(db.Exercises).SingleOrDefaultAsync(e => e.Key == key, cancellation) ?? throw new NotFoundException("exercise", key);
        if (!(alsoPlayers && (exercise.Seats.Any(s => s.PersonId == by.Id.Value) || exercise.Findings.Any(f => f.OwnerId == by.Id.Value))))
        {
            AccessPolicy.Demand(by, Permission.RunExercises);
        }

        return exercise;
    }
}
