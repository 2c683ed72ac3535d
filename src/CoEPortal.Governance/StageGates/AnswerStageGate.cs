using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.StageGates;

/// <summary>Somebody who proposes writes what a gate asks; the gates before it have been passed.</summary>
public sealed class AnswerStageGate(IDbContextFactory<GovernanceDb> databases, VersionedFiles<StageGateRules> rules, StageGateNotices notices, TimeProvider clock)
{
    public async Task<StageGateAnswer> RunAsync(string useCaseKey, StageGate gate, StageGateDraft draft, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.ProposeUseCase, useCase.Subject);
        Refuse.If(useCase.Stage is Stage.Retired, "retired", $"{useCaseKey} has ended already.");
        Refuse.If(!useCase.GatesAsked, "gates-not-asked", $"{useCaseKey} was past an idea before its gates could be asked.");
        // Two at once: the second waits, and finds the first one's answer.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"stage-gate/" + useCaseKey}, 0))", cancellation);
        var given = await StageGateSheets.GivenAsync(db, useCaseKey, cancellation);
        var open = Enum.GetValues<StageGate>().Where(g => g < gate && !given.Exists(a => a.Gate == g && a.Outcome is StageGateOutcome.Passed)).ToList();
        var now = clock.GetUtcNow();
        var form = rules.InForce(now);
        Refuse.If(open is not [], "earlier-gate-open", $"{form[open[0]].Title} comes first: gates are passed one after another.");
        var here = given.Where(a => a.Gate == gate).ToList();
        Refuse.If(here.Exists(a => a.Outcome is StageGateOutcome.Passed), "gate-passed", $"{form[gate].Title} has been passed.");
        Refuse.If(here.Exists(a => a.Outcome is null), "answer-waits", "An answer waits for somebody to decide on it. Let them decide first.");
        Refuse.If(here.Count >= StageGateAnswer.Most, "too-many-answers", $"There are {StageGateAnswer.Most} answers at this gate. Decide whether this goes on.");
        var answer = StageGateAnswer.Write(useCaseKey, form[gate], form.Version, here.Count + 1, draft, by, now);
        db.StageGateAnswers.Add(answer);
        await db.SaveChangesAsync(cancellation);
        await notices.AnsweredAsync(db, useCase, answer, form[gate].Title, [.. here.Select(a => a.WrittenBy), by.Id.Value], now, cancellation);
        await transaction.CommitAsync(cancellation);
        return answer;
    }
}
