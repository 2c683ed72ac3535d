using System.Text.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Workflows;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>
/// Runs a lane inside the transaction of the command that moves it: new state, journal, tasks, timers and the settlement
/// of the round are one commit. Nothing runs in the background, so nothing can be lost between two commits.
/// </summary>
public sealed class LaneRuntime(Organisation organisation, PublishedDefinitions definitions, SettleReview settlement, ReviewNotices notices)
{
    /// <summary>Starts the lane of a proposal.</summary>
    internal Task StartAsync(GovernanceDb db, ApprovalRound round, UseCase useCase, UseCaseRevision revision, Actor by, DateTimeOffset now, CancellationToken cancellation) =>
        StartAsync(db, round, useCase, ("customerFacing", JsonSerializer.SerializeToElement(revision.Assessment.Functions.Contains(Role.Brand))), by, now, cancellation);

    /// <param name="fact">What the workflow is told beside the revision.</param>
    internal async Task StartAsync(
        GovernanceDb db, ApprovalRound round, UseCase useCase, (string Name, JsonElement Value) fact, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        var definition = await definitions.NewestAsync(db, round.DefinitionId, cancellation);
        Refuse.If(definition is null, "lane-not-published", $"The lane {round.DefinitionId} has no published workflow, so nothing can be asked there. A CoE lead finds the reason under Workflows.");

        var instance = LaneInstance.Of(round.Id, definition, now);
        db.LaneInstances.Add(instance);
        var inputs = new Dictionary<string, JsonElement>
        {
            ["revision"] = JsonSerializer.SerializeToElement(round.RevisionNumber),
            [fact.Name] = fact.Value,
        };
        var transition = Interpreter.Start(definition, inputs);
        Take(db, instance, StimulusKind.Start, null, JsonSerializer.Serialize(inputs), transition, by, now);
        await FollowAsync(db, new LockedReview(instance, round, [], useCase.Title, useCase.Subject), transition, useCase, by, now, cancellation);
    }

    internal async Task AnswerAsync(
        GovernanceDb db, LockedReview review, ReviewTask task, Decision decision, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        Refuse.If(review.Instance.IsFaulted, "lane-faulted", "This review has stopped at an error in its workflow, so your decision cannot take effect and was not recorded. A CoE lead has been told.");
        var answer = JsonSerializer.SerializeToElement(new
        {
            decision = WordOf(decision.Kind),
            comment = decision.Comment,
            decidedBy = decision.PersonId,
            onBehalfOf = decision.OnBehalfOfId,
            decidedAt = decision.DecidedAt,
        });
        var transition = await ApplyAsync(db, review.Instance, new Stimulus.CompleteTask(task.BookmarkId, answer), cancellation);
        Refuse.If(!transition.Matched, "task-closed", "The review moved on while you looked at it. Nothing is left to decide here.");
        Take(db, review.Instance, StimulusKind.Answer, task.BookmarkId, answer.GetRawText(), transition, by, now);
        task.Close(TaskState.Decided, now);
        await FollowAsync(db, review, transition, null, by, now, cancellation);
    }

    /// <summary>Ends the lane without an outcome; what becomes of the round is for the caller to say.</summary>
    internal async Task CancelAsync(GovernanceDb db, LockedReview review, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        var transition = await ApplyAsync(db, review.Instance, new Stimulus.Cancel(), cancellation);
        Take(db, review.Instance, StimulusKind.Cancel, null, null, transition, by, now);
        foreach (var task in review.Tasks.Where(t => t.State is TaskState.Open))
        {
            task.Close(TaskState.Withdrawn, now);
        }
    }

    internal async Task RetryAsync(GovernanceDb db, LockedReview review, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        var definition = await definitions.OfAsync(db, review.Instance.DefinitionId, review.Instance.DefinitionVersion, cancellation);
        var transition = Interpreter.Retry(definition, WorkflowState.FromJson(review.Instance.State));
        Refuse.If(!transition.Matched, "not-faulted", "This review has not stopped at an error, so there is nothing to try again.");
        Take(db, review.Instance, StimulusKind.Retry, null, null, transition, by, now);
        await FollowAsync(db, review, transition, null, by, now, cancellation);
    }

