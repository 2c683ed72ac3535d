using System.Text.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Workflows;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>
/// Runs a lane inside the transaction of the command that moves it: new state, journal, tasks and the settlement of
/// the round are one commit. Nothing runs in the background, so nothing can be lost between two commits.
/// </summary>
public sealed class LaneRuntime(Organisation organisation)
{
    internal async Task StartAsync(GovernanceDb db, ApprovalRound round, UseCase useCase, Assessment assessment, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        var definitionId = round.Lane.ToString().ToLowerInvariant();
        var published = await db.PublishedWorkflows.AsNoTracking().Where(p => p.DefinitionId == definitionId)
            .OrderByDescending(p => p.DefinitionVersion).FirstOrDefaultAsync(cancellation);
        Refuse.If(published is null, "lane-not-published", $"The {round.Lane} lane has no published workflow, so nothing can be submitted to it. An administrator finds the reason under /health/ready.");

        var instance = LaneInstance.Of(round.Id, published, now);
        db.LaneInstances.Add(instance);
        var inputs = new Dictionary<string, JsonElement>
        {
            ["revision"] = JsonSerializer.SerializeToElement(round.RevisionNumber),
            ["customerFacing"] = JsonSerializer.SerializeToElement(assessment.Functions.Contains(Role.Brand)),
        };
        var transition = Interpreter.Start(DefinitionOf(published), inputs);
        Apply(db, transition, instance, round, [], useCase, by, now);
    }

    /// <summary>Moves the lane with one answer. The caller holds the row lock of the instance.</summary>
    internal async Task AnswerAsync(
        GovernanceDb db, LaneInstance instance, ApprovalRound round, IReadOnlyList<ReviewTask> tasks, UseCase useCase,
        ReviewTask task, Decision decision, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        var published = await db.PublishedWorkflows.AsNoTracking()
            .SingleAsync(p => p.DefinitionId == instance.DefinitionId && p.DefinitionVersion == instance.DefinitionVersion, cancellation);
        var answer = JsonSerializer.SerializeToElement(new
        {
            decision = WordOf(decision.Kind),
            comment = decision.Comment,
            decidedBy = decision.PersonId,
            decidedAt = decision.DecidedAt,
        });
        var transition = Interpreter.Apply(
            DefinitionOf(published), WorkflowState.FromJson(instance.State), new Stimulus.CompleteTask(task.BookmarkId, answer));
        Refuse.If(!transition.Matched, "task-closed", "The review moved on while you looked at it. Nothing is left to decide here.");
        task.Close(TaskState.Decided, now);
        Apply(db, transition, instance, round, tasks, useCase, by, now);
    }

    internal static async Task CancelAsync(
        GovernanceDb db, LaneInstance instance, ApprovalRound round, IReadOnlyList<ReviewTask> tasks, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        var published = await db.PublishedWorkflows.AsNoTracking()
            .SingleAsync(p => p.DefinitionId == instance.DefinitionId && p.DefinitionVersion == instance.DefinitionVersion, cancellation);
        var transition = Interpreter.Apply(DefinitionOf(published), WorkflowState.FromJson(instance.State), new Stimulus.Cancel());
        Journal(db, transition, instance, by, now);
        foreach (var task in tasks.Where(t => t.State is TaskState.Open))
        {
            task.Close(TaskState.Withdrawn, now);
        }

        round.Withdraw(by, now);
    }

    private void Apply(
        GovernanceDb db, Transition transition, LaneInstance instance, ApprovalRound round, IReadOnlyList<ReviewTask> tasks,
        UseCase useCase, Actor by, DateTimeOffset now)
    {
        Journal(db, transition, instance, by, now);
        foreach (var effect in transition.Effects)
        {
            switch (effect)
            {
                case Effect.BookmarkOpened { Kind: BookmarkKind.Task } opened:
                    db.ReviewTasks.Add(ReviewTask.Open(
                        round, instance.Id, opened.BookmarkId, FunctionOf(opened), organisation.AfterWorkingDays(now, DueInOf(opened)), now));
                    break;
                case Effect.BookmarkClosed closed:
                    tasks.FirstOrDefault(t => t.BookmarkId == closed.BookmarkId && t.State is TaskState.Open)?.Close(TaskState.Withdrawn, now);
                    break;
            }
        }

        if (transition.State.Status is WorkflowStatus.Finished)
        {
            Settle(transition, round, useCase, by, now);
        }
    }

    private static void Settle(Transition transition, ApprovalRound round, UseCase useCase, Actor by, DateTimeOffset now)
    {
        var outcome = transition.State.SubStatus is WorkflowSubStatus.Finished
            && transition.State.Variables.TryGetValue("outcome", out var value) && value.ValueKind is JsonValueKind.String
                ? value.GetString()
                : null;
        ReviewOutcome? settled = round.Settle(outcome, by, now) switch
        {
            RoundStatus.Approved => ReviewOutcome.Approved,
            RoundStatus.ChangesRequested => ReviewOutcome.ChangesRequested,
            RoundStatus.Vetoed => ReviewOutcome.Vetoed,
            _ => null,
        };
        if (settled is { } result)
        {
            useCase.SettleReview(round.RevisionNumber, result, by, now);
        }
    }

    private static void Journal(GovernanceDb db, Transition transition, LaneInstance instance, Actor by, DateTimeOffset now)
    {
        var entries = transition.Effects.OfType<Effect.ActivityLogged>().ToList();
        db.Set<LaneJournalEntry>().AddRange(entries.Select((entry, index) => new LaneJournalEntry
        {
            InstanceId = instance.Id,
            Sequence = instance.JournalLength + index + 1,
            Activity = entry.ActivityId,
            Event = entry.Event.ToString(),
            At = now,
            ActorId = by.Id.Value,
        }));
        instance.Advance(transition.State.ToJson(), $"{transition.State.Status}/{transition.State.SubStatus}", entries.Count, now);
    }

    private static WorkflowDefinition DefinitionOf(PublishedWorkflow published) =>
        DefinitionJson.Read(published.Json, $"{published.DefinitionId} version {published.DefinitionVersion}");

    private static Role FunctionOf(Effect.BookmarkOpened opened) => Enum.Parse<Role>(opened.Payload!.Value.GetProperty("function").GetString()!);

    private static int DueInOf(Effect.BookmarkOpened opened) =>
        opened.Payload is { } payload && payload.TryGetProperty("dueInWorkingDays", out var days) ? days.GetInt32() : 5;

    private static string WordOf(DecisionKind kind) => kind switch
    {
        DecisionKind.Approve => "approve",
        DecisionKind.ApproveWithConditions => "approve-with-conditions",
        DecisionKind.RequestChanges => "request-changes",
        DecisionKind.Veto => "veto",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
