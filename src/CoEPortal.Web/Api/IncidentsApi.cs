using CoEPortal.Governance.Access;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Reports;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Incidents and what is followed beside them: deadlines, actions, messages, runbooks, evidence, the weekly review.</summary>
public static class IncidentsApi
{
    public sealed record ReportRequest(
        string? Title, string? Description, IncidentCategory? Category, IReadOnlyList<string>? UseCases, DateTimeOffset? OccurredAt, bool? PersonalData, int? PeopleAffected, string? GroupsAffected);

    public sealed record TriageRequest(
        IncidentSeverity Severity, IncidentCategory Category, IReadOnlyList<HarmKind>? Harms, IReadOnlyList<string>? UseCases, bool? PersonalData, RiskToPeople? RiskToPeople, bool? IsWidespread,
        int? PeopleAffected, string? GroupsAffected, DateTimeOffset? AwareAt);

    public sealed record NoteRequest(EntryKind Kind, DateTimeOffset? HappenedAt, string? Text, string? Evidence, string? EvidenceHash);

    public sealed record MoveRequest(IncidentState To, string? Reason);

    public sealed record RoleRequest(IncidentRoleKind Role, string Person, string? Note);

    public sealed record StopRequest(SwitchScope Scope, string? Target, SwitchMode? Mode, string? Reason, string? Message, string? Evidence, string? FallbackModel);

    public sealed record ClockRequest(ClockState State, string? Reason, string? Reference);

    public sealed record PostMortemRequest(string? WhatHappened, string? Causes, string? Lessons);

    public sealed record ActionRequest(string? Text, string Owner, DateOnly DueOn);

    public sealed record ActionMoveRequest(ActionState To, string? Note);

    public sealed record MessageRequest(string? Template, string? Subject, string? Body);

    public sealed record NoteOnlyRequest(string? Note);

    public sealed record LockRequest(string UseCase, DateTimeOffset? From, DateTimeOffset? Until);

    public sealed record LiftRequest(string UseCase, string? Reason);

    public sealed record RunbookRequest(string Runbook);

    public sealed record StepRequest(StepState State, string? Note);

    public sealed record RoleView(IncidentRoleKind Role, string Person, DateTimeOffset Since);

    public sealed record SwitchView(SwitchScope Scope, string Target, long Generation, DateTimeOffset EngagedAt, bool ByRule);

    public sealed record ClockView(
        Guid Id, string Rule, string RulesVersion, string Title, string Source, string Notifies, string Notified, DateTimeOffset StartedAt, DateTimeOffset DueAt, ClockState State, bool IsLate,
        DateTimeOffset? SettledAt, string? SettledBy, string Reason, string Reference);

    public sealed record ActionView(int Number, string Text, string Owner, DateOnly DueOn, ActionState State, string Note, DateTimeOffset? ClosedAt, string? ClosedBy);

    public sealed record MessageView(int Number, string Template, string Subject, string Body, MessageState State, string DraftedBy, string? DecidedBy, string Note, int? PeopleTold);

    public sealed record LockView(string UseCase, DateTimeOffset From, DateTimeOffset? Until, string ManifestHash, DateTimeOffset LockedAt, DateTimeOffset? LiftedAt);

    public sealed record StepView(string Runbook, int Number, string Text, DateTimeOffset? DueAt, StepState State, DateTimeOffset? SettledAt, string? SettledBy, string Note);

    /// <param name="FileType">Null unless the file is kept here, under <c>timeline/{number}/file</c>.</param>
    public sealed record EntryView(
        int Number, EntryKind Kind, DateTimeOffset HappenedAt, DateTimeOffset RecordedAt, string Author, string Text, string Evidence, string? EvidenceHash, string? FileType, int? FileLength);