    private async Task<Transition> ApplyAsync(GovernanceDb db, LaneInstance instance, Stimulus stimulus, CancellationToken cancellation)
    {
        var definition = await definitions.OfAsync(db, instance.DefinitionId, instance.DefinitionVersion, cancellation);
        return Interpreter.Apply(definition, WorkflowState.FromJson(instance.State), stimulus);
    }

    internal static void Take(
        GovernanceDb db, LaneInstance instance, StimulusKind kind, string? bookmarkId, string? body, Transition transition, Actor by, DateTimeOffset now)
    {
        var (stimulus, journal) = instance.Advance(kind, bookmarkId, body, transition, by, now);
        db.Add(stimulus);
        if (journal is not null)
        {
            db.Add(journal);
        }
    }

    /// <summary>Does what the lane asked for: opens and closes tasks, raises incidents, settles the round.</summary>
    private async Task FollowAsync(
        GovernanceDb db, LockedReview review, Transition transition, UseCase? useCase, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        var opened = new List<ReviewTask>();
        // A lane that asks and ends in one step asks nobody.
        var closed = transition.Effects.OfType<Effect.BookmarkClosed>().Select(c => c.BookmarkId).ToHashSet();
        foreach (var effect in transition.Effects)
        {
            switch (effect)
            {
                case Effect.BookmarkOpened { Kind: BookmarkKind.Task } bookmark when !closed.Contains(bookmark.BookmarkId):
                    opened.Add(Open(db, review, bookmark, now));
                    break;
                case Effect.BookmarkClosed { BookmarkId: var id }:
                    review.Tasks.Find(t => t.BookmarkId == id && t.State is TaskState.Open)?.Close(TaskState.Withdrawn, now);
                    break;
                case Effect.IncidentRaised incident:
                    review.Round.Fault(incident.ActivityId, incident.Message, by, now);
                    db.Add(LaneIncident.Faulted(review.Instance.Id, incident.ActivityId, incident.Message, now));
                    await notices.LaneStoppedAsync(db, review.Round, review.Instance, now, cancellation);
                    break;
            }
        }

        if (transition.State is { Status: WorkflowStatus.Finished, SubStatus: not WorkflowSubStatus.Faulted })
        {
            await settlement.RunAsync(db, review, OutcomeOf(transition.State), useCase, by, now, cancellation);
        }
        else if (opened.Count > 0)
        {
            await notices.AskedAsync(db, review, opened, now, cancellation);
        }
    }

    private ReviewTask Open(GovernanceDb db, LockedReview review, Effect.BookmarkOpened bookmark, DateTimeOffset now)
    {
        var payload = TaskPayload.Of(bookmark);
        var task = ReviewTask.Open(
            review.Round, review.Instance.Id, bookmark.BookmarkId, payload.Function, organisation.AfterWorkingDays(now, payload.Deadlines.Due), now);
        db.ReviewTasks.Add(task);
        var remindAt = organisation.AfterWorkingDays(now, Math.Max(0, payload.Deadlines.Due - payload.Deadlines.RemindBefore));
        if (remindAt > now && remindAt < task.DueAt)
        {
            db.ReviewTimers.Add(ReviewTimer.Of(task, TimerKind.Remind, remindAt, now));
        }

        db.ReviewTimers.Add(ReviewTimer.Of(task, TimerKind.Escalate, organisation.AfterWorkingDays(task.DueAt, payload.Deadlines.EscalateAfter), now));
        return task;
    }

    private static string? OutcomeOf(WorkflowState state) =>
        state.SubStatus is WorkflowSubStatus.Finished && state.Variables.TryGetValue("outcome", out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : null;

    internal static string WordOf(DecisionKind kind) => kind switch
    {
        DecisionKind.Approve => "approve",
        DecisionKind.ApproveWithConditions => "approve-with-conditions",
        DecisionKind.RequestChanges => "request-changes",
        DecisionKind.Veto => "veto",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
