using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.StageGates;

public enum StageGateState
{
    /// <summary>An earlier gate comes first.</summary>
    NotYet,

    /// <summary>Somebody has to answer.</summary>
    Open,

    /// <summary>Somebody else has to decide.</summary>
    Waits,
    NotPassed,
    Passed,
    Killed,

    /// <summary>Past an idea before it could be asked.</summary>
    NotAsked,
}

/// <summary>Where a use case stands at one gate.</summary>
/// <param name="Form">What is asked now; an answer was given to the questions of its own version.</param>
/// <param name="Answers">Newest first.</param>
public sealed record StageGateStanding(StageGateForm Form, StageGateState State, IReadOnlyList<StageGateAnswer> Answers);

/// <summary>A use case on its way from idea to production.</summary>
public sealed record StageGateSheet(UseCase UseCase, string RulesVersion, IReadOnlyList<StageGateStanding> Gates)
{
    public int Passed => Gates.Count(g => g.State is StageGateState.Passed);

    public bool AllPassed => Passed == Gates.Count;

    /// <summary>The one that somebody has to see to; null when none is.</summary>
    public StageGateStanding? Next => Gates.FirstOrDefault(g => g.State is StageGateState.Open or StageGateState.Waits or StageGateState.NotPassed);
}

/// <summary>What was answered and decided at the gates of a use case.</summary>
public sealed class StageGateSheets(IDbContextFactory<GovernanceDb> databases, VersionedFiles<StageGateRules> rules, TimeProvider clock)
{
    /// <summary>Files that are not in force, for the page.</summary>
    public IReadOnlyList<RefusedFile> Refused => rules.Refused;

    public async Task<StageGateSheet> OfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, reader, cancellation);
        var given = await GivenAsync(db, useCaseKey, cancellation);
        var inForce = rules.InForce(clock.GetUtcNow());
        var standings = new List<StageGateStanding>();
        foreach (var form in inForce.Gates.OrderBy(g => g.Gate))
        {
            var answers = given.Where(a => a.Gate == form.Gate).OrderByDescending(a => a.Number).ToList();
            var comesFirst = standings.Exists(s => s.State is not StageGateState.Passed);
            standings.Add(new(form, !useCase.GatesAsked ? StageGateState.NotAsked : StateOf(answers, comesFirst || useCase.Stage is Stage.Retired), answers));
        }

        return new(useCase, inForce.Version, standings);
    }

    /// <summary>The question as it was asked; its id when that file is gone.</summary>
    public string QuestionOf(StageGateAnswer answer, string question) =>
        rules.OfVersion(answer.RulesVersion)?[answer.Gate].Questions.Find(q => q.Id == question)?.Text ?? question;

    internal static Task<List<StageGateAnswer>> GivenAsync(GovernanceDb db, string useCaseKey, CancellationToken cancellation) =>
        db.StageGateAnswers.AsNoTracking().Include(a => a.Texts).Where(a => a.UseCaseKey == useCaseKey).OrderBy(a => a.Gate).ThenBy(a => a.Number).ToListAsync(cancellation);

    private static StageGateState StateOf(List<StageGateAnswer> answers, bool isClosed) => answers is not [var newest, ..]
        ? isClosed ? StageGateState.NotYet : StageGateState.Open
        : newest.Outcome switch
        {
            null => StageGateState.Waits,
            StageGateOutcome.Passed => StageGateState.Passed,
            StageGateOutcome.Killed => StageGateState.Killed,
            _ => StageGateState.NotPassed,
        };
}
