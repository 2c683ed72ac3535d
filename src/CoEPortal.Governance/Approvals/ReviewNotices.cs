using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>Who is told what about a review, inside the transaction of what happened.</summary>
public sealed class ReviewNotices(Notices notices, Organisation organisation)
{
    internal async Task AskedAsync(GovernanceDb db, LockedReview review, IReadOnlyList<ReviewTask> opened, DateTimeOffset now, CancellationToken cancellation)
    {
        var holders = await HoldersAsync(db, [.. opened.Select(t => t.Function)], cancellation);
        var round = review.Round;
        var messages =
            from task in opened
            from holder in holders[task.Function]
            where !round.Authors.Contains(holder) && !round.HasSigned(holder)
            select To(holder, "review-asked", $"{round.UseCaseKey} {review.Title} waits for {ApprovalRound.NameOf(task.Function)}",
                $"{Matter(round)}, due {Day(task.DueAt)}.", task, $"asked/{task.Id:N}");
        await notices.SendAsync(db, [.. messages], now, cancellation);
    }

    internal Task RemindAsync(GovernanceDb db, ApprovalRound round, ReviewTask task, ReviewTimer timer, DateTimeOffset now, CancellationToken cancellation) =>
        TellDecidersAsync(db, round, task, "review-reminder", $"is due soon for {ApprovalRound.NameOf(task.Function)}", $"Due {Day(task.DueAt)}, and still waits for {ApprovalRound.NameOf(task.Function)}.", $"remind/{timer.Id:N}", now, cancellation);

    internal async Task EscalatedAsync(GovernanceDb db, ApprovalRound round, ReviewTask task, DateTimeOffset now, CancellationToken cancellation)
    {
        var fact = $"{ApprovalRound.NameOf(task.Function)} was due {Day(task.DueAt)}{(task.AssigneeName is { } name ? $"; {name} has taken it" : "; nobody has taken it")}.";
        var key = $"escalated/{task.Id:N}/{task.EscalationLevel}";
        await TellDecidersAsync(db, round, task, "review-overdue", $"is overdue for {ApprovalRound.NameOf(task.Function)}", fact, key, now, cancellation);
        var leads = (await HoldersAsync(db, [Role.CoeLead], cancellation))[Role.CoeLead];
        var title = await TitleAsync(db, round, cancellation);
        await notices.SendAsync(
            db, [.. leads.Select(lead => To(lead, "review-overdue", $"{round.UseCaseKey} {title} is overdue for {ApprovalRound.NameOf(task.Function)}", fact, task, key))], now, cancellation);
    }

    internal async Task TakenOverAsync(GovernanceDb db, ApprovalRound round, ReviewTask task, string from, DateTimeOffset now, CancellationToken cancellation)
    {
        var title = await TitleAsync(db, round, cancellation);
        await notices.SendAsync(
            db, [To(from, "review-taken-over", $"{task.AssigneeName} took over {round.UseCaseKey} {title}", "It is no longer yours to decide.", task, $"taken/{task.Id:N}/{round.Version}")],
            now, cancellation);
    }

    internal Task DelegatedAsync(GovernanceDb db, Delegation delegation, ReviewTask? task, DateTimeOffset now, CancellationToken cancellation) =>
        notices.SendAsync(
            db,
            [
                new Notice(
                    new PersonId(delegation.ToId), "review-delegated", $"You stand in for {delegation.FromName}",
                    $"For {ApprovalRound.NameOf(delegation.Function)}{(task is null ? "" : $" on {task.UseCaseKey}")}, until {Day(delegation.EndsOn)}: {delegation.Reason}",
                    task is null ? "/inbox" : $"/tasks/{task.Id}", task?.UseCaseKey, $"delegated/{delegation.Id:N}"),
            ],
            now, cancellation);