    public sealed record IncidentView(
        string Key, string Title, string Description, IncidentCategory Category, IncidentSeverity? Severity, IncidentState State, IReadOnlyList<HarmKind> Harms, bool IsWidespread, bool? PersonalData,
        RiskToPeople RiskToPeople, int? PeopleAffected, string GroupsAffected, IReadOnlyList<string> UseCases, DateTimeOffset OccurredAt, DateTimeOffset DetectedAt, DateTimeOffset AwareAt,
        DateTimeOffset ReportedAt, string ReportedBy, DateTimeOffset? ContainedAt, DateTimeOffset? ResolvedAt, DateTimeOffset? ClosedAt, string WhatHappened, string Causes, string Lessons, int Version,
        IReadOnlyList<RoleView> Roles, IReadOnlyList<SwitchView> Switches, IReadOnlyList<ClockView> Clocks, IReadOnlyList<ActionView> Actions, IReadOnlyList<MessageView> Messages,
        IReadOnlyList<LockView> Locks, IReadOnlyList<StepView> Steps, IReadOnlyList<string> LeftBeforeClosing);

    public static void MapIncidents(this RouteGroupBuilder api)
    {
        var incidents = api.MapGroup("/incidents").WithTags("Incidents");
        incidents.MapGet("/", ListAsync).WithSummary("Incidents that you may know of");
        incidents.MapPost("/", ReportAsync).WithSummary("Report an incident; a title is enough").IsIdempotent();
        incidents.MapGet("/statistics", async (HttpContext http, OperationsReviews reviews, DateTimeOffset from, DateTimeOffset to) =>
        {
            var f = await reviews.FiguresAsync(from, to, await http.ActorAsync(), http.RequestAborted);
            return new
            {
                f.Reported,
                f.Severe,
                f.Resolved,
                f.UnderWay,
                SecondsToDetect = f.ToDetect?.TotalSeconds,
                SecondsToContain = f.ToContain?.TotalSeconds,
                SecondsToResolve = f.ToResolve?.TotalSeconds,
                f.ClocksInTime,
                f.ClocksLate,
                f.ClocksRunning,
                f.OpenActions,
                f.OverdueActions,
                Categories = f.Categories.Select(c => new { c.Category, c.Count }),
            };
        }).WithSummary("How many, how bad, how fast, between two instants");
        incidents.MapGet("/reviews/{week}", async (HttpContext http, string week, OperationsReviews reviews) =>
        {
            var s = await reviews.OfAsync(week, await http.ActorAsync(), http.RequestAborted);
            return new { s.Week, s.FirstDay, Incident = s.Incident?.Key, s.IsOfThisWeek, s.Risk, HeldBy = s.Held?.HeldByName, s.Held?.HeldAt, s.Held?.Note };
        }).WithSummary("The weekly operations review: one resolved incident, one unresolved risk");
        incidents.MapPost("/reviews/{week}", async (HttpContext http, string week, NoteOnlyRequest request, HoldOperationsReview hold) =>
        {
            var held = await hold.RunAsync(week, request.Note ?? "", await http.ActorAsync(), http.RequestAborted);
            return Results.Created($"/api/v1/incidents/reviews/{week}", new { held.Week, Incident = held.IncidentKey, held.RiskKind, held.RiskThing, held.Note, HeldBy = held.HeldByName, held.HeldAt });
        }).WithSummary("Hold the weekly review").IsIdempotent();

        var one = incidents.MapGroup("/{key}");
        one.MapGet("/", async (HttpContext http, string key, IncidentSheets sheets) => await ViewAsync(http, key, sheets)).WithSummary("One incident with all that is followed beside it; ETag is its version");
        one.MapGet("/timeline", async (HttpContext http, string key, IncidentSheets sheets, int page = 1, int size = 30) =>
        {
            var timeline = (await sheets.OfAsync(key, await http.ActorAsync(), page, size, http.RequestAborted)).Timeline;
            return new UseCasesApi.Listed<EntryView>(
                [.. timeline.Items.Select(e => new EntryView(e.Number, e.Kind, e.HappenedAt, e.RecordedAt, e.AuthorName, e.Text, e.Evidence, e.EvidenceHash, e.FileType, e.FileLength))], timeline.Total, timeline.Number, timeline.Size);
        }).WithSummary("What happened, newest first");
        one.MapPost("/timeline", Change<NoteRequest, HandleIncident>((handle, key, r, by, _, c) => handle.NoteAsync(key, r.Kind, r.HappenedAt, r.Text ?? "", r.Evidence ?? "", r.EvidenceHash, by, c)))
            .WithSummary("Add to the timeline").IsIdempotent();
        one.MapFiles();
        one.MapPut("/triage", Change<TriageRequest, TriageIncident>((triage, key, r, by, version, c) => triage.RunAsync(
            key, new IncidentTriage(r.Severity, r.Category, r.Harms ?? [], r.UseCases ?? [], r.PersonalData, r.RiskToPeople ?? default, r.IsWidespread ?? false, r.PeopleAffected, r.GroupsAffected ?? "", r.AwareAt), by, version, c), true))
            .WithSummary("Say how bad it is; If-Match carries the version you saw");
        one.MapPost("/state", Change<MoveRequest, MoveIncident>((move, key, r, by, version, c) => move.RunAsync(key, r.To, r.Reason ?? "", by, version, c))).WithSummary("Contain, resolve, close, dismiss or open again");
        one.MapPut("/roles", Change<RoleRequest, HandleIncident>((handle, key, r, by, version, c) => handle.GiveRoleAsync(key, r.Role, new PersonId(r.Person), r.Note ?? "", by, version, c), true)).WithSummary("Name somebody for a role, or hand it over");
        one.MapPost("/stop", StopAsync).WithSummary("Engage a switch from the incident");
        one.MapPost("/switches", Change<StopRequest, StopFromIncident>((stop, key, r, by, _, c) => stop.LinkAsync(key, r.Scope, r.Target ?? "", by, c))).WithSummary("Link a stop that was made before");
        one.MapPost("/clocks/{clock:guid}", async (HttpContext http, string key, Guid clock, ClockRequest r, HandleIncident handle, IncidentSheets sheets) =>
        {
            await handle.SettleClockAsync(key, clock, r.State, r.Reason ?? "", r.Reference ?? "", await http.ActorAsync(), http.VersionSeen(), http.RequestAborted);
            return await ViewAsync(http, key, sheets);
        }).WithSummary("Settle a deadline: done with a reference, or not required with a reason");
        one.MapGet("/clocks/{clock:guid}/draft", async (HttpContext http, string key, Guid clock, IncidentSheets sheets) =>
            Results.Text(await sheets.DraftAsync(key, clock, await http.ActorAsync(), http.RequestAborted), "text/plain; charset=utf-8")).WithSummary("The notification, drafted from the record");
        one.MapPut("/post-mortem", Change<PostMortemRequest, HandleIncident>((handle, key, r, by, version, c) => handle.WritePostMortemAsync(key, r.WhatHappened ?? "", r.Causes ?? "", r.Lessons ?? "", by, version, c), true))
            .WithSummary("Write the post-mortem; If-Match carries the version you saw");
        one.MapPost("/actions", Change<ActionRequest, SeeToIncidentAction>((see, key, r, by, version, c) => see.OpenAsync(key, r.Text ?? "", new PersonId(r.Owner), r.DueOn, by, version, c))).WithSummary("Open an action").IsIdempotent();
        one.MapPost("/actions/{number:int}", async (HttpContext http, string key, int number, ActionMoveRequest r, SeeToIncidentAction see, IncidentSheets sheets) =>
        {
            await see.MoveAsync(key, number, r.To, r.Note ?? "", await http.ActorAsync(), http.VersionSeen(), http.RequestAborted);
            return await ViewAsync(http, key, sheets);
        }).WithSummary("Done, verified by another person, sent back or dropped");
        one.MapPost("/messages", Change<MessageRequest, TellAffected>((tell, key, r, by, version, c) => tell.DraftAsync(key, r.Template ?? "", r.Subject ?? "", r.Body ?? "", by, version, c))).WithSummary("Draft a message to affected people").IsIdempotent();
        one.MapPost("/messages/{number:int}/approve", async (HttpContext http, string key, int number, NoteOnlyRequest r, TellAffected tell, IncidentSheets sheets) =>
        {
            await tell.ApproveAsync(key, number, r.Note ?? "", await http.ActorAsync(), http.VersionSeen(), http.RequestAborted);
            return await ViewAsync(http, key, sheets);
        }).WithSummary("Approve what another person wrote, and send it");
        one.MapPost("/messages/{number:int}/refuse", async (HttpContext http, string key, int number, NoteOnlyRequest r, TellAffected tell, IncidentSheets sheets) =>
        {
            await tell.RefuseAsync(key, number, r.Note ?? "", await http.ActorAsync(), http.VersionSeen(), http.RequestAborted);
            return await ViewAsync(http, key, sheets);
        }).WithSummary("Do not send it");
        one.MapPost("/locks", Change<LockRequest, HandleIncident>((handle, key, r, by, version, c) => handle.LockAsync(key, r.UseCase, r.From, r.Until, by, version, c))).WithSummary("Lock the evidence of a use case");
        one.MapPost("/locks/lift", Change<LiftRequest, HandleIncident>((handle, key, r, by, _, c) => handle.LiftLockAsync(key, r.UseCase, r.Reason ?? "", by, c))).WithSummary("Lift a lock after the end, by another person");
        one.MapPost("/runbooks", Change<RunbookRequest, HandleIncident>((handle, key, r, by, _, c) => handle.StartRunbookAsync(key, r.Runbook, by, c))).WithSummary("Start a runbook");
        one.MapPost("/runbooks/{runbook}/{number:int}", async (HttpContext http, string key, string runbook, int number, StepRequest r, HandleIncident handle, IncidentSheets sheets) =>
        {
            await handle.SettleStepAsync(key, runbook, number, r.State, r.Note ?? "", await http.ActorAsync(), http.RequestAborted);
            return await ViewAsync(http, key, sheets);
        }).WithSummary("A step is done, or skipped with the reason");
        one.MapPost("/audit-pack", async (HttpContext http, string key, RequestAuditPack request, Paper paper = Paper.A4) =>
        {
            var job = await request.RunAsync(new IncidentSubject(key), paper, await http.ActorAsync(), http.RequestAborted);
            return Results.Accepted($"/api/v1/audit-packs/{job}", new { id = job });
        }).WithSummary("Ask for the PDF of the incident; 202 with the place to look");
        api.MapGet("/runbooks", (Runbooks runbooks) => runbooks.All).WithTags("Incidents").WithSummary("Runbooks that can be started");
        api.MapGet("/clock-rules/refused", async (HttpContext http, PublishClockRules rules) =>
        {
            AccessPolicy.Demand(await http.ActorAsync(), Permission.ReadIncidents);
            return rules.Refused;
        }).WithTags("Incidents").WithSummary("Files of clock rules that are not in force, and why");
    }

