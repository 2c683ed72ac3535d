using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>A person answers a task; the lane moves on and, with the last answer, the review is settled. One transaction.</summary>
public sealed class DecideReview(IDbContextFactory<GovernanceDb> databases, LaneRuntime lanes, TimeProvider clock)
{
    /// <param name="conditionsShown">How many conditions of others the person had before them; null where nobody was shown any, as in the API.</param>
    public async Task<ApprovalRound> RunAsync(
        Guid taskId, DecisionKind kind, string comment, IReadOnlyList<string> conditions, string contentHash, Actor person,
        int? conditionsShown = null, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(person, Permission.DecideReviews);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);

        // Two people decide at once: both read "waiting for the other", both would save, and the lane would never end.
        // The row lock makes the second wait for the first and then see its answer, so both are counted.
        var instance = await db.LaneInstances
            .FromSql($"select i.* from wf.lane_instance i join review_task t on t.instance_id = i.id where t.id = {taskId} for update of i")
            .SingleOrDefaultAsync(cancellation) ?? throw new NotFoundException("task", taskId.ToString());
        var tasks = await db.ReviewTasks.Where(t => t.InstanceId == instance.Id).ToListAsync(cancellation);
        var task = tasks.Single(t => t.Id == taskId);
        var round = await db.ApprovalRounds.Include(r => r.Decisions).SingleAsync(r => r.Id == task.RoundId, cancellation);
        var useCase = await db.DemandUseCaseAsync(round.UseCaseKey, person, cancellation);

        var decision = round.Decide(task.Function, kind, comment, conditions, contentHash, person, clock.GetUtcNow());
        // Conditions only ever grow, so their number says whether the person has seen them all.
        Refuse.If(conditionsShown is { } shown && shown != decision.SeenConditions.Count, "conditions-added",
            "Another function set conditions while you were reading. Look at them first: your decision signs them too.");
        Refuse.If(task.State is not TaskState.Open, "task-closed", $"This task was {task.State.ToString().ToLowerInvariant()} while you looked at it. Nothing is left to decide.");
        await lanes.AnswerAsync(db, instance, round, tasks, useCase, task, decision, person, clock.GetUtcNow(), cancellation);

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return round;
    }
}
