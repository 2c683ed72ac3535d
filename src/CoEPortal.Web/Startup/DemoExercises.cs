using CoEPortal.Governance.Access;
using CoEPortal.Governance.Exercises;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>One exercise that was played and scored, and one that is planned.</summary>
public sealed class DemoExercises(IDbContextFactory<GovernanceDb> databases, Scenarios scenarios, StartDrill drill, Notices notices, Organisation organisation, TimeProvider realClock)
{
    internal async Task MakeAsync(CancellationToken cancellation)
    {
        var clock = new DemoClock(realClock.GetUtcNow().AddDays(-40));
        var run = new RunExercise(databases, scenarios, drill, notices, organisation, clock);
        var key = (await run.PlanAsync("silent-drift", organisation.DayOf(clock.GetUtcNow()), null, Who("coe-lead"), cancellation)).Key;
        foreach (var (role, persona) in new[] { ("Lead", "risk"), ("Owner", "security"), ("Communications", "brand") })
        {
            await run.SeatAsync(key, role, Who(persona).Id, Who("coe-lead"), cancellation);
        }

        await run.StartAsync(key, Who("coe-lead"), cancellation);
        var start = clock.GetUtcNow();
        clock.GoTo(start.AddMinutes(22));
        await run.DoStepAsync(key, 1, "Since the index of Monday; the build log shows it.", Who("security"), cancellation);
        clock.GoTo(start.AddMinutes(38));
        await run.DoStepAsync(key, 2, "Degraded to the baseline.", Who("risk"), cancellation);
        await run.NoteAsync(key, "Nobody knew who may tell brokers; ten minutes were lost.", Who("coe-lead2"), cancellation);
        clock.GoTo(start.AddMinutes(71));
        await run.DoStepAsync(key, 4, "Told by mail, in words that Legal approved.", Who("brand"), cancellation);
        clock.GoTo(start.AddMinutes(90));
        await run.EndAsync(key, "The technique is there; who speaks to brokers was not clear, and the list of affected decisions was not ready in time.", Who("coe-lead"), cancellation);
        var due = organisation.DayOf(clock.GetUtcNow()).AddDays(60);
        await run.FindAsync(key, "A query that lists the decisions made on answers of a week", Who("security").Id, due, Who("coe-lead"), cancellation);
        await run.FindAsync(key, "One page: who speaks to whom in an incident", Who("brand").Id, due, Who("coe-lead"), cancellation);
        clock.GoTo(start.AddDays(12));
        await run.MoveFindingAsync(key, 2, ActionState.Done, "In the handbook, chapter 4.", Who("brand"), cancellation);

        await new RunExercise(databases, scenarios, drill, notices, organisation, realClock).PlanAsync(
            "prompt-injection", organisation.DayOf(realClock.GetUtcNow()).AddDays(9), null, Who("coe-lead"), cancellation);
    }

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
