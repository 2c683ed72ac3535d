using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Incidents;

/// <summary>Tells the people of the use cases what they have to know: one person writes it, another approves it, then it is sent.</summary>
public sealed class TellAffected(IDbContextFactory<GovernanceDb> databases, IncidentNotices notices, Runbooks templates, Organisation organisation, TimeProvider clock)
{
    /// <summary>A template filled from the record, to be read and changed before it is drafted.</summary>
    public async Task<(string Subject, string Body)> FillAsync(string key, string template, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var incident = await IncidentScope.WithParts(IncidentScope.Visible(db, by)).SingleOrDefaultAsync(i => i.Key == key, cancellation) ?? throw new NotFoundException("incident", key);
        var chosen = templates.Messages.FirstOrDefault(t => t.Name == template) ?? throw new NotFoundException("message template", template);
        var useCases = await IncidentScope.UseCasesAsync(db, incident, cancellation);
        string Filled(string text) => NotificationDraft.Of(text, incident, null, useCases, [], organisation);
        return (Filled(chosen.Subject), Filled(chosen.Body));
    }

    public Task<Incident> DraftAsync(string key, string template, string subject, string body, Actor by, int? version = null, CancellationToken cancellation = default) =>
        ChangeAsync(key, by, Permission.HandleIncidents, version, async (db, incident, now) =>
        {
            Refuse.If(template.Length > 0 && templates.Messages.All(t => t.Name != template), "no-such-template", "There is no such template. Choose one of the list, or none.");
            await notices.MessageWaitsAsync(db, incident, incident.Draft(template, subject, body, by, now), now, cancellation);
        }, cancellation);

    public Task<Incident> ApproveAsync(string key, int number, string note, Actor by, int? version = null, CancellationToken cancellation = default) =>
        ChangeAsync(key, by, Permission.ApproveIncidentMessages, version, async (db, incident, now) =>
        {
            var message = incident.Messages.FirstOrDefault(m => m.Number == number) ?? throw new NotFoundException("message", $"{key} {number}");
            Refuse.If(message.DraftedBy == by.Id.Value, "own-message", "You wrote this message, so somebody else approves it: Legal, Privacy, Brand or a CoE lead.");
            var told = message.State is MessageState.Waiting ? await notices.AffectedAsync(db, incident, message, now, cancellation) : 0;
            incident.Decide(number, MessageState.Sent, note, told, by, now);
        }, cancellation);

    public Task<Incident> RefuseAsync(string key, int number, string reason, Actor by, int? version = null, CancellationToken cancellation = default) =>
        ChangeAsync(key, by, Permission.ApproveIncidentMessages, version, (_, incident, now) =>
        {
            incident.Decide(number, MessageState.Refused, reason, null, by, now);
            return Task.CompletedTask;
        }, cancellation);

    private async Task<Incident> ChangeAsync(
        string key, Actor by, Permission permission, int? version, Func<GovernanceDb, Incident, DateTimeOffset, Task> change, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var incident = await IncidentScope.LockedAsync(db, key, by, permission, version, cancellation);
        await change(db, incident, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return incident;
    }
}
