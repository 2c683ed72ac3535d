using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Governance.Incidents;

/// <summary>
/// Something that went wrong with a use of AI. Its timeline is only added to, and it is closed only when its causes are written,
/// its actions verified, its clocks settled and its messages decided.
/// </summary>
public sealed partial class Incident : Aggregate
{
    public const int ReasonLength = 2000;

    private readonly List<IncidentRole> _roles = [];
    private readonly List<IncidentEntry> _entries = [];
    private readonly List<IncidentSwitch> _switches = [];
    private readonly List<IncidentClock> _clocks = [];
    private readonly List<IncidentAction> _actions = [];
    private readonly List<IncidentMessage> _messages = [];
    private readonly List<EvidenceLock> _locks = [];
    private readonly List<RunbookStep> _steps = [];

    private Incident()
    {
    }

    public Guid Id { get; private init; }

    /// <summary>The name people use, e.g. <c>INC-0001</c>. Never reused.</summary>
    public string Key { get; private init; } = "";

    public string Title { get; private set; } = "";

    public string Description { get; private set; } = "";

    public IncidentCategory Category { get; private set; }

    /// <summary>Null until somebody has triaged it.</summary>
    public IncidentSeverity? Severity { get; private set; }

    public IncidentState State { get; private set; }

    public List<HarmKind> Harms { get; private set; } = [];

    public bool IsWidespread { get; private set; }

    /// <summary>Null while nobody knows.</summary>
    public bool? PersonalData { get; private set; }

    public RiskToPeople RiskToPeople { get; private set; }

    public int? PeopleAffected { get; private set; }

    public string GroupsAffected { get; private set; } = "";

    /// <summary>The first is the one on whose timeline the incident stands.</summary>
    public List<string> UseCaseKeys { get; private set; } = [];

    public DateTimeOffset OccurredAt { get; private set; }

    public DateTimeOffset DetectedAt { get; private set; }

    /// <summary>When somebody of the organisation knew: from here the clocks run.</summary>
    public DateTimeOffset AwareAt { get; private set; }

    public DateTimeOffset ReportedAt { get; private init; }

    public string ReportedBy { get; private init; } = "";

    public string ReportedByName { get; private init; } = "";

    public DateTimeOffset? TriagedAt { get; private set; }

    public DateTimeOffset? ContainedAt { get; private set; }

    public DateTimeOffset? ResolvedAt { get; private set; }

    public DateTimeOffset? ClosedAt { get; private set; }

    public string WhatHappened { get; private set; } = "";

    public string Causes { get; private set; } = "";

    public string Lessons { get; private set; } = "";

    public string? PostMortemBy { get; private set; }

    public string? PostMortemByName { get; private set; }

    public DateTimeOffset? PostMortemAt { get; private set; }

    public int EntryCount { get; private set; }

    public IReadOnlyList<IncidentRole> Roles => _roles;

    public IReadOnlyList<IncidentSwitch> Switches => _switches;

    public IReadOnlyList<IncidentClock> Clocks => _clocks;

    public IReadOnlyList<IncidentAction> Actions => _actions;

    public IReadOnlyList<IncidentMessage> Messages => _messages;

    public IReadOnlyList<EvidenceLock> Locks => _locks;

    public IReadOnlyList<RunbookStep> Steps => _steps;

    public bool IsSevere => Severity is IncidentSeverity.Serious or IncidentSeverity.Critical;

    public bool IsUnderWay => State is IncidentState.Reported or IncidentState.Open or IncidentState.Contained;

    /// <summary>As the kill criterion of an approved one-pager means it: bad, and not resolved.</summary>
    public bool IsOpenAndSevere => IsSevere && State is (IncidentState.Open or IncidentState.Contained);

    public override (string Type, string Key) AuditSubject => ("incident", Key);

    private string? UseCase => UseCaseKeys.Count > 0 ? UseCaseKeys[0] : null;

