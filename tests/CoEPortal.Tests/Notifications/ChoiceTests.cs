using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Notifications;

public sealed class ChoiceTests(TestPostgres postgres) : NoticesTest(postgres)
{
    private SendDigests Digests => new(Get<IDbContextFactory<GovernanceDb>>(), new NoticeMail(new Uri("https://portal.nordhaven.example/")), new Organisation(), Clock);

    [Theory]
    // Berlin: before the hour, after it, over the night of 29 March (02:00 becomes 03:00) and of 25 October (03:00 becomes 02:00)
    [InlineData("2026-11-23T05:00:00Z", 8, "2026-11-23T07:00:00Z")]
    [InlineData("2026-11-23T07:00:00Z", 8, "2026-11-24T07:00:00Z")]
    [InlineData("2026-03-28T20:00:00Z", 8, "2026-03-29T06:00:00Z")]
    [InlineData("2026-10-24T20:00:00Z", 8, "2026-10-25T07:00:00Z")]
    [InlineData("2026-03-28T20:00:00Z", 2, "2026-03-29T01:00:00Z")]
    public void A_digest_is_due_at_the_first_such_hour_of_the_organisation_after_it_came(string came, int hour, string due) =>
        Assert.Equal(At(due), SendDigests.DueAt(At(came), hour, new Organisation()));

    [Theory]
    [InlineData("2026-11-23T09:00:00Z", "08:00", "09:00", "2026-11-23T09:00:00Z")]
    [InlineData("2026-11-23T09:00:00Z", "09:30", "12:00", "2026-11-23T11:00:00Z")]
    [InlineData("2026-11-23T22:00:00Z", "22:00", "07:00", "2026-11-24T06:00:00Z")]
    [InlineData("2026-11-23T05:59:59Z", "22:00", "07:00", "2026-11-23T06:00:00Z")]
    [InlineData("2026-11-23T06:00:00Z", "22:00", "07:00", "2026-11-23T06:00:00Z")]
    [InlineData("2026-03-28T22:00:00Z", "22:00", "07:00", "2026-03-29T05:00:00Z")]
    [InlineData("2026-03-28T22:00:00Z", "22:00", "02:30", "2026-03-29T01:30:00Z")]
    [InlineData("2026-10-24T22:00:00Z", "22:00", "07:00", "2026-10-25T06:00:00Z")]
    public async Task Mail_waits_for_the_end_of_quiet_hours_across_daylight_saving(string now, string from, string until, string leaves)
    {
        Clock.Advance(At(now) - Clock.GetUtcNow());
        await ChooseAsync("legal", new(new Dictionary<string, MailChoice>(), 8, TimeOnly.Parse(from, CultureInfo.InvariantCulture), TimeOnly.Parse(until, CultureInfo.InvariantCulture)));

        await SendAsync(WithMail, NoticeFor("legal"), NoticeFor("legal", "2") with { Kind = "incident-severe" }, NoticeFor("legal2"));

        var due = (await MessagesAsync()).ToDictionary(m => (m.Recipient, m.Kind!), m => m.NextAttemptAt);
        Assert.Equal(At(leaves), due[("legal@nordhaven.example", "review-asked")]);
        Assert.Equal(At(now), due[("legal@nordhaven.example", "incident-severe")]);
        Assert.Equal(At(now), due[("legal2@nordhaven.example", "review-asked")]);
    }

    [Fact]
    public async Task Each_kind_comes_as_its_reader_chose_and_always_in_the_portal()
    {
        await ChooseAsync("legal", Choices(("review-asked", MailChoice.Digest), ("mentioned", MailChoice.Off)));

        await SendAsync(WithMail, NoticeFor("legal"), NoticeFor("legal", "2") with { Kind = "mentioned" }, NoticeFor("legal", "3") with { Kind = "condition-set" }, NoticeFor("legal2"));

        Assert.Equal(4, (await NotificationsAsync()).Count);
        Assert.Equal([("legal", "condition-set"), ("legal2", "review-asked")], (await MessagesAsync()).Select(m => (m.Recipient.Split('@')[0], m.Kind!)).Order());
    }

