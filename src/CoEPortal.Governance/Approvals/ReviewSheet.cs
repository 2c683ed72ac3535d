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
    IReadOnlyList<FunctionStatus> Functions, string? CannotDecideBecause);

public sealed class ReviewSheets(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<ReviewSheet> OfAsync(Guid taskId, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var task = await db.ReviewTasks.AsNoTracking().SingleOrDefaultAsync(t => t.Id == taskId, cancellation)
            ?? throw new NotFoundException("task", taskId.ToString());
        var useCase = await db.DemandUseCaseAsync(task.UseCaseKey, reader, cancellation);
        var round = await db.ApprovalRounds.AsNoTracking().Include(r => r.Decisions).SingleAsync(r => r.Id == task.RoundId, cancellation);
        var tasks = await db.ReviewTasks.AsNoTracking().Where(t => t.RoundId == round.Id).ToListAsync(cancellation);
        return new ReviewSheet(
            task, round, useCase,
            useCase.Revisions.Single(r => r.Number == round.RevisionNumber),
            useCase.Revisions.Where(r => r.Number < round.RevisionNumber).MaxBy(r => r.Number),
            StatusOf(round, tasks),
            WhyNot(task, round, reader));
    }

    /// <summary>All rounds of a use case, newest first.</summary>
    public async Task<IReadOnlyList<(ApprovalRound Round, IReadOnlyList<FunctionStatus> Functions)>> RoundsOfAsync(
        string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var rounds = await db.ApprovalRounds.AsNoTracking().Include(r => r.Decisions).Where(r => r.UseCaseKey == useCaseKey)
            .OrderByDescending(r => r.Number).Take(50).ToListAsync(cancellation);
        var ids = rounds.ConvertAll(r => r.Id);
        var tasks = (await db.ReviewTasks.AsNoTracking().Where(t => ids.Contains(t.RoundId)).ToListAsync(cancellation)).ToLookup(t => t.RoundId);
        return [.. rounds.Select(r => (r, StatusOf(r, [.. tasks[r.Id]])))];
    }

    private static IReadOnlyList<FunctionStatus> StatusOf(ApprovalRound round, IReadOnlyList<ReviewTask> tasks) =>
        [.. round.RequiredFunctions.Select(function =>
        {
            var decision = round.Decisions.SingleOrDefault(d => d.Function == function);
            var open = tasks.FirstOrDefault(t => t.Function == function && t.State is TaskState.Open);
            return new FunctionStatus(function, decision, open, decision is { Approves: true } && decision.ContentHash == round.ContentHash);
        })];

    private static string? WhyNot(ReviewTask task, ApprovalRound round, Actor reader) =>
        task.State is TaskState.Decided ? $"{task.Function} has decided."
        : task.State is TaskState.Withdrawn ? "The review ended before this was decided."
        : !reader.Is(task.Function) ? $"This decision belongs to {task.Function}."
        : round.Authors.Contains(reader.Id.Value) ? $"You wrote or edited this proposal, so another {task.Function} reviewer decides."
        : round.Decisions.Any(d => d.PersonId == reader.Id.Value) ? "You have already decided in this round. Each function needs another person."
        : null;
}
