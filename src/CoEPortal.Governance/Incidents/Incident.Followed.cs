using System.Text;
using CoEPortal.Evidence;
using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Incidents;

// What runs beside the incident and is followed to its end: clocks, actions, messages, locks, runbooks.
public sealed partial class Incident
{
    /// <summary>Starts the clocks of rules that hold and have none yet, and moves running ones when awareness moved. None is ever taken away: whether it is required is for a person to say.</summary>
    /// <returns>Those that were started.</returns>
    internal IReadOnlyList<IncidentClock> StartClocks(IReadOnlyList<(ClockRule Rule, DateTimeOffset DueAt)> rules, string version, Actor by, DateTimeOffset now)
    {
        var started = new List<IncidentClock>();
        foreach (var (rule, dueAt) in rules)
        {
            if (_clocks.Find(c => c.RuleId == rule.Id) is { } running)
            {
                if (running.State is ClockState.Running && running.DueAt != dueAt)
                {
                    (running.StartedAt, running.DueAt, running.WarnAt) = (AwareAt, dueAt, rule.FirstWarning(dueAt));
                    Record(new IncidentClockStarted(Key, UseCase, rule.Id, running.RulesVersion, running.Source, AwareAt, dueAt, by, now));
                    Enter(EntryKind.Clock, $"{running.Title}: due {dueAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC now", by, now);
                }

                continue;
            }

            var clock = new IncidentClock
            {
                Id = Guid.CreateVersion7(now),
                IncidentId = Id,
                RuleId = rule.Id,
                RulesVersion = version,
                Title = rule.Title,
                Source = rule.Source,
                Notifies = rule.Notifies,
                Notified = rule.Notified,
                StartedAt = AwareAt,
                DueAt = dueAt,
                WarnAt = rule.FirstWarning(dueAt),
            };
            _clocks.Add(clock);
            started.Add(clock);
            Record(new IncidentClockStarted(Key, UseCase, rule.Id, version, rule.Source, AwareAt, dueAt, by, now));
            Enter(EntryKind.Clock, $"{rule.Title}: due {dueAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC ({rule.Source})", by, now);
        }

        return started;
    }

    internal void SettleClock(Guid id, ClockState state, string reason, string reference, Actor by, DateTimeOffset now)
    {
        var clock = _clocks.Find(c => c.Id == id) ?? throw new NotFoundException("clock", id.ToString());
        Refuse.If(clock.State is not ClockState.Running, "clock-settled", $"“{clock.Title}” was settled already, by {clock.SettledByName}.");
        Refuse.If(state is ClockState.Running, "not-settled", "Say done, or not required with the reason.");
        Refuse.If(state is ClockState.NotRequired && string.IsNullOrWhiteSpace(reason), "reason-required", "Say why nobody has to be told, e.g. the risk to people is unlikely because the file was encrypted.");
        Refuse.If(state is ClockState.Done && string.IsNullOrWhiteSpace(reference), "reference-required", $"Give the reference under which {clock.Notified} has it, or how and when they were told.");
        Refuse.If(state is ClockState.Done && now > clock.DueAt && string.IsNullOrWhiteSpace(reason), "lateness-reason-required", "It is late. Say why, as the notification has to.");
        Refuse.If(reason.Length > IncidentClock.ReasonLength || reference.Length > IncidentClock.ReferenceLength, "text-too-long", $"Write at most {IncidentClock.ReasonLength:N0} characters, and {IncidentClock.ReferenceLength} for the reference.");
        (clock.State, clock.Reason, clock.Reference) = (state, Redaction.Of(reason), reference.Trim());
        (clock.SettledAt, clock.SettledBy, clock.SettledByName) = (now, by.Id.Value, by.Name);
        Record(new IncidentClockSettled(Key, UseCase, clock.RuleId, state, clock.IsLate(now), clock.Reason, clock.Reference, by, now));
        Enter(EntryKind.Clock, $"{clock.Title}: {(state is ClockState.Done ? $"done, {clock.Reference}" : $"not required: {clock.Reason}")}", by, now);
    }

