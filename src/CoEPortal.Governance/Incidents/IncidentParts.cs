using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Governance.Incidents;

/// <summary>Who has a role in an incident now; who had it before stands in the timeline.</summary>
public sealed class IncidentRole
{
    public Guid IncidentId { get; internal init; }

    public IncidentRoleKind Role { get; internal init; }

    public string PersonId { get; internal set; } = "";

    public string PersonName { get; internal set; } = "";

    public DateTimeOffset Since { get; internal set; }
}

/// <summary>One line of the timeline. Never edited: what was wrong is corrected by another line.</summary>
public sealed class IncidentEntry
{
    public const int TextLength = 4000;
    public const int EvidenceLength = 1000;
    public const int Most = 5000;

    public Guid Id { get; internal init; }

    public Guid IncidentId { get; internal init; }

    public int Number { get; internal init; }

    public EntryKind Kind { get; internal init; }

    public DateTimeOffset HappenedAt { get; internal init; }

    public DateTimeOffset RecordedAt { get; internal init; }

    public string AuthorId { get; internal init; } = "";

    public string AuthorName { get; internal init; } = "";

    public string Text { get; internal init; } = "";

    /// <summary>A link, the id of a call, or where it lies; empty for none.</summary>
    public string Evidence { get; internal init; } = "";

    /// <summary>Of the file that the evidence is, as <c>sha256:…</c>.</summary>
    public string? EvidenceHash { get; internal init; }

    /// <summary>Null unless the file itself is kept here.</summary>
    public string? FileType { get; internal init; }

    /// <summary>In bytes.</summary>
    public int? FileLength { get; internal init; }
}

/// <summary>A file that is evidence, kept with its line of the timeline. Apart from it, so that a timeline is read without its files.</summary>
public sealed class IncidentFile
{
    /// <summary>Of one incident, together.</summary>
    public const long MostBytes = 200L * 1024 * 1024;

    public Guid EntryId { get; internal init; }

    public byte[] Content { get; internal init; } = [];
}

/// <summary>One engagement of a switch that belongs to an incident.</summary>
public sealed class IncidentSwitch
{
    public Guid SwitchId { get; internal init; }

    public DateTimeOffset EngagedAt { get; internal init; }

    public Guid IncidentId { get; internal init; }

    public SwitchScope Scope { get; internal init; }

    public string Target { get; internal init; } = "";

    public long Generation { get; internal init; }

    public bool ByRule { get; internal init; }
}

public enum ClockState { Running, Done, NotRequired }

/// <summary>A deadline by which somebody has to be told. Started by a rule; settled by a person, once.</summary>
public sealed class IncidentClock
{
    public const int ReasonLength = 2000;
    public const int ReferenceLength = 200;

    public Guid Id { get; internal init; }

    public Guid IncidentId { get; internal init; }

    public string RuleId { get; internal init; } = "";

    public string RulesVersion { get; internal init; } = "";

    public string Title { get; internal init; } = "";

    /// <summary>The article or clause it comes from.</summary>
    public string Source { get; internal init; } = "";

    /// <summary>Who has to notify.</summary>
    public string Notifies { get; internal init; } = "";

    /// <summary>Who has to be notified.</summary>
    public string Notified { get; internal init; } = "";

    public DateTimeOffset StartedAt { get; internal set; }

    public DateTimeOffset DueAt { get; internal set; }

    public ClockState State { get; internal set; }

    /// <summary>When the next warning is due; null when there is none left.</summary>
    public DateTimeOffset? WarnAt { get; internal set; }

    /// <summary>When the sweep found that it had passed; null while it had not.</summary>
    public DateTimeOffset? OverdueAt { get; internal set; }

    public DateTimeOffset? SettledAt { get; internal set; }

    public string? SettledBy { get; internal set; }

    public string? SettledByName { get; internal set; }

    public string Reason { get; internal set; } = "";

    /// <summary>Under which the authority or the other side has it.</summary>
    public string Reference { get; internal set; } = "";

    public bool IsLate(DateTimeOffset now) => (SettledAt ?? now) > DueAt && State is not ClockState.NotRequired;
}