    [Fact]
    public async Task What_was_gathered_leaves_as_one_mail_in_the_morning_without_what_was_read_meanwhile()
    {
        await using var sink = new SmtpSink();
        await ChooseAsync("legal", Choices(("review-asked", MailChoice.Digest)));
        await SendAsync(WithMail, [.. Enumerable.Range(1, 33).Select(n => NoticeFor("legal", $"{n}", $"UC-{n:0000} waits"))]);
        await Get<MarkNotificationsRead>().RunAsync([(await NotificationsAsync())[0].Id], Who("legal"));

        Assert.Equal(0, await Digests.RunAsync());
        Clock.Advance(TimeSpan.FromHours(22));
        Assert.Equal(1, await Digests.RunAsync());
        Assert.Equal(0, await Digests.RunAsync());
        await Get<DeliverOutbox>().RunAsync(Carrier.Email, SenderTo(sink.Port).SendAsync);

        var mail = Assert.Single(sink.Received);
        Assert.Equal("32 things for you in the portal", Assert.Single(await MessagesAsync()).Subject);
        Assert.DoesNotContain("UC-0001 waits", mail.Text, StringComparison.Ordinal);
        Assert.Contains($"UC-0002 waits\r\nhttps://portal.nordhaven.example/notifications/{(await NotificationsAsync())[1].Id}\r\n", mail.Text, StringComparison.Ordinal);
        Assert.Contains("And 2 more:", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_digest_of_what_was_all_read_or_of_who_wants_no_mail_any_more_is_not_sent()
    {
        await ChooseAsync("legal", Choices(("review-asked", MailChoice.Digest)));
        await ChooseAsync("legal2", Choices(("review-asked", MailChoice.Digest)));
        await SendAsync(WithMail, NoticeFor("legal"), NoticeFor("legal2"));
        await Get<MarkNotificationsRead>().AllAsync(Who("legal"));
        await Get<ChooseMail>().RunAsync(false, Who("legal2"));
        Clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal(0, await Digests.RunAsync());
        Assert.Empty(await MessagesAsync());
    }

    [Fact]
    public async Task What_is_urgent_cannot_wait_for_a_digest_and_what_nobody_is_told_of_cannot_be_chosen()
    {
        Assert.Equal("urgent-in-a-digest", await RuleAsync(() => ChooseAsync("legal", Choices(("switch-engaged", MailChoice.Digest)))));
        Assert.Equal("unknown-kind", await RuleAsync(() => ChooseAsync("legal", Choices(("weather", MailChoice.Off)))));
        Assert.Equal("digest-hour-out-of-range", await RuleAsync(() => ChooseAsync("legal", Choices() with { DigestHour = 24 })));
        Assert.Equal("quiet-hours-incomplete", await RuleAsync(() => ChooseAsync("legal", Choices() with { QuietUntil = new(7, 0) })));
        await ChooseAsync("legal", Choices(("switch-engaged", MailChoice.Off)));

        Assert.Equal(MailChoice.Off, Assert.Single((await Get<ChooseNotices>().OfAsync(Who("legal"))).Mail).Value);
    }

    [Fact]
    public async Task What_has_not_left_is_seen_without_its_words_and_dropped_with_a_reason_by_who_may()
    {
        await SendAsync(WithMail, NoticeFor("legal", text: "Aisha asked"));
        await Get<DeliverOutbox>().RunAsync(Carrier.Email, (_, _) => throw new InvalidOperationException("550 <legal@nordhaven.example> unknown"));
        var waiting = Assert.Single((await Get<OutboxList>().PageAsync(null, Who("auditor"))).Items);

        Assert.Equal(("one person", "review-asked", "UC-0001", "550 <…> unknown"), (waiting.To, waiting.Kind, waiting.Subject, waiting.Error));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<OutboxList>().PageAsync(null, Who("legal"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<RepairOutbox>().DropAsync(waiting.Id, "Late.", Who("auditor"))));
        Assert.Equal("reason-required", await RuleAsync(() => Get<RepairOutbox>().DropAsync(waiting.Id, " ", Who("admin"))));
        await Get<RepairOutbox>().DropAsync(waiting.Id, "The review is over.", Who("admin"));

        Assert.Equal("already-dropped", await RuleAsync(() => Get<RepairOutbox>().DropAsync(waiting.Id, "Again.", Who("admin"))));
        Assert.Equal(new UnsentCounts(0, 0, 1), await Get<OutboxList>().CountsAsync(Who("coe-lead")));
        Assert.Equal(0, await Get<DeliverOutbox>().RunAsync(Carrier.Email, (_, _) => Task.CompletedTask));
        await Get<RepairOutbox>().RetryAsync(waiting.Id, Who("coe-lead"));
        Assert.Equal(1, await Get<DeliverOutbox>().RunAsync(Carrier.Email, (_, _) => Task.CompletedTask));
        Assert.Equal("already-delivered", await RuleAsync(() => Get<RepairOutbox>().RetryAsync(waiting.Id, Who("coe-lead"))));
        Assert.Equal(["MessageDropped", "MessageRetried"], (await EntriesAsync(e => e.SubjectType == "message")).Select(e => e.Action));
    }

    [Fact]
    public async Task What_gateways_are_told_is_not_dropped_and_what_was_not_tried_is_not_sent_again()
    {
        await SendAsync(WithMail, NoticeFor("legal"));
        Assert.Equal("not-failed", await RuleAsync(async () => await Get<RepairOutbox>().RetryAsync((await MessagesAsync())[0].Id, Who("admin"))));
        await AsOwnerAsync("update outbox_message set channel = 'actuator'");

        await Assert.ThrowsAsync<NotFoundException>(async () => await Get<RepairOutbox>().DropAsync((await MessagesAsync())[0].Id, "x", Who("admin")));
        Assert.Empty((await Get<OutboxList>().PageAsync(null, Who("admin"))).Items);
    }

    private Task ChooseAsync(string persona, NoticeChoices choices) => Get<ChooseNotices>().RunAsync(choices, Who(persona));

    private static NoticeChoices Choices(params (string Kind, MailChoice Mail)[] choices) => new(choices.ToDictionary(c => c.Kind, c => c.Mail));

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
