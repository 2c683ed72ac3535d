using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>
/// A round with its lane and its tasks, nobody else's until the transaction ends. Two people decide at once: both would
/// read "waits for the other", both would save, and the lane would never end. The row lock of the instance makes the
/// second wait for the first and then see its answer. Every command on a review takes this lock before any other.
/// </summary>
internal sealed record LockedReview(LaneInstance Instance, ApprovalRound Round, List<ReviewTask> Tasks, string Title, Subject Subject)
{
    public static async Task<LockedReview> OfTaskAsync(GovernanceDb db, Guid taskId, CancellationToken cancellation) =>
        await FindAsync(db, $"select i.id \"Value\" from wf.lane_instance i join review_task t on t.instance_id = i.id where t.id = {taskId} for update of i", cancellation)
            ?? throw new NotFoundException("task", taskId.ToString());

    public static async Task<LockedReview> OfInstanceAsync(GovernanceDb db, Guid instanceId, CancellationToken cancellation) =>
        await FindAsync(db, $"select i.id \"Value\" from wf.lane_instance i where i.id = {instanceId} for update of i", cancellation)
            ?? throw new NotFoundException("review", instanceId.ToString());

    /// <returns>The review of the proposal that runs for a use case; null when none does.</returns>
    public static Task<LockedReview?> OfUseCaseAsync(GovernanceDb db, string useCaseKey, CancellationToken cancellation) =>
        FindAsync(
            db,
            $"""
            select i.id "Value" from wf.lane_instance i join approval_round r on r.id = i.round_id
            where r.use_case_key = {useCaseKey} and r.topic = 'Proposal' and r.status = 'Open' for update of i
            """,
            cancellation);

    /// <returns>The review that runs about something other than the proposal; null when none does.</returns>
    public static Task<LockedReview?> OfTopicAsync(GovernanceDb db, Guid topicId, CancellationToken cancellation) =>
        FindAsync(
            db,
            $"""
            select i.id "Value" from wf.lane_instance i join approval_round r on r.id = i.round_id
            where r.topic_id = {topicId} and r.status = 'Open' for update of i
            """,
            cancellation);

    /// <summary>
    /// For a command that opens a review: there is no lane to lock yet. Without it both of two that come at once would find
    /// none, and the second would end at a constraint instead of being told that the first was there.
    /// </summary>
    public static Task BeforeItOpensAsync(GovernanceDb db, string useCaseKey, CancellationToken cancellation)
    {
        SaveWithoutSavepoint(db);
        return db.Database.ExecuteSqlAsync($"select from use_case where key = {useCaseKey} for update", cancellation);
    }

    /// <summary>Under <see cref="BeforeItOpensAsync"/>, so that no two are given the same.</summary>
    public static async Task<int> NextNumberAsync(GovernanceDb db, Intake.UseCase useCase, CancellationToken cancellation) =>
        1 + await db.ApprovalRounds.CountAsync(r => r.UseCaseId == useCase.Id, cancellation);

    /// <summary>As <see cref="GovernanceDb.DemandReadableAsync"/>, of what was read with the round.</summary>
    public void DemandReadable(Actor reader)
    {
        if (!AccessPolicy.Allows(reader, Permission.ReadUseCases, Subject))
        {
            throw new NotFoundException("use case", Round.UseCaseKey);
        }
    }

    public ReviewTask Task(Guid id) => Tasks.Single(t => t.Id == id);

    /// <summary>Waits for the lock, and reads only then: what is read with the lock can be older than what it waited for.</summary>
    private static async Task<LockedReview?> FindAsync(GovernanceDb db, FormattableString andLock, CancellationToken cancellation)
    {
        SaveWithoutSavepoint(db);
        if (await db.Database.SqlQuery<Guid>(andLock).ToListAsync(cancellation) is not [var instanceId])
        {
            return null;
        }

        var (instance, round, title, unit, editors) = await (
            from i in db.LaneInstances
            join r in db.ApprovalRounds.Include(r => r.Decisions) on i.RoundId equals r.Id
            join u in db.UseCases on r.UseCaseId equals u.Id
            where i.Id == instanceId
            select ValueTuple.Create(i, r, u.Title, u.BusinessUnit, u.Editors)).SingleAsync(cancellation);
        var tasks = await db.ReviewTasks.Where(t => t.InstanceId == instanceId).ToListAsync(cancellation);
        return new LockedReview(instance, round, tasks, round.TitleFor(title), new Subject(unit, [.. editors.Select(e => new PersonId(e))]));
    }

    /// <summary>
    /// A command on a review saves once, and if that fails all of it is rolled back. A savepoint before the save would be
    /// two more round trips for a state to which nobody returns.
    /// </summary>
    private static void SaveWithoutSavepoint(GovernanceDb db) => db.Database.AutoSavepointsEnabled = false;
}
