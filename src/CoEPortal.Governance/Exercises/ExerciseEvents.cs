using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Governance.Exercises;

/// <summary>What happened in an exercise; on the timeline of the use case it rehearses, if any.</summary>
public abstract record ExerciseEvent(string Exercise, string? UseCase, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record ExercisePlanned(string Exercise, string? UseCase, string Scenario, string ScenarioHash, DateOnly PlannedOn, Actor By, DateTimeOffset At) : ExerciseEvent(Exercise, UseCase, By, At)
{
    public override string? SignedContent => ScenarioHash;
}

public sealed record ExerciseSeated(string Exercise, string? UseCase, string Role, string PersonId, [property: Personal(nameof(ExerciseSeated.PersonId))] string PersonName, Actor By, DateTimeOffset At)
    : ExerciseEvent(Exercise, UseCase, By, At);

public sealed record ExerciseStarted(string Exercise, string? UseCase, Actor By, DateTimeOffset At) : ExerciseEvent(Exercise, UseCase, By, At);

public sealed record ExerciseStepDone(string Exercise, string? UseCase, int Number, bool IsInTime, [property: Personal] string Note, Actor By, DateTimeOffset At) : ExerciseEvent(Exercise, UseCase, By, At);

public sealed record ExerciseDrilled(string Exercise, string? UseCase, Guid Drill, DrillOutcome Outcome, Actor By, DateTimeOffset At) : ExerciseEvent(Exercise, UseCase, By, At);

public sealed record ExerciseNoted(string Exercise, string? UseCase, [property: Personal] string Text, Actor By, DateTimeOffset At) : ExerciseEvent(Exercise, UseCase, By, At);

public sealed record ExerciseEnded(string Exercise, string? UseCase, int Score, [property: Personal] string Conclusion, Actor By, DateTimeOffset At) : ExerciseEvent(Exercise, UseCase, By, At);

public sealed record ExerciseCancelled(string Exercise, string? UseCase, [property: Personal] string Reason, Actor By, DateTimeOffset At) : ExerciseEvent(Exercise, UseCase, By, At);

public sealed record ExerciseFindingOpened(
    string Exercise, string? UseCase, int Number, [property: Personal] string Text, string OwnerId, [property: Personal(nameof(ExerciseFindingOpened.OwnerId))] string OwnerName, DateOnly DueOn,
    Actor By, DateTimeOffset At) : ExerciseEvent(Exercise, UseCase, By, At);

public sealed record ExerciseFindingMoved(string Exercise, string? UseCase, int Number, ActionState State, [property: Personal] string Note, Actor By, DateTimeOffset At)
    : ExerciseEvent(Exercise, UseCase, By, At);
