using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>A lane has ended: what that means for the round, for the use case, for its conditions and for those who wait.</summary>
public sealed class SettleReview(Organisation organisation, ReviewNotices notices, IEnumerable<IReviewTopic> topics)
{
    private const int RemindDaysBefore = 5;

    internal async Task RunAsync(
        GovernanceDb db, LockedReview review, string? outcome, UseCase? useCase, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        var round = review.Round;
        var status = round.Settle(outcome, by, now);
        if (status is RoundStatus.Disputed)
        {
            db.Add(LaneIncident.Disputed(review.Instance.Id, outcome, now));
            await notices.LaneStoppedAsync(db, round, review.Instance, now, cancellation);
            return;
        }

        if (round.Topic is not ReviewTopic.Proposal)
        {
            await TopicOf(round).SettleAsync(db, round, by, now, cancellation);
            await ReleaseConditionsAsync(db, round, status is RoundStatus.Approved, by, now, cancellation);
            await notices.SettledAsync(db, round, review.Title, now, cancellation);
            return;
        }

        useCase ??= await db.UseCases.SingleAsync(u => u.Id == round.UseCaseId, cancellation);
        useCase.SettleReview(round.RevisionNumber, round.ContentHash, ResultOf(status), by, now);
        await ReleaseConditionsAsync(db, round, status is RoundStatus.Approved, by, now, cancellation);
        await notices.SettledAsync(db, round, useCase.Title, now, cancellation);
        if (status is RoundStatus.Approved)
        {
            // Gateways learn of it by the next number of enforcement, which the database gives at the commit.
            await ClearCase.RunAsync(db, useCase, round.RevisionNumber, now, cancellation);
        }
    }

    /// <summary>What becomes of it when its review was ended without an answer.</summary>
    internal async Task EndAsync(GovernanceDb db, LockedReview review, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        var round = review.Round;
        await ReleaseConditionsAsync(db, round, isApproved: false, by, now, cancellation);
        if (round.Topic is ReviewTopic.Proposal)
        {
            (await db.UseCases.SingleAsync(u => u.Id == round.UseCaseId, cancellation)).EndReviewWithoutAnswer(now);
        }
        else
        {
            await TopicOf(round).SettleAsync(db, round, by, now, cancellation);
        }

        await notices.SettledAsync(db, round, review.Title, now, cancellation);
    }

    /// <summary>What approval asks for begins with the approval; what was never approved asks nothing.</summary>
    internal async Task ReleaseConditionsAsync(
        GovernanceDb db, ApprovalRound round, bool isApproved, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!round.Conditions.Any())
        {
            return;
        }

        // The conditions of the last decision are not saved yet; those of earlier ones are not loaded yet.
        await db.ConditionFollowUps.Where(f => f.RoundId == round.Id).LoadAsync(cancellation);
        var followUps = db.ConditionFollowUps.Local.Where(f => f.RoundId == round.Id && f.State is FollowUpState.Pending).OrderBy(f => f.Number).ToList();
        foreach (var followUp in followUps)
        {
            if (!isApproved)
            {
                followUp.Void();
                continue;
            }

            followUp.Open(round.Decisions.Single(d => d.Id == followUp.DecisionId).PersonId, by, now);
            Schedule(db, followUp, now);
        }

        if (isApproved)
        {
            await notices.ConditionsOpenedAsync(db, followUps, now, cancellation);
        }
    }

    internal void Schedule(GovernanceDb db, ConditionFollowUp followUp, DateTimeOffset now)
    {
        var remindAt = organisation.StartOf(followUp.DueOn.AddDays(-RemindDaysBefore));
        if (remindAt > now)
        {
            db.ReviewTimers.Add(ReviewTimer.Of(followUp, TimerKind.Remind, remindAt, now));
        }

        db.ReviewTimers.Add(ReviewTimer.Of(followUp, TimerKind.Escalate, organisation.StartOf(followUp.DueOn.AddDays(1)), now));
    }

    private IReviewTopic TopicOf(ApprovalRound round) => topics.Single(t => t.Topic == round.Topic);

    private static ReviewOutcome ResultOf(RoundStatus status) => status switch
    {
        RoundStatus.Approved => ReviewOutcome.Approved,
        RoundStatus.ChangesRequested => ReviewOutcome.ChangesRequested,
        RoundStatus.Vetoed => ReviewOutcome.Vetoed,
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };
}