    internal async Task SettledAsync(GovernanceDb db, ApprovalRound round, string title, DateTimeOffset now, CancellationToken cancellation)
    {
        var word = round.Status switch
        {
            RoundStatus.Approved => "is approved",
            RoundStatus.ChangesRequested => "was sent back for changes",
            RoundStatus.Cancelled => "was not decided: its review was cancelled",
            _ => "was declined",
        };
        await notices.SendAsync(
            db,
            [
                .. round.Authors.Select(author => new Notice(
                    new PersonId(author), "review-settled", $"{round.UseCaseKey} {title} {word}", $"{Matter(round)}, review {round.Number}.",
                    PageOf(round), round.UseCaseKey, $"settled/{round.Id:N}")),
            ],
            now, cancellation);
    }

    internal async Task LaneStoppedAsync(GovernanceDb db, ApprovalRound round, LaneInstance instance, DateTimeOffset now, CancellationToken cancellation)
    {
        var operators = await HoldersAsync(db, [Role.CoeLead, Role.Admin], cancellation);
        await notices.SendAsync(
            db,
            [
                .. operators.SelectMany(o => o).Distinct().Select(person => new Notice(
                    new PersonId(person), "lane-stopped", $"The review of {round.UseCaseKey} has stopped", "Its workflow cannot go on. Nothing was approved.",
                    $"/workflows/instances/{instance.Id}", round.UseCaseKey, $"stopped/{instance.Id:N}/{instance.StimulusCount}")),
            ],
            now, cancellation);
    }

    internal Task ConditionsOpenedAsync(GovernanceDb db, IReadOnlyList<ConditionFollowUp> followUps, DateTimeOffset now, CancellationToken cancellation) =>
        notices.SendAsync(
            db, [.. followUps.Select(f => ToOwner(f, "condition-set", $"{f.UseCaseKey}: a condition is yours until {Day(f.DueOn)}", f.Text, $"condition/{f.Id:N}/{f.OwnerId}/{f.DueOn:yyyyMMdd}"))],
            now, cancellation);

    internal async Task ConditionDueAsync(GovernanceDb db, ConditionFollowUp followUp, ReviewTimer timer, DateTimeOffset now, CancellationToken cancellation)
    {
        var isLate = timer.Kind is TimerKind.Escalate;
        var messages = new List<Notice>
        {
            ToOwner(followUp, "condition-due", $"{followUp.UseCaseKey}: a condition {(isLate ? "is overdue" : $"is due {Day(followUp.DueOn)}")}", followUp.Text, $"condition-due/{timer.Id:N}"),
        };
        if (isLate)
        {
            var others = await HoldersAsync(db, [followUp.Function, Role.CoeLead], cancellation);
            messages.AddRange(others.SelectMany(o => o).Distinct().Where(p => p != followUp.OwnerId).Select(p => new Notice(
                new PersonId(p), "condition-due", $"{followUp.UseCaseKey}: a condition is overdue", $"{followUp.OwnerName} was to see to it by {Day(followUp.DueOn)}: {followUp.Text}",
                LinkOf(followUp), followUp.UseCaseKey, $"condition-due/{timer.Id:N}")));
        }

        await notices.SendAsync(db, messages, now, cancellation);
    }

    internal async Task ConditionReportedAsync(GovernanceDb db, ConditionFollowUp followUp, DateTimeOffset now, CancellationToken cancellation)
    {
        var reviewers = (await HoldersAsync(db, [followUp.Function], cancellation))[followUp.Function];
        await notices.SendAsync(
            db,
            [
                .. reviewers.Where(r => r != followUp.ReportedBy).Select(r => new Notice(
                    new PersonId(r), "condition-reported", $"{followUp.UseCaseKey}: is condition C{followUp.Number} met?", $"{followUp.ReportedByName}: {followUp.Report}",
                    LinkOf(followUp), followUp.UseCaseKey, $"condition-reported/{followUp.Id:N}/{followUp.Version}")),
            ],
            now, cancellation);
    }

    internal Task ConditionSentBackAsync(GovernanceDb db, ConditionFollowUp followUp, string reason, DateTimeOffset now, CancellationToken cancellation) =>
        notices.SendAsync(
            db, [ToOwner(followUp, "condition-sent-back", $"{followUp.UseCaseKey}: condition C{followUp.Number} is not met yet", reason, $"condition-back/{followUp.Id:N}/{followUp.Version}")],
            now, cancellation);

