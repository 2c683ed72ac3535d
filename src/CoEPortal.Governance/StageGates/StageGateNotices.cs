using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.StageGates;

/// <summary>Who is told of a stage gate, inside the transaction of what happened: whoever can decide, then whoever wrote.</summary>
public sealed class StageGateNotices(Notices notices)
{
    private static readonly List<Role> Deciding = [.. AccessPolicy.Table.Where(r => r.Permission is Permission.DecideStageGates).Select(r => r.Role)];

    /// <param name="writers">Everybody who ever wrote for this gate: none of them decides.</param>
    internal async Task AnsweredAsync(GovernanceDb db, UseCase useCase, StageGateAnswer answer, string gate, IReadOnlyCollection<string> writers, DateTimeOffset now, CancellationToken cancellation)
    {
        var people = await db.People.AsNoTracking().Holding(Deciding).Where(p => !writers.Contains(p.Id)).Select(p => p.Id).ToListAsync(cancellation);
        await SendAsync(db, useCase, answer, people, "stage-gate-waits", $"{gate} of {useCase.Title} waits for a decision", $"Answer {answer.Number}.", now, cancellation);
    }

    internal Task DecidedAsync(GovernanceDb db, UseCase useCase, StageGateAnswer answer, DateTimeOffset now, CancellationToken cancellation) =>
        SendAsync(db, useCase, answer, [answer.WrittenBy], "stage-gate-decided", $"A stage gate of {useCase.Title} was {Word(answer.Outcome!.Value)}", "The reason stands beside it.", now, cancellation);

    private Task SendAsync(
        GovernanceDb db, UseCase useCase, StageGateAnswer answer, IReadOnlyCollection<string> people, string kind, string title, string text, DateTimeOffset now, CancellationToken cancellation) =>
        notices.SendAsync(db, [.. people.Select(p => new Notice(new PersonId(p), kind, title, text, $"/use-cases/{useCase.Key}", useCase.Key, $"{kind}/{answer.Id:N}"))], now, cancellation);

    private static string Word(StageGateOutcome outcome) => outcome switch
    {
        StageGateOutcome.Passed => "passed",
        StageGateOutcome.NotPassed => "not passed",
        _ => "the end of it",
    };
}
