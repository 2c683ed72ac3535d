using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Portfolio;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>What Nordhaven measured and what it says it is worth: a gain, a loss, and one with too few cases.</summary>
public sealed class DemoReturns(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider realClock)
{
    private const string Warehouse = "bi-warehouse";

    internal async Task MakeAsync(CancellationToken cancellation)
    {
        var clock = new DemoClock(realClock.GetUtcNow().AddDays(-5));
        var day = organisation.DayOf(clock.GetUtcNow());
        var push = new RecordReading(databases, organisation, clock);
        var enter = new EnterReading(databases, organisation, clock);
        var state = new StateWorth(databases, organisation, clock);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var keys = await db.UseCases.Where(u => u.Title == "Policy question assistant" || u.Title == "Call notes" || u.Title == "Invoice coding").ToDictionaryAsync(u => u.Title, u => u.Key, cancellation);

        var questions = keys["Policy question assistant"];
        await enter.RunAsync(questions, new(day.AddDays(-40), Arm.WithoutAi, 9.9m, 3.1m, 140), Who("submitter2"), cancellation);
        await push.RunAsync(questions, new("questions-week-3", new(day.AddDays(-2), Arm.WithAi, 75, 2.6m, 210), null), questions, Warehouse, cancellation);
        await push.RunAsync(questions, new("questions-week-3b", new(day.AddDays(-2), Arm.WithAi, 7.5m, 2.6m, 210), "questions-week-3"), questions, Warehouse, cancellation);
        await state.RunAsync(questions, new(0.62m, "Full cost of a minute in customer service, controlling, plan of 2026", 21000, 1800, 24000, day.AddDays(-60)), null, Who("submitter2"), cancellation);

        var invoices = keys["Invoice coding"];
        await enter.RunAsync(invoices, new(day.AddDays(-30), Arm.WithoutAi, 71, 45.4m, 400), Who("coe-lead2"), cancellation);
        await push.RunAsync(invoices, new("invoices-october", new(day.AddDays(-3), Arm.WithAi, 74, 43.9m, 420), null), null, Warehouse, cancellation);
        await state.RunAsync(invoices, new(0.04m, "Two minutes saved for each invoice that needs no correction, per cent of 3,800", 3800, 150, 9000, day.AddDays(-35)), null, Who("coe-lead2"), cancellation);

        var notes = keys["Call notes"];
        await push.RunAsync(notes, new("calls-pilot", new(day.AddDays(-1), Arm.WithAi, 2.9m, 1.2m, 12), null), null, Warehouse, cancellation);
        await state.RunAsync(notes, new(0.62m, "Full cost of a minute in customer service, controlling, plan of 2026", 30000, 900, 11000, day.AddDays(-40)), null, Who("submitter2"), cancellation);
    }

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