    internal Task MentionedAsync(GovernanceDb db, Comment comment, string title, DateTimeOffset now, CancellationToken cancellation) =>
        notices.SendAsync(
            db,
            [
                .. comment.Mentions.Where(m => m != comment.AuthorId).Select(m => new Notice(
                    new PersonId(m), "mentioned", $"{comment.AuthorName} mentioned you on {comment.UseCaseKey} {title}", comment.Text,
                    comment.Question is null ? $"/use-cases/{comment.UseCaseKey}?tab=discussion" : $"/use-cases/{comment.UseCaseKey}?tab=one-pager&rev=draft&at={comment.Question}", comment.UseCaseKey, $"mention/{comment.Id:N}")),
            ],
            now, cancellation);

    /// <summary>Who has taken it and who stands in for them; when nobody has, everybody of the function who may decide.</summary>
    private async Task TellDecidersAsync(
        GovernanceDb db, ApprovalRound round, ReviewTask task, string kind, string what, string fact, string key, DateTimeOffset now, CancellationToken cancellation)
    {
        var people = task.AssigneeId is not null
            ? await db.Delegations.Where(Delegation.InForceFor(task, organisation.DayOf(now)))
                .OrderBy(d => d.CreatedAt).Take(20).Select(d => d.ToId).ToListAsync(cancellation)
            : [.. (await HoldersAsync(db, [task.Function], cancellation))[task.Function]];
        var title = await TitleAsync(db, round, cancellation);
        await notices.SendAsync(
            db,
            [
                .. people.Append(task.AssigneeId ?? "").Distinct().Where(p => p.Length > 0 && !round.Authors.Contains(p) && !round.HasSigned(p))
                    .Select(p => To(p, kind, $"{round.UseCaseKey} {title} {what}", fact, task, key)),
            ],
            now, cancellation);
    }

    private static async Task<ILookup<Role, string>> HoldersAsync(GovernanceDb db, IReadOnlyCollection<Role> functions, CancellationToken cancellation)
    {
        var wanted = functions.Distinct().ToList();
        var people = await db.People.AsNoTracking().Where(p => p.IsActive && p.Roles.Any(r => wanted.Contains(r)))
            .OrderBy(p => p.Name).Take(500).Select(p => new { p.Id, p.Roles }).ToListAsync(cancellation);
        return people.SelectMany(p => p.Roles.Where(wanted.Contains).Select(role => (role, p.Id))).ToLookup(p => p.role, p => p.Id);
    }

    private static async Task<string> TitleAsync(GovernanceDb db, ApprovalRound round, CancellationToken cancellation) =>
        round.TitleFor(await db.UseCases.AsNoTracking().Where(u => u.Id == round.UseCaseId).Select(u => u.Title).SingleAsync(cancellation));

    private static Notice To(string person, string kind, string title, string text, ReviewTask task, string key) =>
        new(new PersonId(person), kind, title, text, $"/tasks/{task.Id}", task.UseCaseKey, key);

    private static Notice ToOwner(ConditionFollowUp followUp, string kind, string title, string text, string key) =>
        new(new PersonId(followUp.OwnerId), kind, title, text, LinkOf(followUp), followUp.UseCaseKey, key);

    private static string Matter(ApprovalRound round) => round.Topic switch
    {
        ReviewTopic.Promotion => "A change of what runs",
        ReviewTopic.Dpia => "An impact assessment",
        _ => $"Revision {round.RevisionNumber}",
    };

    private static string PageOf(ApprovalRound round) => round.Topic switch
    {
        ReviewTopic.Promotion => $"/gates/promotions/{round.TopicId}",
        ReviewTopic.Dpia => $"/dpias/{round.TopicName}",
        _ => $"/use-cases/{round.UseCaseKey}",
    };

    private static string LinkOf(ConditionFollowUp followUp) => $"/use-cases/{followUp.UseCaseKey}?tab=approvals#conditions";

    // The portal speaks English, whatever the machine it runs on does.
    private string Day(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, organisation.Zone).ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture);

    private static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
}