    /// <returns>False when it was settled, or found overdue, meanwhile.</returns>
    internal bool Overdue(Guid id, Actor by, DateTimeOffset now)
    {
        if (_clocks.Find(c => c.Id == id) is not { State: ClockState.Running, OverdueAt: null } clock || now <= clock.DueAt)
        {
            return false;
        }

        clock.OverdueAt = now;
        Record(new IncidentClockOverdue(Key, UseCase, clock.RuleId, clock.DueAt, by, now));
        Enter(EntryKind.Clock, $"{clock.Title}: the deadline has passed", by, now);
        return true;
    }

    internal IncidentAction OpenAction(string text, Actor owner, DateOnly dueOn, DateOnly today, Actor by, DateTimeOffset now)
    {
        DemandNotOver();
        Refuse.If(State is IncidentState.Reported, "not-the-time", "Triage it first.");
        Refuse.If(string.IsNullOrWhiteSpace(text), "text-required", "Say what is to be done so that it does not happen again.");
        Refuse.If(text.Length > IncidentAction.TextLength, "text-too-long", $"Write at most {IncidentAction.TextLength:N0} characters.");
        Refuse.If(dueOn < today || dueOn > today.AddYears(2), "due-out-of-range", "Choose a day from today within two years.");
        Refuse.If(_actions.Count >= IncidentAction.Most, "too-many-actions", $"An incident has at most {IncidentAction.Most} actions. Join some.");
        var action = new IncidentAction
        {
            Id = Guid.CreateVersion7(now),
            IncidentId = Id,
            Number = _actions.Count + 1,
            Text = Redaction.Of(text),
            OwnerId = owner.Id.Value,
            OwnerName = owner.Name,
            DueOn = dueOn,
            OpenedAt = now,
        };
        _actions.Add(action);
        Record(new IncidentActionOpened(Key, UseCase, action.Number, action.Text, action.OwnerId, action.OwnerName, dueOn, by, now));
        Enter(EntryKind.Action, $"Action A{action.Number} opened, due {dueOn:yyyy-MM-dd}: {action.Text}", by, now);
        return action;
    }

    internal IncidentAction MoveAction(int number, ActionState to, string note, Actor by, DateTimeOffset now)
    {
        var action = _actions.Find(a => a.Number == number) ?? throw new NotFoundException("action", $"{Key} A{number}");
        var allowed = (action.State, to) switch
        {
            (ActionState.Open, ActionState.Done or ActionState.Dropped) => true,
            (ActionState.Done, ActionState.Verified or ActionState.Open or ActionState.Dropped) => true,
            _ => false,
        };
        Refuse.If(!allowed, "no-such-step", $"Action A{number} is {action.State.ToString().ToLowerInvariant()}; from there it does not become {to.ToString().ToLowerInvariant()}.");
        Refuse.If(to is ActionState.Verified && by.Id.Value == action.OwnerId, "own-action", "You did this, so somebody else verifies it.");
        Refuse.If(to is ActionState.Dropped && by.Id.Value == action.OwnerId, "own-action", "This is yours to do. Ask somebody else who handles the incident to drop it.");
        Refuse.If(string.IsNullOrWhiteSpace(note), "note-required", to switch
        {
            ActionState.Done => "Say what was done, and where that can be seen.",
            ActionState.Verified => "Say what you looked at.",
            _ => "Say why.",
        });
        Refuse.If(note.Length > IncidentAction.NoteLength, "text-too-long", $"Write at most {IncidentAction.NoteLength:N0} characters.");
        (action.State, action.Note, action.NoteBy) = (to, Redaction.Of(note), by.Id.Value);
        action.DoneAt = to is ActionState.Done ? now : to is ActionState.Open ? null : action.DoneAt;
        (action.ClosedAt, action.ClosedBy, action.ClosedByName) = action.IsClosed ? (now, by.Id.Value, by.Name) : default((DateTimeOffset?, string?, string?));
        Record(new IncidentActionMoved(Key, UseCase, number, to, action.Note, by, now));
        Enter(EntryKind.Action, $"Action A{number} {to.ToString().ToLowerInvariant()}: {action.Note}", by, now);
        return action;
    }

