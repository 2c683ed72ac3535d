using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Privacy;

/// <summary>Something that keeps a person from being erased, as the database finds it (<c>stands_against_erasure</c>).</summary>
/// <param name="Thing">A use case, a switch, a function or an id, by its kind.</param>
public sealed record Obstacle(ObstacleKind Kind, string Thing)
{
    /// <summary>What stands against it and what to do first, as sentences.</summary>
    public string InWords => Kind switch
    {
        ObstacleKind.PersonHeld => "A legal hold stands over this person. It has to be lifted first.",
        ObstacleKind.UseCaseHeld => $"A legal hold stands over {Thing}, whose record they are part of. It has to be lifted first.",
        ObstacleKind.HoldSet => $"They set the legal hold on {Thing}, which still stands. It has to be lifted first.",
        ObstacleKind.ErasureAsked => "They asked for an erasure that is still open. Carry it out or take it back first.",
        ObstacleKind.ReviewRuns => $"A review of {Thing} runs which they wrote for or decided in. Wait for its end, or have it withdrawn.",
        ObstacleKind.TaskTaken => $"They have taken a task of {Thing}. Have somebody take it over.",
        ObstacleKind.StandsIn => $"A delegation for {Thing} runs from or to them. End it first.",
        ObstacleKind.OwnsCondition => $"They answer for condition {Thing}. Name another owner first.",
        ObstacleKind.OnlyAuthor => $"Nobody else has written on the draft {Thing}. Have somebody else edit it first.",
        ObstacleKind.SwitchEngaged => $"They engaged or began to release the switch of {Thing}. It has to be released first.",
        ObstacleKind.FixesFeedback => $"They see to feedback on {Thing}. Triage it to somebody else first.",
        ObstacleKind.EvidenceLocked => $"{Thing} keeps evidence locked, which they are part of. Its lock has to be lifted first.",
        ObstacleKind.LockSet => $"They locked the evidence of {Thing}. Its lock has to be lifted first.",
        ObstacleKind.HandlesIncident => $"They have a role in {Thing}. Hand it over first.",
        ObstacleKind.OwnsIncidentAction => $"They see to action {Thing}. Have it verified or dropped first.",
        ObstacleKind.MessageWaits => $"A message of {Thing} that they wrote waits for approval. Decide it first.",
        ObstacleKind.PlaysExercise => $"They facilitate or play in exercise {Thing}. Seat somebody else, or end or cancel it first.",
        ObstacleKind.OwnsFinding => $"They see to finding {Thing} of an exercise. Have it verified or dropped first.",
        ObstacleKind.OwnsCampaign => $"They lead the campaign {Thing}. Name another owner first.",
        ObstacleKind.OwnsDisposition => $"They carry out what was decided on {Thing}. Have it done, or decided with another owner, first.",
        _ => $"A report they asked for is being printed ({Thing}). Wait for it or cancel it.",
    };

    internal static async Task<IReadOnlyList<Obstacle>> OfAsync(GovernanceDb db, string person, DateOnly today, CancellationToken cancellation)
    {
        var found = await db.Database.SqlQuery<Found>(
            $"select kind as \"Kind\", thing as \"Thing\" from stands_against_erasure({person}, {today}) order by 1, 2 limit {Most}").ToListAsync(cancellation);
        return [.. found.Select(f => new Obstacle(Enum.Parse<ObstacleKind>(f.Kind), f.Thing))];
    }

    private const int Most = 50;

    private sealed record Found(string Kind, string Thing);
}

/// <summary>As <c>stands_against_erasure</c> names them.</summary>
public enum ObstacleKind
{
    PersonHeld,
    UseCaseHeld,
    HoldSet,
    ErasureAsked,
    ReviewRuns,
    TaskTaken,
    StandsIn,
    OwnsCondition,
    OnlyAuthor,
    SwitchEngaged,
    FixesFeedback,
    ReportRuns,
    EvidenceLocked,
    LockSet,
    HandlesIncident,
    OwnsIncidentAction,
    MessageWaits,
    PlaysExercise,
    OwnsFinding,
    OwnsCampaign,
    OwnsDisposition,
}