    internal static Incident Report(string key, IncidentReport report, Actor by, DateTimeOffset now)
    {
        report = report.Checked(now);
        var incident = new Incident
        {
            Id = Guid.CreateVersion7(now),
            Key = key,
            Title = report.Title,
            Description = report.Description,
            Category = report.Category,
            State = IncidentState.Reported,
            PersonalData = report.PersonalData,
            PeopleAffected = report.PeopleAffected,
            GroupsAffected = report.GroupsAffected,
            UseCaseKeys = [.. report.UseCaseKeys!],
            OccurredAt = report.OccurredAt!.Value,
            DetectedAt = now,
            AwareAt = now,
            ReportedAt = now,
            ReportedBy = by.Id.Value,
            ReportedByName = by.Name,
        };
        incident.Record(new IncidentReported(key, incident.UseCase, incident.Title, incident.Category, [.. incident.UseCaseKeys], incident.OccurredAt, by, now));
        incident.Enter(EntryKind.Reported, incident.Title, by, now);
        return incident;
    }

    /// <summary>Says how bad it is; again when more is known. What the organisation knew first, and when, is never made younger silently: it is an event.</summary>
    internal void Triage(IncidentTriage triage, Actor by, DateTimeOffset now)
    {
        DemandNotOver();
        triage = triage.Checked(this, now);
        Refuse.If(UseCase is { } first && !triage.UseCaseKeys.Contains(first), "first-use-case", $"{UseCase} was named first and stays: the incident stands on its timeline. Add others beside it.");
        (Severity, Category, Harms, IsWidespread) = (triage.Severity, triage.Category, [.. triage.Harms], triage.IsWidespread);
        (PersonalData, RiskToPeople, PeopleAffected, GroupsAffected) = (triage.PersonalData, triage.RiskToPeople, triage.PeopleAffected, triage.GroupsAffected);
        UseCaseKeys = [.. UseCaseKeys.Take(1).Union(triage.UseCaseKeys)];
        AwareAt = triage.AwareAt ?? AwareAt;
        TriagedAt ??= now;
        State = State is IncidentState.Reported ? IncidentState.Open : State;
        Record(new IncidentTriaged(Key, UseCase, triage.Severity, Category, Harms, [.. UseCaseKeys], PersonalData, RiskToPeople, IsWidespread, PeopleAffected, AwareAt, by, now));
        Enter(EntryKind.Triaged, $"{triage.Severity}, {Category}{(Harms.Count > 0 ? $"; harm: {string.Join(", ", Harms)}" : "")}; aware since {AwareAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC", by, now);
    }

    /// <summary>Somebody writes down what they saw, found, did or decided.</summary>
    /// <param name="file">What is kept as evidence; its name and hash are then those of the line.</param>
    internal IncidentEntry Note(EntryKind kind, DateTimeOffset happenedAt, string text, string evidence, string? evidenceHash, Actor by, DateTimeOffset now, UploadedFile? file = null)
    {
        Refuse.If(kind > EntryKind.Evidence, "kind-not-written", "People write observations, detections, mitigations, decisions, communications and evidence; the rest writes itself.");
        Refuse.If(string.IsNullOrWhiteSpace(text), "text-required", "Say what was seen, found, done or decided.");
        Refuse.If(text.Length > IncidentEntry.TextLength, "text-too-long", $"Write at most {IncidentEntry.TextLength:N0} characters.");
        Refuse.If(evidence.Length > IncidentEntry.EvidenceLength, "evidence-too-long", $"Name where the evidence lies in at most {IncidentEntry.EvidenceLength:N0} characters.");
        Refuse.If(happenedAt > now.AddMinutes(1), "happened-in-the-future", "That lies in the future. Say when it happened.");
        Refuse.If(happenedAt < OccurredAt.AddDays(-3650), "happened-too-early", "That is more than ten years before the incident. Check the date.");
        Refuse.If(evidenceHash is not null && !Hash().IsMatch(evidenceHash), "hash-unusable", "The hash of a file is written sha256: and 64 hexadecimal digits.");
        Refuse.If(kind is EntryKind.Evidence && evidence.Length == 0, "evidence-required", "Name where the evidence lies, e.g. a link or the id of a call.");
        DemandRoom();
        var entry = Enter(kind, Redaction.Of(text), by, now, happenedAt, Redaction.Of(evidence), evidenceHash, file);
        Record(new IncidentNoted(Key, UseCase, entry.Number, kind, entry.HappenedAt, entry.Text, entry.Evidence, evidenceHash, by, now));
        return entry;
    }