    internal IncidentMessage Draft(string template, string subject, string body, Actor by, DateTimeOffset now)
    {
        DemandNotOver();
        Refuse.If(UseCaseKeys.Count == 0, "use-case-required", "Name the use cases first: their people are told.");
        Refuse.If(string.IsNullOrWhiteSpace(subject) || string.IsNullOrWhiteSpace(body), "text-required", "Write a subject and what people have to know.");
        Refuse.If(subject.Length > IncidentMessage.SubjectLength || subject.Any(char.IsControl) || body.Length > IncidentMessage.BodyLength, "text-too-long", $"The subject is one line of at most {IncidentMessage.SubjectLength} characters, the text has at most {IncidentMessage.BodyLength:N0}.");
        Refuse.If(body.Contains("{{", StringComparison.Ordinal) || subject.Contains("{{", StringComparison.Ordinal), "place-left-open", "Fill in what still stands in double braces.");
        Refuse.If(_messages.Count >= IncidentMessage.Most, "too-many-messages", $"An incident has at most {IncidentMessage.Most} messages.");
        var message = new IncidentMessage
        {
            Id = Guid.CreateVersion7(now),
            IncidentId = Id,
            Number = _messages.Count + 1,
            Template = template,
            Subject = Redaction.Of(subject),
            Body = Redaction.Of(body),
            DraftedBy = by.Id.Value,
            DraftedByName = by.Name,
            DraftedAt = now,
        };
        _messages.Add(message);
        Record(new IncidentMessageDrafted(Key, UseCase, message.Number, template, HashOf(message), by, now));
        Enter(EntryKind.Communication, $"Message {message.Number} drafted", by, now);
        return message;
    }

    internal IncidentMessage Decide(int number, MessageState to, string note, int? peopleTold, Actor by, DateTimeOffset now)
    {
        var message = _messages.Find(m => m.Number == number) ?? throw new NotFoundException("message", $"{Key} {number}");
        Refuse.If(message.State is not MessageState.Waiting, "message-decided", $"Message {number} was {(message.State is MessageState.Sent ? "sent" : "refused")} already, by {message.DecidedByName}.");
        Refuse.If(to is MessageState.Sent && message.DraftedBy == by.Id.Value, "own-message", "You wrote this message, so somebody else approves it: Legal, Privacy, Brand or a CoE lead.");
        Refuse.If(to is MessageState.Refused && string.IsNullOrWhiteSpace(note), "reason-required", "Say what has to be different.");
        Refuse.If(note.Length > IncidentMessage.NoteLength, "text-too-long", $"Write at most {IncidentMessage.NoteLength:N0} characters.");
        (message.State, message.Note, message.PeopleTold) = (to, Redaction.Of(note), peopleTold);
        (message.DecidedAt, message.DecidedBy, message.DecidedByName) = (now, by.Id.Value, by.Name);
        Record(new IncidentMessageDecided(Key, UseCase, number, to, HashOf(message), peopleTold, message.Note, by, now));
        Enter(EntryKind.Communication, to is MessageState.Sent ? $"Message {number} approved and sent to {peopleTold} people" : $"Message {number} not approved: {message.Note}", by, now);
        return message;
    }

    internal void Lock(string useCaseKey, DateTimeOffset from, DateTimeOffset? until, string manifest, Actor by, DateTimeOffset now)
    {
        Refuse.If(!UseCaseKeys.Contains(useCaseKey), "other-use-case", $"{useCaseKey} is not part of {Key}. Add it at triage first.");
        Refuse.If(_locks.Exists(l => l.UseCaseKey == useCaseKey && l.LiftedAt is null), "already-locked", $"The evidence of {useCaseKey} is locked for {Key} already.");
        Refuse.If(until <= from, "window-backwards", "The end lies before the beginning. Exchange them.");
        var hash = ContentHash.OfBytes(Encoding.UTF8.GetBytes(manifest)).ToString();
        _locks.Add(new EvidenceLock
        {
            Id = Guid.CreateVersion7(now),
            IncidentId = Id,
            UseCaseKey = useCaseKey,
            FromAt = from.ToUniversalTime(),
            UntilAt = until?.ToUniversalTime(),
            Manifest = manifest,
            ManifestHash = hash,
            LockedBy = by.Id.Value,
            LockedByName = by.Name,
            LockedAt = now,
        });
        Record(new EvidenceLocked(Key, UseCase, useCaseKey, from, until, hash, by, now));
        Enter(EntryKind.EvidenceLock, $"Evidence of {useCaseKey} locked from {from.UtcDateTime:yyyy-MM-dd HH:mm} UTC, {(until is { } end ? $"until {end.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "and on")}", by, now, hash: hash);
    }

