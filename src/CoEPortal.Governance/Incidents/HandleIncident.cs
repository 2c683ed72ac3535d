using CoEPortal.Governance.Access;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Incidents;

/// <summary>What is written and settled while an incident is handled: its timeline, roles, clocks, post-mortem, locks and runbooks.</summary>
public sealed class HandleIncident(IDbContextFactory<GovernanceDb> databases, IncidentNotices notices, Runbooks runbooks, TimeProvider clock)
{
    /// <param name="kind">One that people write.</param>
    /// <param name="happenedAt">Null is now.</param>
    /// <param name="evidence">A link, the id of a call, or where it lies.</param>
    /// <param name="evidenceHash">Of the file that it is, as <c>sha256:…</c>.</param>
    public Task<Incident> NoteAsync(
        string key, EntryKind kind, DateTimeOffset? happenedAt, string text, string evidence, string? evidenceHash, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(key, by, null, (_, incident, now) =>
        {
            incident.Note(kind, happenedAt ?? now, text, evidence.Trim(), evidenceHash, by, now);
            return Task.CompletedTask;
        }, cancellation);

    /// <summary>A line of the timeline with the file that is its evidence.</summary>
    public Task<Incident> AttachAsync(string key, EntryKind kind, DateTimeOffset? happenedAt, string text, UploadedFile file, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(key, by, null, async (db, incident, now) =>
        {
            var kept = await db.Set<IncidentEntry>().Where(e => e.IncidentId == incident.Id).SumAsync(e => (long)(e.FileLength ?? 0), cancellation);
            Refuse.If(kept + file.Content.Length > IncidentFile.MostBytes, "files-full", $"The files of an incident have at most {IncidentFile.MostBytes / 1024 / 1024} MB together. Keep this one where it is and give its link and SHA-256.");
            var entry = incident.Note(kind, happenedAt ?? now, text, file.KeysTaken ? $"{file.Name} (keys were taken out)" : file.Name, file.Hash, by, now, file);
            db.IncidentFiles.Add(new IncidentFile { EntryId = entry.Id, Content = file.Content });
        }, cancellation);

    /// <param name="note">What the next person has to know; needed when somebody had the role.</param>
    public Task<Incident> GiveRoleAsync(string key, IncidentRoleKind role, PersonId person, string note, Actor by, int? version = null, CancellationToken cancellation = default) =>
        ChangeAsync(key, by, version, async (db, incident, now) =>
        {
            var named = await IncidentScope.PersonAsync(db, person, cancellation);
            Refuse.If(!AccessPolicy.Allows(named, Permission.HandleIncidents, await IncidentScope.SubjectAsync(db, incident, named, cancellation)),
                "person-cannot", $"{named.Name} may not handle this incident. Choose somebody of Security, Risk, Privacy, Legal, an operator of its unit or a CoE lead.");
            incident.GiveRole(role, named, note, by, now);
            await notices.RoleGivenAsync(db, incident, role, person.Value, now, cancellation);
        }, cancellation);

    public Task<Incident> SettleClockAsync(
        string key, Guid clockId, ClockState state, string reason, string reference, Actor by, int? version = null, CancellationToken cancellation = default) =>
        ChangeAsync(key, by, version, (_, incident, now) =>
        {
            incident.SettleClock(clockId, state, reason, reference, by, now);
            return Task.CompletedTask;
        }, cancellation);

    public Task<Incident> WritePostMortemAsync(
        string key, string whatHappened, string causes, string lessons, Actor by, int? version = null, CancellationToken cancellation = default) =>
        ChangeAsync(key, by, version, (_, incident, now) =>
        {
            incident.WritePostMortem(whatHappened, causes, lessons, by, now);
            return Task.CompletedTask;
        }, cancellation);

    /// <param name="from">Null: a week before it occurred.</param>
    /// <param name="until">Null: what still comes in is kept too.</param>
    public Task<Incident> LockAsync(
        string key, string useCase, DateTimeOffset? from, DateTimeOffset? until, Actor by, int? version = null, CancellationToken cancellation = default) =>
        ChangeAsync(key, by, version, async (db, incident, now) =>
        {
            var start = (from ?? incident.OccurredAt - TriageIncident.LookBack).ToUniversalTime();
            Refuse.If(start > incident.OccurredAt || start < incident.OccurredAt.AddYears(-2), "window-out-of-range", "The window begins before the incident occurred, at most two years.");
            incident.Lock(useCase, start, until, await EvidenceManifest.OfAsync(db, useCase, start, until?.ToUniversalTime(), now, cancellation), by, now);
        }, cancellation);

    public Task<Incident> LiftLockAsync(string key, string useCase, string reason, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(key, by, null, (_, incident, now) =>
        {
            AccessPolicy.Demand(by, Permission.HoldRecords);
            incident.LiftLock(useCase, reason, by, now);
            return Task.CompletedTask;
        }, cancellation);

    public Task<Incident> StartRunbookAsync(string key, string runbook, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(key, by, null, (_, incident, now) =>
        {
            incident.Start(runbooks.All.FirstOrDefault(r => r.Name == runbook) ?? throw new NotFoundException("runbook", runbook), by, now);
            return Task.CompletedTask;
        }, cancellation);

    public Task<Incident> SettleStepAsync(string key, string runbook, int number, StepState to, string note, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(key, by, null, (_, incident, now) =>
        {
            incident.SettleStep(runbook, number, to, note, by, now);
            return Task.CompletedTask;
        }, cancellation);

    private async Task<Incident> ChangeAsync(string key, Actor by, int? version, Func<GovernanceDb, Incident, DateTimeOffset, Task> change, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var incident = await IncidentScope.LockedAsync(db, key, by, Permission.HandleIncidents, version, cancellation);
        await change(db, incident, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return incident;
    }
}