    internal void Move(IncidentState to, string reason, Actor by, DateTimeOffset now)
    {
        var allowed = (State, to) switch
        {
            (IncidentState.Open, IncidentState.Contained or IncidentState.Resolved or IncidentState.Dismissed) => true,
            (IncidentState.Reported, IncidentState.Dismissed) => true,
            (IncidentState.Contained, IncidentState.Resolved or IncidentState.Open) => true,
            (IncidentState.Resolved, IncidentState.Closed or IncidentState.Open) => true,
            (IncidentState.Dismissed, IncidentState.Reported) => true,
            _ => false,
        };
        Refuse.If(!allowed, "no-such-step", $"{Key} is {State.ToString().ToLowerInvariant()}; from there it does not become {to.ToString().ToLowerInvariant()}.");
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", to is IncidentState.Dismissed ? "Say why it is no incident." : "Say in a sentence what shows it.");
        Refuse.If(reason.Length > ReasonLength, "reason-too-long", $"Write at most {ReasonLength:N0} characters.");
        if (to is IncidentState.Closed && WhatIsLeft is { Count: > 0 } left)
        {
            throw new RuleViolationException("not-ready-to-close", $"{Key} cannot be closed yet. {string.Join(" ", left)}");
        }

        Refuse.If(to is IncidentState.Dismissed && _clocks.Exists(c => c.State is ClockState.Running), "clocks-run", "Deadlines run for it. Settle each first, with the reason why nobody has to be told.");
        var from = State;
        State = to;
        ContainedAt = to is IncidentState.Contained ? now : to is IncidentState.Open ? null : ContainedAt;
        ResolvedAt = to is IncidentState.Resolved ? now : to is IncidentState.Closed ? ResolvedAt : null;
        ClosedAt = to is IncidentState.Closed ? now : null;
        Record(new IncidentMoved(Key, UseCase, from, to, Redaction.Of(reason), by, now));
        Enter(EntryKind.StateChanged, $"{from} → {to}: {Redaction.Of(reason)}", by, now);
    }

    /// <summary>What stands against closing it, as sentences; nothing when it can be closed.</summary>
    public IReadOnlyList<string> WhatIsLeft =>
    [
        .. string.IsNullOrWhiteSpace(Causes) ? ["Write the post-mortem with its causes."] : Array.Empty<string>(),
        .. _actions.Where(a => !a.IsClosed).OrderBy(a => a.Number).Select(a => $"Action A{a.Number} of {a.OwnerName} is {(a.State is ActionState.Done ? "done but not verified by another person" : "open")}."),
        .. _clocks.Where(c => c.State is ClockState.Running).OrderBy(c => c.DueAt).Select(c => $"The deadline “{c.Title}” is not settled."),
        .. _messages.Where(m => m.State is MessageState.Waiting).OrderBy(m => m.Number).Select(m => $"Message {m.Number} waits for approval."),
    ];

    internal void GiveRole(IncidentRoleKind role, Actor person, string note, Actor by, DateTimeOffset now)
    {
        DemandNotOver();
        Refuse.If(note.Length > ReasonLength, "text-too-long", $"Write at most {ReasonLength:N0} characters.");
        var held = _roles.Find(r => r.Role == role);
        Refuse.If(held?.PersonId == person.Id.Value, "has-the-role", $"{person.Name} is {role.ToString().ToLowerInvariant()} already.");
        Refuse.If(held is not null && string.IsNullOrWhiteSpace(note), "hand-over-required", $"Say what {person.Name} has to know: what is done, what is open, what comes next.");
        var (fromId, fromName) = (held?.PersonId, held?.PersonName);
        if (held is null)
        {
            _roles.Add(new IncidentRole { IncidentId = Id, Role = role, PersonId = person.Id.Value, PersonName = person.Name, Since = now });
        }
        else
        {
            (held.PersonId, held.PersonName, held.Since) = (person.Id.Value, person.Name, now);
        }

        note = Redaction.Of(note);
        Record(new IncidentRoleGiven(Key, UseCase, role, person.Id.Value, person.Name, fromId, fromName, note, by, now));
        Enter(EntryKind.RoleGiven, note.Length > 0 ? $"{role} handed over: {note}" : $"{role} named", by, now);
    }

