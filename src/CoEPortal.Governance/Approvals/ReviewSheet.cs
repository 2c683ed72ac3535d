using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>One function's place in a round: who decided what, or that it waits.</summary>
public sealed record FunctionStatus(Role Function, Decision? Decision, ReviewTask? OpenTask, bool IsCounting);

/// <summary>Everything a person needs to decide on one task, and exactly what they sign.</summary>
public sealed record ReviewSheet(
    ReviewTask Task, ApprovalRound Round, UseCase UseCase, UseCaseRevision Revision, UseCaseRevision? PreviousRevision,
    IReadOnlyList<FunctionStatus> Functions, string? CannotDecideBecause,
    IReadOnlyList<ApprovalRound> EarlierRounds, IReadOnlyList<string> AuthorNames, Delegation? StandsInFor,
    IReadOnlyList<Delegation> DelegatedTo, int Comments)
{
    /// <summary>The conditions that stand, numbered from C1 in the order they were set, with the function that set each.</summary>
    public IReadOnlyList<(string Number, Role Function, string Text)> Conditions { get; } =
        [.. Round.Decisions.OrderBy(d => d.DecidedAt).SelectMany(d => d.Conditions.Select(text => (d.Function, text)))
            .Select((condition, index) => ($"C{index + 1}", condition.Function, condition.text))];

    /// <summary>A decision given for an earlier revision. It stays in the record and counts no longer.</summary>
    public (ApprovalRound Round, Decision Decision)? LastVoidOf(Role function) => EarlierRounds
        .SelectMany(round => round.Decisions.Where(d => d.Function == function).Select(d => ((ApprovalRound, Decision)?)(round, d))).FirstOrDefault();
}

public sealed class ReviewSheets(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    public async Task<ReviewSheet> OfAsync(Guid taskId, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var task = await db.ReviewTasks.AsNoTracking().SingleOrDefaultAsync(t => t.Id == taskId, cancellation)
            ?? throw new NotFoundException("task", taskId.ToString());
        var useCase = await db.DemandUseCaseAsync(task.UseCaseKey, reader, cancellation);
        var rounds = await db.ApprovalRounds.AsNoTracking().Include(r => r.Decisions).Where(r => r.UseCaseId == useCase.Id)
            .OrderByDescending(r => r.Number).ToListAsync(cancellation);
        var round = rounds.Single(r => r.Id == task.RoundId);
        var authors = await db.People.AsNoTracking().Where(p => round.Authors.Contains(p.Id)).OrderBy(p => p.Name)
            .Select(p => p.Name).ToListAsync(cancellation);
        var tasks = await db.ReviewTasks.AsNoTracking().Where(t => t.RoundId == round.Id).ToListAsync(cancellation);
        var today = organisation.DayOf(clock.GetUtcNow());
        var delegations = task is { State: TaskState.Open, AssigneeId: not null }
            ? await db.Delegations.AsNoTracking()
                .Where(d => d.FromId == task.AssigneeId && d.Function == task.Function && (d.TaskId == null || d.TaskId == task.Id)
                    && d.RevokedAt == null && d.EndsOn >= today)
                .OrderBy(d => d.CreatedAt).Take(20).ToListAsync(cancellation)
            : [];
        var standsInFor = delegations.Find(d => d.ToId == reader.Id.Value && d.HoldsOn(today));
        return new ReviewSheet(
            task, round, useCase,
            useCase.Revisions.Single(r => r.Number == round.RevisionNumber),
            round.Topic is ReviewTopic.Proposal ? useCase.Revisions.Where(r => r.Number < round.RevisionNumber).MaxBy(r => r.Number) : null,
            StatusOf(round, tasks),
            WhyNot(task, round, standsInFor, reader),
            [.. rounds.Where(r => r.Topic is ReviewTopic.Proposal && round.Topic is ReviewTopic.Proposal && r.Number < round.Number)], authors,
            standsInFor, delegations,
            await db.Comments.CountAsync(c => c.UseCaseKey == useCase.Key && c.RetractedAt == null, cancellation));
    }

    /// <summary>All rounds about the proposals of a use case, newest first.</summary>
    public async Task<IReadOnlyList<(ApprovalRound Round, IReadOnlyList<FunctionStatus> Functions)>> RoundsOfAsync(
        string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var rounds = await db.ApprovalRounds.AsNoTracking().Include(r => r.Decisions).Where(r => r.UseCaseKey == useCaseKey && r.Topic == ReviewTopic.Proposal)
            .OrderByDescending(r => r.Number).Take(50).ToListAsync(cancellation);
        var ids = rounds.ConvertAll(r => r.Id);
        var tasks = (await db.ReviewTasks.AsNoTracking().Where(t => ids.Contains(t.RoundId)).ToListAsync(cancellation)).ToLookup(t => t.RoundId);
        return [.. rounds.Select(r => (r, StatusOf(r, [.. tasks[r.Id]])))];
    }

    /// <summary>The newest review of something other than the proposal, for who may read the use case; null where there is none.</summary>
    public async Task<(ApprovalRound Round, IReadOnlyList<FunctionStatus> Functions)?> OfTopicAsync(Guid topicId, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var round = await db.ApprovalRounds.AsNoTracking().Include(r => r.Decisions).Where(r => r.TopicId == topicId).OrderByDescending(r => r.Number).FirstOrDefaultAsync(cancellation);
        if (round is null)
        {
            return null;
        }

        await db.DemandReadableAsync(round.UseCaseKey, reader, cancellation);
        return (round, StatusOf(round, await db.ReviewTasks.AsNoTracking().Where(t => t.RoundId == round.Id).ToListAsync(cancellation)));
    }

    private static IReadOnlyList<FunctionStatus> StatusOf(ApprovalRound round, IReadOnlyList<ReviewTask> tasks) =>
        [.. round.RequiredFunctions.Select(function =>
        {
            var decision = round.Decisions.SingleOrDefault(d => d.Function == function);
            var open = tasks.FirstOrDefault(t => t.Function == function && t.State is TaskState.Open);
            return new FunctionStatus(function, decision, open, decision is { Approves: true } && decision.ContentHash == round.ContentHash);
        })];

    private static string? WhyNot(ReviewTask task, ApprovalRound round, Delegation? standsInFor, Actor reader) =>
        task.State is TaskState.Decided ? $"{ApprovalRound.NameOf(task.Function)} has decided."
        : task.State is TaskState.Withdrawn ? "The review ended before this was decided."
        : !reader.Is(task.Function) ? $"This decision belongs to {ApprovalRound.NameOf(task.Function)}."
        : round.Authors.Contains(reader.Id.Value) ? $"You {round.HadAHandInIt}, so another {ApprovalRound.NameOf(task.Function)} reviewer decides."
        : round.HasSigned(reader.Id.Value) ? "You have already decided in this round. Each function needs another person."
        : standsInFor is not null && (round.Authors.Contains(standsInFor.FromId) || round.HasSigned(standsInFor.FromId)) ? $"{standsInFor.FromName} cannot decide here, so nobody decides for them."
        : task.AssigneeId is not null && task.AssigneeId != reader.Id.Value && standsInFor is null ? $"{task.AssigneeName} has taken this task."
        : null;
}