    internal void LiftLock(string useCaseKey, string reason, Actor by, DateTimeOffset now)
    {
        var standing = _locks.Find(l => l.UseCaseKey == useCaseKey && l.LiftedAt is null) ?? throw new NotFoundException("evidence lock", $"{Key} {useCaseKey}");
        Refuse.If(State is not (IncidentState.Closed or IncidentState.Dismissed), "still-needed", $"{Key} is not closed. Its evidence stays locked until it is.");
        Refuse.If(standing.LockedBy == by.Id.Value, "second-person-required", "You locked this evidence, so somebody else lifts the lock: another of Legal, or a CoE lead.");
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why it is no longer needed, e.g. the authority closed the case.");
        Refuse.If(reason.Length > EvidenceLock.ReasonLength, "reason-too-long", $"Write at most {EvidenceLock.ReasonLength:N0} characters.");
        (standing.LiftedAt, standing.LiftedBy, standing.LiftedByName, standing.LiftReason) = (now, by.Id.Value, by.Name, Redaction.Of(reason));
        Record(new EvidenceLockLifted(Key, UseCase, useCaseKey, standing.LiftReason, by, now));
        Enter(EntryKind.EvidenceLock, $"Lock on the evidence of {useCaseKey} lifted: {standing.LiftReason}", by, now);
    }

    internal void Start(Runbook runbook, Actor by, DateTimeOffset now)
    {
        DemandNotOver();
        Refuse.If(_steps.Exists(s => s.Runbook == runbook.Name), "runbook-started", $"“{runbook.Title}” was started already.");
        Refuse.If(_steps.Count + runbook.Steps.Count > RunbookStep.Most, "too-many-steps", $"An incident has at most {RunbookStep.Most} steps of runbooks.");
        _steps.AddRange(runbook.Steps.Select((s, i) => new RunbookStep
        {
            Id = Guid.CreateVersion7(now),
            IncidentId = Id,
            Runbook = runbook.Name,
            RunbookHash = runbook.Hash,
            Number = i + 1,
            Text = s.Text,
            DueAt = s.Within is { } within ? now + within : null,
            StartedAt = now,
        }));
        Record(new RunbookStarted(Key, UseCase, runbook.Name, runbook.Hash, runbook.Steps.Count, by, now));
        Enter(EntryKind.Runbook, $"Runbook “{runbook.Title}” started, {runbook.Steps.Count} steps", by, now);
    }

    internal void SettleStep(string runbook, int number, StepState to, string note, Actor by, DateTimeOffset now)
    {
        var step = _steps.Find(s => s.Runbook == runbook && s.Number == number) ?? throw new NotFoundException("step", $"{runbook} {number}");
        Refuse.If(step.State is not StepState.Open, "step-settled", $"This step was {(step.State is StepState.Done ? "done" : "skipped")} already, by {step.SettledByName}.");
        Refuse.If(to is StepState.Open, "not-settled", "Say done, or skipped with the reason.");
        Refuse.If(to is StepState.Skipped && string.IsNullOrWhiteSpace(note), "reason-required", "Say why it is skipped.");
        Refuse.If(note.Length > RunbookStep.NoteLength, "text-too-long", $"Write at most {RunbookStep.NoteLength:N0} characters.");
        (step.State, step.Note, step.SettledAt, step.SettledBy, step.SettledByName) = (to, Redaction.Of(note), now, by.Id.Value, by.Name);
        Record(new RunbookStepSettled(Key, UseCase, runbook, number, to, step.Note, by, now));
        Enter(EntryKind.Runbook, $"{runbook} {number} {to.ToString().ToLowerInvariant()}{(step.Note.Length > 0 ? ": " + step.Note : "")}", by, now);
    }

    private static string HashOf(IncidentMessage message) => ContentHash.OfBytes(Encoding.UTF8.GetBytes($"{message.Subject}\n\n{message.Body}")).ToString();
}
