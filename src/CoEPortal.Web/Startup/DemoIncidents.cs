using CoEPortal.Governance.Access;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>What went wrong in the demo organisation: one incident followed to its end, one with deadlines running, one just reported, and those that switches opened.</summary>
public sealed class DemoIncidents(
    IDbContextFactory<GovernanceDb> databases, PublishClockRules rules, IncidentNotices notices, Runbooks runbooks, EngageKillSwitch engage, Organisation organisation, TimeProvider realClock,
    ILogger<SweepIncidents> sweepLog)
{
    private DemoClock _clock = new(realClock.GetUtcNow());

    internal async Task MakeAsync(CancellationToken cancellation)
    {
        var (assistant, search) = (await KeyOfAsync("Policy question assistant", cancellation), await KeyOfAsync("Developer documentation search", cancellation));
        await ResolvedAsync(assistant, cancellation);
        await RunningAsync(assistant, cancellation);
        await new ReportIncident(databases, notices, new DemoClock(Ago(hours: 3))).RunAsync(
            new IncidentReport("Search shows pages of the old build server", "First three hits, since this morning.", IncidentCategory.WrongOutput, [search], Ago(hours: 5)), Who("security"), cancellation);
        await new SweepIncidents(databases, notices, organisation, realClock, sweepLog).RunAsync(cancellation);
        await LinkStoppedAsync(cancellation);
    }

    private async Task ResolvedAsync(string useCase, CancellationToken cancellation)
    {
        _clock = new DemoClock(Ago(hours: 24 * 13));
        var report = new ReportIncident(databases, notices, _clock);
        var (triage, move, see, handle) = (new TriageIncident(databases, rules, notices, organisation, _clock), new MoveIncident(databases, organisation, _clock), new SeeToIncidentAction(databases, notices, organisation, _clock), Handle());
        var key = (await report.RunAsync(new IncidentReport("Quotes the tariff of 2024 for glass damage", "Two customers were told too low a sum.", IncidentCategory.WrongOutput, [useCase], _clock.GetUtcNow().AddHours(-6), false, 2, "Customers who asked about glass"), Who("submitter2"), cancellation)).Key;
        _clock.Pass(1);
        await triage.RunAsync(key, new IncidentTriage(IncidentSeverity.Moderate, IncidentCategory.WrongOutput, [HarmKind.Money], [useCase], false, PeopleAffected: 2, GroupsAffected: "Customers who asked about glass"), Who("risk"), cancellation: cancellation);
        await handle.GiveRoleAsync(key, IncidentRoleKind.Lead, Who("risk").Id, "", Who("risk"), cancellation: cancellation);
        await handle.StartRunbookAsync(key, "wrong-output", Who("risk"), cancellation);
        await handle.SettleStepAsync(key, "wrong-output", 1, StepState.Done, "Five calls, listed as evidence.", Who("risk"), cancellation);
        _clock.Pass(3);
        await handle.AttachAsync(
            key, EntryKind.Evidence, null, "The answer as the customer saw it, with the passages that were found for it.",
            UploadedFile.Read("answer-4711.json", """{"question":"What is paid for a broken shop window?","answer":"Up to 400 EUR.","passages":["Tariff 2024, glass, section 4.2"],"right":"Up to 650 EUR (tariff 2026)"}"""u8.ToArray()), Who("security"), cancellation);
        await handle.NoteAsync(key, EntryKind.Mitigation, null, "Wordings before 2026 taken out of the index.", "https://tickets.nordhaven.example/4711", null, Who("security"), cancellation);
        await move.RunAsync(key, IncidentState.Contained, "Twenty questions on glass answered rightly.", Who("risk"), cancellation: cancellation);
        await handle.GiveRoleAsync(key, IncidentRoleKind.Lead, Who("security").Id, "Index is clean; the golden set has no question on tariffs yet.", Who("risk"), cancellation: cancellation);
        _clock.Pass(20);
        await handle.WritePostMortemAsync(key, "The index held wordings of 2024 beside those in force.", "Retired wordings are marked in the handbook, not in the index. The golden set asks nothing about sums.", "Feedback named it three weeks earlier; nobody looked at it as an incident.", Who("security"), cancellation: cancellation);
        var due = organisation.DayOf(_clock.GetUtcNow()).AddDays(5);
        await see.OpenAsync(key, "Index only wordings in force, checked at each build", Who("submitter2").Id, due, Who("security"), cancellation: cancellation);
        await see.OpenAsync(key, "Ten questions on sums in the golden set", Who("coe-lead").Id, due.AddDays(30), Who("security"), cancellation: cancellation);
        await move.RunAsync(key, IncidentState.Resolved, "Golden set is back at 95 %.", Who("security"), cancellation: cancellation);
        _clock.Pass(30);
        await see.MoveAsync(key, 1, ActionState.Done, "Build fails on a wording that is not in force.", Who("submitter2"), cancellation: cancellation);
        await see.MoveAsync(key, 1, ActionState.Verified, "Saw it fail on an old wording.", Who("security"), cancellation: cancellation);
        var week = OperationsReviews.WeekOf(organisation.DayOf(_clock.GetUtcNow()));
        await new HoldOperationsReview(databases, new OperationsReviews(databases, organisation, _clock), _clock).RunAsync(week, "Feedback that repeats is looked at as an incident from now on. The golden set is the risk: ten questions until next month.", Who("coe-lead"), cancellation);
    }

    private async Task RunningAsync(string useCase, CancellationToken cancellation)
    {
        _clock = new DemoClock(Ago(hours: 30));
        var key = (await new ReportIncident(databases, notices, _clock).RunAsync(
            new IncidentReport("An answer named the claims of another customer", "Asked about an own contract, saw name and claim of somebody else. Seen once, by a clerk.", IncidentCategory.DataBreach, [useCase], Ago(hours: 31), true), Who("submitter2"), cancellation)).Key;
        _clock.GoTo(Ago(hours: 29));
        await new TriageIncident(databases, rules, notices, organisation, _clock).RunAsync(
            key, new IncidentTriage(IncidentSeverity.Serious, IncidentCategory.DataBreach, [HarmKind.Rights], [useCase], true, RiskToPeople.Likely, PeopleAffected: 1, GroupsAffected: "One customer of motor insurance"), Who("privacy"), cancellation: cancellation);
        var handle = Handle();
        await handle.GiveRoleAsync(key, IncidentRoleKind.Lead, Who("privacy").Id, "", Who("privacy"), cancellation: cancellation);
        await handle.GiveRoleAsync(key, IncidentRoleKind.Investigator, Who("security").Id, "", Who("privacy"), cancellation: cancellation);
        await handle.StartRunbookAsync(key, "personal-data-breach", Who("privacy"), cancellation);
        await handle.SettleStepAsync(key, "personal-data-breach", 2, StepState.Done, "", Who("security"), cancellation);
        await handle.NoteAsync(key, EntryKind.Mitigation, null, "Contract lookup takes only contracts of the person who asks.", "", null, Who("security"), cancellation);
        _clock.GoTo(Ago(hours: 4));
        await new TellAffected(databases, notices, runbooks, organisation, _clock).DraftAsync(
            key, "wrong-answers", "Check what the policy question assistant answered", "One answer named the claims of somebody else. Compare each answer with the contract until we say that it is resolved.", Who("privacy"), cancellation: cancellation);
    }

    /// <summary>What Security stopped by hand belongs to an incident too.</summary>
    private async Task LinkStoppedAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var stopped = await db.KillSwitches.AsNoTracking().Where(s => s.Scope == SwitchScope.UseCase && s.State == SwitchState.Engaged && !s.EngagedByRule && s.IncidentKey == null)
            .OrderBy(s => s.EngagedAt).FirstOrDefaultAsync(cancellation);
        if (stopped is null)
        {
            return;
        }

        _clock = new DemoClock(stopped.EngagedAt!.Value.AddMinutes(20));
        var key = (await new ReportIncident(databases, notices, _clock).RunAsync(
            new IncidentReport($"{stopped.Target} had to be stopped", stopped.Reason, IncidentCategory.Malfunction, [stopped.Target], stopped.EngagedAt, null), Who("security"), cancellation)).Key;
        await new StopFromIncident(databases, engage, _clock).LinkAsync(key, SwitchScope.UseCase, stopped.Target, Who("security"), cancellation);
    }

    private HandleIncident Handle() => new(databases, notices, runbooks, _clock);

    private async Task<string> KeyOfAsync(string title, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.UseCases.Where(u => u.Title == title).Select(u => u.Key).SingleAsync(cancellation);
    }

    private DateTimeOffset Ago(double hours) => realClock.GetUtcNow().AddHours(-hours);

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
