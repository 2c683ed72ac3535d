using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Governance.Exercises;

public enum ExerciseState { Planned, Running, Ended, Cancelled }

/// <summary>Who plays a role of the scenario.</summary>
public sealed class ExerciseSeat
{
    public Guid ExerciseId { get; internal init; }

    public string Role { get; internal init; } = "";

    public string PersonId { get; internal set; } = "";

    public string PersonName { get; internal set; } = "";
}

/// <summary>A step that was done. Written once.</summary>
public sealed class ExerciseStep
{
    public const int NoteLength = 1000;

    public Guid ExerciseId { get; internal init; }

    public int Number { get; internal init; }

    public DateTimeOffset DoneAt { get; internal init; }

    public string DoneBy { get; internal init; } = "";

    public string DoneByName { get; internal init; } = "";

    public string Note { get; internal init; } = "";
}

/// <summary>What an observer wrote. Never edited.</summary>
public sealed class ExerciseNote
{
    public const int TextLength = 2000;
    public const int Most = 500;

    public Guid Id { get; internal init; }

    public Guid ExerciseId { get; internal init; }

    public DateTimeOffset WrittenAt { get; internal init; }

    public string AuthorId { get; internal init; } = "";

    public string AuthorName { get; internal init; } = "";

    public string Text { get; internal init; } = "";
}

/// <summary>What follows from an exercise: done by its owner, verified by another person.</summary>
public sealed class ExerciseFinding
{
    public const int TextLength = 1000;
    public const int NoteLength = 2000;
    public const int Most = 50;

    public Guid ExerciseId { get; internal init; }

    public int Number { get; internal init; }

    public string Text { get; internal init; } = "";

    public string OwnerId { get; internal init; } = "";

    public string OwnerName { get; internal init; } = "";

    public DateOnly DueOn { get; internal init; }

    public ActionState State { get; internal set; }

    public DateTimeOffset OpenedAt { get; internal init; }

    public string Note { get; internal set; } = "";

    public string? NoteBy { get; internal set; }

    public DateTimeOffset? ClosedAt { get; internal set; }

    public string? ClosedBy { get; internal set; }

    public string? ClosedByName { get; internal set; }
}

/// <summary>A tabletop exercise: played by a scenario on a timer, scored by what was done in time.</summary>
public sealed class Exercise : Aggregate
{
    public const int ConclusionLength = 4000;

    private readonly List<ExerciseSeat> _seats = [];
    private readonly List<ExerciseStep> _steps = [];
    private readonly List<ExerciseNote> _notes = [];
    private readonly List<ExerciseFinding> _findings = [];
    private Scenario? _played;

    private Exercise()
    {
    }

    public Guid Id { get; private init; }

    /// <summary>E.g. <c>EX-0001</c>.</summary>
    public string Key { get; private init; } = "";

    public string Scenario { get; private init; } = "";

    public string ScenarioHash { get; private init; } = "";

    public string ScenarioYaml { get; private init; } = "";

    public string Title { get; private init; } = "";

    /// <summary>The use case whose stop is rehearsed for real; null for the canary.</summary>
    public string? UseCaseKey { get; private init; }

    public DateOnly PlannedOn { get; private init; }

    public ExerciseState State { get; private set; }

    public string FacilitatorId { get; private init; } = "";

    public string FacilitatorName { get; private init; } = "";

