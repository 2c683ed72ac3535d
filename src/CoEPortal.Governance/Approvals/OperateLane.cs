using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using CoEPortal.Workflows;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>
/// What the operators of the portal can do with a lane that does not go on. None of it decides anything: after each of
/// them approval still needs every required function.
/// </summary>
public sealed class OperateLane(
    IDbContextFactory<GovernanceDb> databases, LaneRuntime lanes, PublishedDefinitions definitions, SettleReview settlement, TimeProvider clock)
{
    /// <summary>Runs the activity that failed once more.</summary>
    public Task RetryAsync(Guid instanceId, string reason, Actor person, CancellationToken cancellation = default) => ChangeAsync(
        instanceId, reason, person,
        async (db, review, now) =>
        {
            Refuse.If(!review.Instance.IsFaulted, "not-faulted", "This review has not stopped at an error, so there is nothing to try again.");
            review.Round.Retry(reason, person, now);
            await ResolveAsync(db, review, IncidentResolution.Retried, reason, person, now, cancellation);
            await lanes.RetryAsync(db, review, person, now, cancellation);
        },
        cancellation);

    /// <summary>Ends a review without a decision; the authors can submit again.</summary>
    public Task CancelAsync(Guid instanceId, string reason, Actor person, CancellationToken cancellation = default) => ChangeAsync(
        instanceId, reason, person,
        async (db, review, now) =>
        {
            review.Round.Cancel(reason, person, now);
            await lanes.CancelAsync(db, review, person, now, cancellation);
            await ResolveAsync(db, review, IncidentResolution.Cancelled, reason, person, now, cancellation);
            await settlement.EndAsync(db, review, person, now, cancellation);
        },
        cancellation);

    /// <summary>Moves a running review to a newer version of its workflow, when nothing that was asked or decided is lost by it.</summary>
    public Task UpgradeAsync(Guid instanceId, int toVersion, string reason, Actor person, CancellationToken cancellation = default) => ChangeAsync(
        instanceId, reason, person,
        async (db, review, now) =>
        {
            var (instance, round) = (review.Instance, review.Round);
            Refuse.If(toVersion <= instance.DefinitionVersion, "not-newer", $"The review runs on version {instance.DefinitionVersion} already.");
            var published = await db.PublishedWorkflows.AnyAsync(p => p.DefinitionId == instance.DefinitionId && p.DefinitionVersion == toVersion, cancellation);
            Refuse.If(!published, "version-not-published", $"There is no published version {toVersion} of this workflow.");
            var from = await definitions.OfAsync(db, instance.DefinitionId, instance.DefinitionVersion, cancellation);
            var to = await definitions.OfAsync(db, instance.DefinitionId, toVersion, cancellation);
            var state = WorkflowState.FromJson(instance.State);
            var refusals = Upgrade.Check(from, to, state);
            Refuse.If(!refusals.IsEmpty, "upgrade-refused", string.Join(" ", refusals));
            // What has to be signed was pinned when the round opened; another list would change the question under those who answered.
            Refuse.If(!to.RequiredFunctions.ToHashSet().IsSubsetOf(round.RequiredFunctions.Select(f => f.ToString())), "upgrade-functions",
                "The newer version requires functions that this review was not opened with. Withdraw and submit again to use it.");
            round.Upgrade(instance.DefinitionId, instance.DefinitionVersion, toVersion, reason, person, now);
            LaneRuntime.Take(db, instance, StimulusKind.Upgrade, null, null, new Transition(Upgrade.Apply(from, to, state), [], Matched: true), person, now);
        },
        cancellation);

    private async Task ChangeAsync(
        Guid instanceId, string reason, Actor person, Func<GovernanceDb, LockedReview, DateTimeOffset, Task> change, CancellationToken cancellation)
    {
        AccessPolicy.Demand(person, Permission.OperateWorkflows);
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why: it stays in the audit log.");
        Refuse.If(reason.Length > LaneIncident.NoteLength, "reason-too-long", $"Write at most {LaneIncident.NoteLength:N0} characters.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await change(db, await LockedReview.OfInstanceAsync(db, instanceId, cancellation), clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static async Task ResolveAsync(
        GovernanceDb db, LockedReview review, IncidentResolution resolution, string note, Actor person, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var incident in await db.LaneIncidents.Where(i => i.InstanceId == review.Instance.Id && i.ResolvedAt == null).ToListAsync(cancellation))
        {
            incident.Resolve(resolution, note, person, now);
        }
    }
}
