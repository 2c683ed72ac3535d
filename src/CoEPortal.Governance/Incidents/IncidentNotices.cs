using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Incidents;

/// <summary>Who is told what about an incident, inside the transaction of what happened. Only keys and titles: the words are in the portal.</summary>
public sealed class IncidentNotices(Notices notices, Organisation organisation)
{
    private const int AtOnce = 500;

    private static readonly Role[] OnDuty = [Role.Risk, Role.Security, Role.CoeLead];

    internal async Task ReportedAsync(GovernanceDb db, Incident incident, DateTimeOffset now, CancellationToken cancellation)
    {
        var people = await IncidentScope.HoldersAsync(db, incident.Category is IncidentCategory.DataBreach || incident.PersonalData is true ? [.. OnDuty, Role.Privacy] : OnDuty, cancellation);
        await SendAsync(db, incident, people.Select(p => p.Id.Value), "incident-reported", "was reported and waits for triage", Words(incident), "reported", now, cancellation);
    }

    internal async Task SevereAsync(GovernanceDb db, Incident incident, DateTimeOffset now, CancellationToken cancellation)
    {
        var people = await IncidentScope.HoldersAsync(db, [.. OnDuty, Role.Legal, Role.Privacy], cancellation);
        await SendAsync(db, incident, people.Select(p => p.Id.Value), "incident-severe", $"is {incident.Severity!.Value.ToString().ToLowerInvariant()}", Running(incident.Clocks.Count(c => c.State is ClockState.Running)), "severe", now, cancellation);
    }

    internal Task RoleGivenAsync(GovernanceDb db, Incident incident, IncidentRoleKind role, string person, DateTimeOffset now, CancellationToken cancellation) =>
        SendAsync(db, incident, [person], "incident-role", $"is yours: {role.ToString().ToLowerInvariant()}", Words(incident), $"role/{role}/{incident.Version}", now, cancellation);

    internal Task ActionAsync(GovernanceDb db, Incident incident, IncidentAction action, string kind, string what, DateTimeOffset now, CancellationToken cancellation) =>
        SendAsync(db, incident, [action.OwnerId], kind, $"action A{action.Number} {what}", $"Due {action.DueOn:yyyy-MM-dd}.", $"{kind}/{action.Id:N}/{incident.Version}", now, cancellation);

    internal async Task MessageWaitsAsync(GovernanceDb db, Incident incident, IncidentMessage message, DateTimeOffset now, CancellationToken cancellation)
    {
        var people = await IncidentScope.HoldersAsync(db, [Role.Legal, Role.Privacy, Role.Brand, Role.CoeLead], cancellation);
        await SendAsync(db, incident, people.Select(p => p.Id.Value).Where(p => p != message.DraftedBy), "incident-message", $"has a message that waits for approval", "It goes to the people of its use cases.", $"message/{message.Id:N}", now, cancellation);
    }

    /// <summary>Everybody of the business units of the use cases, and who wrote them, some at a time.</summary>
    /// <returns>How many were told.</returns>
    internal async Task<int> AffectedAsync(GovernanceDb db, Incident incident, IncidentMessage message, DateTimeOffset now, CancellationToken cancellation)
    {
        var useCases = await db.UseCases.AsNoTracking().Where(u => incident.UseCaseKeys.Contains(u.Key)).Select(u => new { u.BusinessUnit, u.Editors }).ToListAsync(cancellation);
        var units = useCases.Select(u => u.BusinessUnit).Where(u => u.Length > 0).Distinct().ToList();
        var authors = useCases.SelectMany(u => u.Editors).Append(incident.ReportedBy).Distinct().ToList();
        var (told, last) = (0, "");
        while (true)
        {
            var page = await db.Database.SqlQuery<string>(
                $"select id \"Value\" from person where is_active and id > {last} and (business_unit = any ({units}) or id = any ({authors})) order by id limit {AtOnce}").ToListAsync(cancellation);
            if (page.Count == 0)
            {
                return told;
            }

            await notices.SendAsync(
                db, [.. page.Select(p => new Notice(new PersonId(p), "incident-told", message.Subject, message.Body, $"/incidents/{incident.Key}", incident.UseCaseKeys[0], $"incident-message/{message.Id:N}"))], now, cancellation);
            (told, last) = (told + page.Count, page[^1]);
        }
    }

    internal async Task ClockAsync(
        GovernanceDb db, Incident incident, IncidentClock clock, IReadOnlyList<Role> tell, string kind, string key, DateTimeOffset now, CancellationToken cancellation)
    {
        var due = TimeZoneInfo.ConvertTime(clock.DueAt, organisation.Zone).ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);
        var people = (await IncidentScope.HoldersAsync(db, [.. tell, Role.CoeLead], cancellation)).Select(p => p.Id.Value).Concat(incident.Roles.Select(r => r.PersonId));
        await SendAsync(
            db, incident, people, kind, kind == "incident-overdue" ? $"is late: {clock.Title}" : $"has to be notified: {clock.Title}", $"{clock.Notified}, by {due} {organisation.TimeZone}. {clock.Source}", key, now, cancellation);
    }

    private Task SendAsync(
        GovernanceDb db, Incident incident, IEnumerable<string> people, string kind, string what, string text, string key, DateTimeOffset now, CancellationToken cancellation) =>
        notices.SendAsync(
            db, [.. people.Distinct().Select(p => new Notice(new PersonId(p), kind, $"{incident.Key} {what}", text, $"/incidents/{incident.Key}", incident.UseCaseKeys.FirstOrDefault(), $"{incident.Key}/{key}"))],
            now, cancellation);

    private static string Running(int deadlines) => deadlines == 1 ? "1 deadline runs." : $"{deadlines} deadlines run.";

    private static string Words(Incident incident) =>
        $"{Intake.ProposalDiff.Spaced(incident.Category)}{(incident.UseCaseKeys.Count > 0 ? $", {string.Join(", ", incident.UseCaseKeys)}" : "")}";
}