    public DateTimeOffset? StartedAt { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    public Guid? DrillId { get; private set; }

    public int? Score { get; private set; }

    public string Conclusion { get; private set; } = "";

    public string? ConclusionBy { get; private set; }

    public IReadOnlyList<ExerciseSeat> Seats => _seats;

    public IReadOnlyList<ExerciseStep> Steps => _steps;

    public IReadOnlyList<ExerciseNote> Notes => _notes;

    public IReadOnlyList<ExerciseFinding> Findings => _findings;

    /// <summary>As it was when this was planned.</summary>
    public Scenario Played => _played ??= Exercises.Scenario.Parse(Scenario, ScenarioYaml);

    public override (string Type, string Key) AuditSubject => ("exercise", Key);

    internal static Exercise Plan(string key, Scenario scenario, DateOnly on, string? useCaseKey, DateOnly today, Actor by, DateTimeOffset now)
    {
        Refuse.If(on < today || on > today.AddYears(2), "day-out-of-range", "Choose a day from today within two years.");
        var exercise = new Exercise
        {
            Id = Guid.CreateVersion7(now),
            Key = key,
            Scenario = scenario.Name,
            ScenarioHash = scenario.Hash,
            ScenarioYaml = scenario.Yaml,
            Title = scenario.Title,
            UseCaseKey = useCaseKey,
            PlannedOn = on,
            FacilitatorId = by.Id.Value,
            FacilitatorName = by.Name,
        };
        exercise.Record(new ExercisePlanned(key, useCaseKey, scenario.Name, scenario.Hash, on, by, now));
        return exercise;
    }

    internal void Seat(string role, Actor person, Actor by, DateTimeOffset now)
    {
        Refuse.If(State is not (ExerciseState.Planned or ExerciseState.Running), "exercise-over", $"{Key} is over.");
        Refuse.If(!Played.Roles.Contains(role), "no-such-role", $"The scenario has these roles: {string.Join(", ", Played.Roles)}.");
        if (_seats.Find(s => s.Role == role) is { } seat)
        {
            (seat.PersonId, seat.PersonName) = (person.Id.Value, person.Name);
        }
        else
        {
            _seats.Add(new ExerciseSeat { ExerciseId = Id, Role = role, PersonId = person.Id.Value, PersonName = person.Name });
        }

        Record(new ExerciseSeated(Key, UseCaseKey, role, person.Id.Value, person.Name, by, now));
    }

    internal void Start(Actor by, DateTimeOffset now)
    {
        Refuse.If(State is not ExerciseState.Planned, "already-started", $"{Key} is {State.ToString().ToLowerInvariant()} already.");
        Refuse.If(Played.Roles.Find(r => _seats.All(s => s.Role != r)) is not null, "seats-empty", $"Seat somebody for each role first: {string.Join(", ", Played.Roles.Where(r => _seats.All(s => s.Role != r)))}.");
        (State, StartedAt) = (ExerciseState.Running, now);
        Record(new ExerciseStarted(Key, UseCaseKey, by, now));
    }

    internal void DemandDrill()
    {
        DemandRunning();
        Refuse.If(Played.Steps.FindIndex(s => s.Drill) is var at && at < 0, "no-drill", "This scenario has no step that is a drill.");
        Refuse.If(DrillId is not null, "already-drilled", "The switch was rehearsed already.");
    }

    /// <summary>A rehearsal counts when it held everywhere; its step is done when the first refusal was seen.</summary>
    internal void Drilled(Drill drill, Actor by, DateTimeOffset now)
    {
        DemandDrill();
        DrillId = drill.Id;
        Record(new ExerciseDrilled(Key, UseCaseKey, drill.Id, drill.Outcome, by, now));
        if (drill.Outcome is not DrillOutcome.Incomplete)
        {
            Do(Played.Steps.FindIndex(s => s.Drill) + 1, $"Rehearsed, held everywhere: {drill.Outcome.ToString().ToLowerInvariant()}", by, now);
        }
    }

    internal void DoStep(int number, string note, Actor by, DateTimeOffset now)
    {
        DemandRunning();
        Refuse.If(number < 1 || number > Played.Steps.Count, "no-such-step", $"The scenario has steps 1 to {Played.Steps.Count}.");
        Refuse.If(Played.Steps[number - 1].Drill, "drill-needed", "This step is the rehearsal itself. Rehearse the switch; saying so does not count.");
        Refuse.If(by.Id.Value != FacilitatorId && _seats.All(s => s.PersonId != by.Id.Value), "not-seated", "Only who facilitates or plays marks steps.");
        Do(number, note, by, now);
    }

    internal void Note(string text, Actor by, DateTimeOffset now)
    {
        Refuse.If(State is not (ExerciseState.Running or ExerciseState.Ended), "not-started", "Notes are written while it runs or after it.");
        Refuse.If(string.IsNullOrWhiteSpace(text) || text.Length > ExerciseNote.TextLength, "text-required", $"Write 1 to {ExerciseNote.TextLength:N0} characters.");
        Refuse.If(_notes.Count >= ExerciseNote.Most, "too-many-notes", $"An exercise has at most {ExerciseNote.Most} notes.");
        var note = new ExerciseNote { Id = EventIds.Next(now), ExerciseId = Id, WrittenAt = now, AuthorId = by.Id.Value, AuthorName = by.Name, Text = Redaction.Of(text) };
        _notes.Add(note);
        Record(new ExerciseNoted(Key, UseCaseKey, note.Text, by, now));
    }

    internal void End(string conclusion, Actor by, DateTimeOffset now)
    {
        DemandRunning();
        Refuse.If(string.IsNullOrWhiteSpace(conclusion) || conclusion.Length > ConclusionLength, "conclusion-required", $"Say in 1 to {ConclusionLength:N0} characters what it showed.");
        (State, EndedAt, Conclusion, ConclusionBy) = (ExerciseState.Ended, now, Redaction.Of(conclusion), by.Id.Value);
        Score = Played.ScoreOf(_steps.ToDictionary(s => s.Number, s => (s.DoneAt - StartedAt!.Value).TotalMinutes));
        Record(new ExerciseEnded(Key, UseCaseKey, Score.Value, Conclusion, by, now));
    }

    internal void Cancel(string reason, Actor by, DateTimeOffset now)
    {
        Refuse.If(State is not (ExerciseState.Planned or ExerciseState.Running), "exercise-over", $"{Key} is over.");
        Refuse.If(string.IsNullOrWhiteSpace(reason) || reason.Length > 1000, "reason-required", "Say why, in at most 1,000 characters.");
        State = ExerciseState.Cancelled;
        Record(new ExerciseCancelled(Key, UseCaseKey, Redaction.Of(reason), by, now));
    }

    internal ExerciseFinding Find(string text, Actor owner, DateOnly dueOn, DateOnly today, Actor by, DateTimeOffset now)
    {
        Refuse.If(State is not (ExerciseState.Running or ExerciseState.Ended), "not-started", "Findings come from playing it.");
        Refuse.If(string.IsNullOrWhiteSpace(text) || text.Length > ExerciseFinding.TextLength, "text-required", $"Say what is to be done, in at most {ExerciseFinding.TextLength:N0} characters.");
        Refuse.If(dueOn < today || dueOn > today.AddYears(2), "due-out-of-range", "Choose a day from today within two years.");
        Refuse.If(_findings.Count >= ExerciseFinding.Most, "too-many-findings", $"An exercise has at most {ExerciseFinding.Most} findings.");
        var finding = new ExerciseFinding
        {
            ExerciseId = Id,
            Number = _findings.Count + 1,
            Text = Redaction.Of(text),
            OwnerId = owner.Id.Value,
            OwnerName = owner.Name,
            DueOn = dueOn,
            OpenedAt = now,
        };
        _findings.Add(finding);
        Record(new ExerciseFindingOpened(Key, UseCaseKey, finding.Number, finding.Text, finding.OwnerId, finding.OwnerName, dueOn, by, now));
        return finding;
    }

    internal void MoveFinding(int number, ActionState to, string note, Actor by, DateTimeOffset now)
    {
        var finding = _findings.Find(f => f.Number == number) ?? throw new NotFoundException("finding", $"{Key} F{number}");
        var allowed = (finding.State, to) is (ActionState.Open, ActionState.Done or ActionState.Dropped) or (ActionState.Done, ActionState.Verified or ActionState.Open or ActionState.Dropped);
        Refuse.If(!allowed, "no-such-step", $"Finding F{number} is {finding.State.ToString().ToLowerInvariant()}; from there it does not become {to.ToString().ToLowerInvariant()}.");
        Refuse.If(to is ActionState.Verified or ActionState.Dropped && by.Id.Value == finding.OwnerId, "own-action", "This is yours, so somebody else verifies or drops it.");
        Refuse.If(string.IsNullOrWhiteSpace(note) || note.Length > ExerciseFinding.NoteLength, "note-required", "Say what was done, what you looked at, or why.");
        (finding.State, finding.Note, finding.NoteBy) = (to, Redaction.Of(note), by.Id.Value);
        (finding.ClosedAt, finding.ClosedBy, finding.ClosedByName) = to is ActionState.Verified or ActionState.Dropped ? (now, by.Id.Value, by.Name) : default((DateTimeOffset?, string?, string?));
        Record(new ExerciseFindingMoved(Key, UseCaseKey, number, to, finding.Note, by, now));
    }

    private void Do(int number, string note, Actor by, DateTimeOffset now)
    {
        Refuse.If(_steps.Exists(s => s.Number == number), "step-settled", "This step was done already.");
        Refuse.If(note.Length > ExerciseStep.NoteLength, "text-too-long", $"Write at most {ExerciseStep.NoteLength:N0} characters.");
        var step = new ExerciseStep { ExerciseId = Id, Number = number, DoneAt = now, DoneBy = by.Id.Value, DoneByName = by.Name, Note = Redaction.Of(note) };
        _steps.Add(step);
        Record(new ExerciseStepDone(Key, UseCaseKey, number, (now - StartedAt!.Value).TotalMinutes <= Played.Steps[number - 1].Within, step.Note, by, now));
    }

    private void DemandRunning() => Refuse.If(State is not ExerciseState.Running, "not-running", $"{Key} is {State.ToString().ToLowerInvariant()}, not running.");
}