    internal void Link(KillSwitch killSwitch, Actor by, DateTimeOffset now)
    {
        var engagedAt = killSwitch.EngagedAt!.Value;
        Refuse.If(_switches.Exists(s => s.SwitchId == killSwitch.Id && s.EngagedAt == engagedAt), "already-linked", "This stop is linked already.");
        _switches.Add(new IncidentSwitch
        {
            SwitchId = killSwitch.Id,
            EngagedAt = engagedAt,
            IncidentId = Id,
            Scope = killSwitch.Scope,
            Target = killSwitch.Target,
            Generation = killSwitch.Generation,
            ByRule = killSwitch.EngagedByRule,
        });
        killSwitch.BelongTo(Key);
        Record(new IncidentSwitchLinked(Key, UseCase, killSwitch.Scope, killSwitch.Target, killSwitch.Generation, killSwitch.EngagedByRule, engagedAt, by, now));
        Enter(EntryKind.SwitchEngaged, $"Switch of {(killSwitch.Scope is SwitchScope.All ? "everything" : killSwitch.Target)} engaged{(killSwitch.EngagedByRule ? " by a rule" : "")}, generation {killSwitch.Generation}", by, now, engagedAt < now ? engagedAt : now);
    }

    internal void WritePostMortem(string whatHappened, string causes, string lessons, Actor by, DateTimeOffset now)
    {
        Refuse.If(State is not (IncidentState.Contained or IncidentState.Resolved or IncidentState.Open), "not-the-time", State is IncidentState.Reported ? "Triage it first." : $"{Key} is {State.ToString().ToLowerInvariant()}. Open it again to write on it.");
        Refuse.If(string.IsNullOrWhiteSpace(causes), "causes-required", "Write at least one cause: why could this happen, and why was it not seen earlier?");
        Refuse.If(whatHappened.Length > IncidentReport.TextLength || causes.Length > IncidentReport.TextLength || lessons.Length > IncidentReport.TextLength, "text-too-long", $"Write at most {IncidentReport.TextLength:N0} characters in each field.");
        (WhatHappened, Causes, Lessons) = (Redaction.Of(whatHappened), Redaction.Of(causes), Redaction.Of(lessons));
        (PostMortemBy, PostMortemByName, PostMortemAt) = (by.Id.Value, by.Name, now);
        Record(new PostMortemWritten(Key, UseCase, Causes, by, now));
        Enter(EntryKind.PostMortem, "Post-mortem written", by, now);
    }

    private IncidentEntry Enter(
        EntryKind kind, string text, Actor by, DateTimeOffset now, DateTimeOffset? happenedAt = null, string evidence = "", string? hash = null, UploadedFile? file = null)
    {
        var entry = new IncidentEntry
        {
            Id = EventIds.Next(now),
            IncidentId = Id,
            Number = ++EntryCount,
            Kind = kind,
            HappenedAt = happenedAt is { } at && at < now ? at.ToUniversalTime() : now,
            RecordedAt = now,
            AuthorId = by.Id.Value,
            AuthorName = by.Name,
            Text = text.Length <= IncidentEntry.TextLength ? text : text[..IncidentEntry.TextLength],
            Evidence = evidence,
            EvidenceHash = hash,
            FileType = file?.MediaType,
            FileLength = file?.Content.Length,
        };
        _entries.Add(entry);
        return entry;
    }

    private void DemandNotOver() =>
        Refuse.If(!IsUnderWay && State is not IncidentState.Resolved, "incident-over", $"{Key} is {State.ToString().ToLowerInvariant()}. Report a new incident, or open this one again.");

    // What writes itself must always find room: people stop a little before the end.
    private void DemandRoom() => Refuse.If(EntryCount >= IncidentEntry.Most - 500, "timeline-full", "This timeline is full. Report a further incident and refer to this one.");

    [System.Text.RegularExpressions.GeneratedRegex("^sha256:[0-9a-f]{64}$")]
    private static partial System.Text.RegularExpressions.Regex Hash();
}