    private static async Task<UseCasesApi.Listed<IncidentRow>> ListAsync(
        HttpContext http, IncidentList list, Word<IncidentState>? state, Word<IncidentSeverity>? severity, Word<IncidentCategory>? category, string? useCase, string? search, Word<IncidentSort>? sort,
        bool open = false, bool mine = false, int page = 1, int size = 20) =>
        UseCasesApi.Listing(await list.PageAsync(
            new IncidentFilter(state?.Value, severity?.Value, category?.Value, useCase, open, mine, search), await http.ActorAsync(), sort?.Value ?? default, page, size, http.RequestAborted));

    private static async Task<IResult> ReportAsync(HttpContext http, ReportRequest r, ReportIncident report, IncidentSheets sheets)
    {
        var incident = await report.RunAsync(
            new IncidentReport(r.Title ?? "", r.Description ?? "", r.Category ?? IncidentCategory.Other, r.UseCases, r.OccurredAt, r.PersonalData, r.PeopleAffected, r.GroupsAffected ?? ""), await http.ActorAsync(), http.RequestAborted);
        return Results.Created($"/api/v1/incidents/{incident.Key}", await ViewAsync(http, incident.Key, sheets));
    }

    private static async Task<IncidentView> StopAsync(HttpContext http, string key, StopRequest r, StopFromIncident stop, IncidentSheets sheets)
    {
        await stop.RunAsync(
            key, r.Scope, r.Target ?? "", new Engagement(r.Mode ?? SwitchMode.Stop, r.Reason ?? "", r.Message ?? "", r.Evidence ?? "", r.FallbackModel), await http.ActorAsync(), http.RequestAborted);
        return await ViewAsync(http, key, sheets);
    }