public enum ActionState { Open, Done, Verified, Dropped }

/// <summary>What shall keep it from happening again. Its owner does it, somebody else verifies it.</summary>
public sealed class IncidentAction
{
    public const int TextLength = 1000;
    public const int NoteLength = 2000;
    public const int Most = 100;

    public Guid Id { get; internal init; }

    public Guid IncidentId { get; internal init; }

    public int Number { get; internal init; }

    public string Text { get; internal init; } = "";

    public string OwnerId { get; internal init; } = "";

    public string OwnerName { get; internal init; } = "";

    public DateOnly DueOn { get; internal init; }

    public ActionState State { get; internal set; }

    public DateTimeOffset OpenedAt { get; internal init; }

    public DateTimeOffset? DoneAt { get; internal set; }

    public string Note { get; internal set; } = "";

    public string? NoteBy { get; internal set; }

    public DateTimeOffset? ClosedAt { get; internal set; }

    public string? ClosedBy { get; internal set; }

    public string? ClosedByName { get; internal set; }

    public DateTimeOffset? OverdueToldAt { get; private init; }

    public bool IsClosed => State is ActionState.Verified or ActionState.Dropped;
}

public enum MessageState { Waiting, Sent, Refused }

/// <summary>What affected people are told, in the words that somebody else approved.</summary>
public sealed class IncidentMessage
{
    public const int SubjectLength = 200;
    public const int BodyLength = 4000;
    public const int NoteLength = 1000;
    public const int Most = 50;

    public Guid Id { get; internal init; }

    public Guid IncidentId { get; internal init; }

    public int Number { get; internal init; }

    public string Template { get; internal init; } = "";

    public string Subject { get; internal init; } = "";

    public string Body { get; internal init; } = "";

    public MessageState State { get; internal set; }

    public string DraftedBy { get; internal init; } = "";

    public string DraftedByName { get; internal init; } = "";

    public DateTimeOffset DraftedAt { get; internal init; }

    public string? DecidedBy { get; internal set; }

    public string? DecidedByName { get; internal set; }

    public DateTimeOffset? DecidedAt { get; internal set; }

    public string Note { get; internal set; } = "";

    public int? PeopleTold { get; internal set; }
}

/// <summary>What was there when it was locked, and from when to when the calls of a use case are kept.</summary>
public sealed class EvidenceLock
{
    public const int ReasonLength = 1000;

    public Guid Id { get; internal init; }

    public Guid IncidentId { get; internal init; }

    public string UseCaseKey { get; internal init; } = "";

    public DateTimeOffset FromAt { get; internal init; }

    /// <summary>Null: what still comes in is kept too.</summary>
    public DateTimeOffset? UntilAt { get; internal init; }

    /// <summary>Canonical JSON: revisions and versions by their hashes, switches, bindings, figures of the calls.</summary>
    public string Manifest { get; internal init; } = "{}";

    public string ManifestHash { get; internal init; } = "";

    public string LockedBy { get; internal init; } = "";

    public string LockedByName { get; internal init; } = "";

    public DateTimeOffset LockedAt { get; internal init; }

    public string? LiftedBy { get; internal set; }

    public string? LiftedByName { get; internal set; }

    public DateTimeOffset? LiftedAt { get; internal set; }

    public string LiftReason { get; internal set; } = "";
}

public enum StepState { Open, Done, Skipped }

/// <summary>A step of a runbook that was started in an incident, in the words it had then.</summary>
public sealed class RunbookStep
{
    public const int NoteLength = 1000;
    public const int Most = 300;

    public Guid Id { get; internal init; }

    public Guid IncidentId { get; internal init; }

    public string Runbook { get; internal init; } = "";

    public string RunbookHash { get; internal init; } = "";

    public int Number { get; internal init; }

    public string Text { get; internal init; } = "";

    public DateTimeOffset? DueAt { get; internal init; }

    public DateTimeOffset StartedAt { get; internal init; }

    public StepState State { get; internal set; }

    public DateTimeOffset? SettledAt { get; internal set; }

    public string? SettledBy { get; internal set; }

    public string? SettledByName { get; internal set; }

    public string Note { get; internal set; } = "";
}
