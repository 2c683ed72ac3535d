using System.Net;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>
/// A channel that was told and one that did not get through. Nothing is called: their hosts exist nowhere, so they are paused, and
/// what they were told was carried by hand.
/// </summary>
public sealed class DemoChannels(IDbContextFactory<GovernanceDb> databases, PersonalDataKey key, Organisation organisation, TimeProvider realClock, ILogger<DeliverOutbox> log)
{
    private static readonly string[] Urgent = ["switch-engaged", "switch-released", "incident-reported", "incident-severe", "incident-overdue"];

    internal async Task MakeAsync(CancellationToken cancellation)
    {
        var clock = new DemoClock(realClock.GetUtcNow().AddDays(-12));
        var configure = new ConfigureChannel(databases, key, (_, _) => Task.FromResult(new[] { IPAddress.Parse("9.9.9.9") }), clock);
        var duty = new ChannelDraft("#ai-duty", Urgent, TellsTitle: true, null, null);
        var review = new ChannelDraft("AI reviews", ["review-overdue", "condition-due"], TellsTitle: false, new TimeOnly(18, 0), new TimeOnly(7, 30));
        var slack = await configure.AddAsync(ChannelKind.Slack, "https://hooks.slack.example/services/T000/B000/demo", duty, Who("coe-lead"), cancellation);
        var teams = await configure.AddAsync(ChannelKind.Teams, "https://nordhaven.powerplatform.example/workflows/demo", review, Who("coe-lead"), cancellation);
        var notices = new Notices(NoticeMail.Off, organisation);
        await TellAsync(notices, "incident-severe", "/incidents/INC-0002", clock, cancellation);
        await TellAsync(notices, "review-overdue", "/use-cases/UC-0007", clock, cancellation);

        var deliver = new DeliverOutbox(databases, clock, log);
        await deliver.RunAsync(Carrier.ToChannel(slack), (_, _) => Task.CompletedTask, cancellation);
        for (var attempt = 0; attempt < Carrier.ToChannel(teams).MostAttempts; attempt++)
        {
            clock.GoTo(clock.GetUtcNow().AddHours(9));
            await deliver.RunAsync(Carrier.ToChannel(teams), (_, _) => throw new InvalidOperationException("The webhook answered 404."), cancellation);
        }

        await configure.ChangeAsync(slack.Id, null, duty with { IsPaused = true }, null, Who("coe-lead"), cancellation);
        await configure.ChangeAsync(teams.Id, null, review with { IsPaused = true }, null, Who("coe-lead"), cancellation);
        await new ChooseNotices(databases).RunAsync(
            new NoticeChoices(new Dictionary<string, MailChoice> { ["review-settled"] = MailChoice.Digest, ["mentioned"] = MailChoice.Digest, ["exercise-seat"] = MailChoice.Off }, 7, new TimeOnly(19, 0), new TimeOnly(7, 0)),
            Who("coe-lead"), cancellation);
    }

    private async Task TellAsync(Notices notices, string kind, string link, TimeProvider clock, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var key = link.Split('/')[^1];
        await notices.SendAsync(
            db, [new Notice(Who("coe-lead").Id, kind, $"{key}: {NoticeKinds.Find(kind)!.Title}", "As the duty channel was told.", link, key.StartsWith("UC-", StringComparison.Ordinal) ? key : null, $"demo/{kind}/{key}")],
            clock.GetUtcNow(), cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