    /// <summary>A change of an incident by a use case; answers with the incident as it is then.</summary>
    private static Func<HttpContext, string, TRequest, TUseCase, IncidentSheets, Task<IncidentView>> Change<TRequest, TUseCase>(
        Func<TUseCase, string, TRequest, Actor, int?, CancellationToken, Task> run, bool needsVersion = false) =>
        async (http, key, request, useCase, sheets) =>
        {
            var version = http.VersionSeen();
            Refuse.If(needsVersion && version is null, "if-match-required", "Send If-Match with the ETag of the incident as you saw it, so that nobody's work is overwritten.");
            await run(useCase, key, request, await http.ActorAsync(), version, http.RequestAborted);
            return await ViewAsync(http, key, sheets);
        };

    private static async Task<IncidentView> ViewAsync(HttpContext http, string key, IncidentSheets sheets)
    {
        var sheet = await sheets.OfAsync(key, await http.ActorAsync(), size: 1, cancellation: http.RequestAborted);
        var i = sheet.Incident;
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        http.Response.Headers.ETag = FormattableString.Invariant($"\"{i.Version}\"");
        return new IncidentView(
            i.Key, i.Title, i.Description, i.Category, i.Severity, i.State, i.Harms, i.IsWidespread, i.PersonalData, i.RiskToPeople, i.PeopleAffected, i.GroupsAffected, i.UseCaseKeys, i.OccurredAt,
            i.DetectedAt, i.AwareAt, i.ReportedAt, i.ReportedByName, i.ContainedAt, i.ResolvedAt, i.ClosedAt, i.WhatHappened, i.Causes, i.Lessons, i.Version,
            [.. i.Roles.OrderBy(r => r.Role).Select(r => new RoleView(r.Role, r.PersonName, r.Since))],
            [.. i.Switches.OrderBy(s => s.EngagedAt).Select(s => new SwitchView(s.Scope, s.Target, s.Generation, s.EngagedAt, s.ByRule))],
            [.. i.Clocks.OrderBy(c => c.DueAt).Select(c => new ClockView(c.Id, c.RuleId, c.RulesVersion, c.Title, c.Source, c.Notifies, c.Notified, c.StartedAt, c.DueAt, c.State, c.IsLate(now), c.SettledAt, c.SettledByName, c.Reason, c.Reference))],
            [.. i.Actions.OrderBy(a => a.Number).Select(a => new ActionView(a.Number, a.Text, a.OwnerName, a.DueOn, a.State, a.Note, a.ClosedAt, a.ClosedByName))],
            [.. i.Messages.OrderBy(m => m.Number).Select(m => new MessageView(m.Number, m.Template, m.Subject, m.Body, m.State, m.DraftedByName, m.DecidedByName, m.Note, m.PeopleTold))],
            [.. i.Locks.OrderBy(l => l.LockedAt).Select(l => new LockView(l.UseCaseKey, l.FromAt, l.UntilAt, l.ManifestHash, l.LockedAt, l.LiftedAt))],
            [.. i.Steps.OrderBy(s => s.StartedAt).ThenBy(s => s.Runbook).ThenBy(s => s.Number).Select(s => new StepView(s.Runbook, s.Number, s.Text, s.DueAt, s.State, s.SettledAt, s.SettledByName, s.Note))],
            i.WhatIsLeft);
    }
}
