using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>A person answers a task; the lane moves on and, with the last answer, the review is settled. One transaction.</summary>
public sealed class DecideReview(IDbContextFactory<GovernanceDb> databases, LaneRuntime lanes, Organisation organisation, TimeProvider clock)
{
    private const int ConditionDays = 30;

    /// <summary>Whoever has waited this long goes ahead: a turn that is never given back, with a database that does not answer, holds nobody else up.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    // Of this node: first come, first served, a few for each processor. All at once they would finish no sooner, the unlucky one twice as
    // late, and whoever only reads would wait with them.
    private static readonly SemaphoreSlim Turns = new(4 * Environment.ProcessorCount);

    /// <param name="conditionsShown">How many conditions of others the person had before them; null where nobody was shown any, as in the API.</param>
    public Task<ApprovalRound> RunAsync(
        Guid taskId, DecisionDraft draft, Actor person, int? conditionsShown = null, CancellationToken cancellation = default) =>
        RefusedAttempts.KeepAsync(databases, nameof(DecideReview), taskId.ToString(), person, clock, () => InTurnAsync(() => DecideAsync(taskId, draft, person, conditionsShown, cancellation), cancellation));

    private static async Task<ApprovalRound> InTurnAsync(Func<Task<ApprovalRound>> decide, CancellationToken cancellation)
    {
        var hasTurn = await Turns.WaitAsync(LongestWait, cancellation);
        try
        {
            return await decide();
        }
        finally
        {
            if (hasTurn)
            {
                Turns.Release();
            }
        }
    }

    private async Task<ApprovalRound> DecideAsync(Guid taskId, DecisionDraft draft, Actor person, int? conditionsShown, CancellationToken cancellation)
    {
        AccessPolicy.Demand(person, Permission.DecideReviews);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var review = await LockedReview.OfTaskAsync(db, taskId, cancellation);
        var round = review.Round;
        var task = review.Task(taskId);
        review.DemandReadable(person);

        var now = clock.GetUtcNow();
        var delegation = task.State is TaskState.Open ? await DelegationOfAsync(db, task, person, now, cancellation) : null;
        var decision = round.Decide(task.Function, draft, person, delegation, now);
        // The round knows who had a hand in it when it opened; somebody may have been invited since.
        Refuse.If(review.Subject.Authors.Contains(person.Id), "own-proposal", $"You write on {round.UseCaseKey}, so somebody else decides on it.");
        // Conditions only ever grow, so their number says whether the person has seen them all.
        Refuse.If(conditionsShown is { } shown && shown != decision.SeenConditions.Count, "conditions-added",
            "Another function set conditions while you were reading. Look at them first: your decision signs them too.");
        Refuse.If(task.State is not TaskState.Open, "task-closed", $"This task was {task.State.ToString().ToLowerInvariant()} while you looked at it. Nothing is left to decide.");
        await KeepConditionsAsync(db, review.Subject, round, decision, draft, now, cancellation);
        await lanes.AnswerAsync(db, review, task, decision, person, now, cancellation);

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return round;
    }

    /// <summary>A task that somebody has taken is theirs, or that of the person they named to stand in for them.</summary>
    private async Task<Delegation?> DelegationOfAsync(GovernanceDb db, ReviewTask task, Actor person, DateTimeOffset now, CancellationToken cancellation)
    {
        if (task.AssigneeId is null || task.AssigneeId == person.Id.Value)
        {
            return null;
        }

        var today = organisation.DayOf(now);
        var delegation = await db.Delegations.Where(Delegation.InForceFor(task, today)).Where(d => d.ToId == person.Id.Value)
            .OrderBy(d => d.CreatedAt).FirstOrDefaultAsync(cancellation);
        Refuse.If(delegation is null && person.Is(task.Function), "claimed-by-other",
            $"{task.AssigneeName} has taken this task. Take it over first if they cannot decide.");
        var stillDecides = delegation is null
            || await db.People.AnyAsync(p => p.Id == delegation.FromId && p.IsActive && p.Roles.Contains(task.Function), cancellation);
        Refuse.If(!stillDecides, "delegator-function",
            $"{delegation?.FromName} no longer decides for {ApprovalRound.NameOf(task.Function)}, so nobody decides for them. Take the task over, then decide.");
        return delegation;
    }

    private async Task KeepConditionsAsync(
        GovernanceDb db, Subject subject, ApprovalRound round, Decision decision, DecisionDraft draft, DateTimeOffset now, CancellationToken cancellation)
    {
        if (draft.Conditions.Count == 0)
        {
            return;
        }

        var today = organisation.DayOf(now);
        var submitter = await db.Set<Intake.UseCaseRevision>().Where(r => r.UseCaseId == round.UseCaseId && r.Number == round.RevisionNumber)
            .Select(r => r.SubmittedBy).SingleAsync(cancellation);
        var wanted = draft.Conditions.Select(c => c.Owner?.Value ?? submitter).Distinct().ToList();
        var owners = await db.People.AsNoTracking().Where(p => wanted.Contains(p.Id) && p.IsActive).ToDictionaryAsync(p => p.Id, cancellation);
        foreach (var (condition, index) in draft.Conditions.Select((condition, index) => (condition, index)))
        {
            var owner = ConditionFollowUp.DemandOwner(owners.GetValueOrDefault(condition.Owner?.Value ?? submitter)?.Actor, subject);
            db.ConditionFollowUps.Add(ConditionFollowUp.Of(
                round, decision, decision.SeenConditions.Count + index + 1, condition.Text.Trim(), owner,
                condition.DueOn ?? today.AddDays(ConditionDays), today, now));
        }
    }
}
