using System.Net;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using CoEPortal.Tests.Persistence;
using CoEPortal.Web.Notifications;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Notifications;

public sealed class ChannelTests(TestPostgres postgres) : NoticesTest(postgres)
{
    private const string Secret = "https://hooks.slack.com/services/T000/B000/very-secret";

    private static readonly string[] ForChannels = [.. NoticeKinds.All.Where(k => k.ToChannel is not null).Select(k => k.Name)];

    private readonly WebhookServer _server = new();

    private ConfigureChannel Configure => new(Get<IDbContextFactory<GovernanceDb>>(), PersonalDataKey, (_, _) => Task.FromResult(new[] { IPAddress.Parse("9.9.9.9") }), Clock);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Of_no_kind_of_notice_a_channel_is_told_who_or_what_was_written()
    {
        var slack = await AddAsync(ChannelKind.Slack, ForChannels);
        var teams = await AddAsync(ChannelKind.Teams, ForChannels);
        string[] links = ["/tasks/0198d6b4-0000-7000-8000-000000000001", "/incidents/INC-0003", "/privacy?person=legal%40demo", "/people/Aisha-Rahman", "/use-cases/UC-0001?tab=discussion#aisha"];
        await SendAsync(WithoutMail, [
            .. NoticeKinds.All.SelectMany((kind, i) => links.Select((link, j) => new Notice(
                Who("legal").Id, kind.Name, "Aisha Rahman took over sk-live-4242424242424242", "aisha@nordhaven.example says: password hunter2", link, j % 2 == 0 ? "UC-0001" : "Aisha Rahman", $"{kind.Name}/{i}/{j}/Aisha Rahman"))),
        ]);

        var told = (await MessagesAsync()).Where(m => m.Kind != "channel-added").ToList();
        Assert.Equal(ForChannels.Length * links.Length * 2, told.Count);
        Assert.Equal(ForChannels.Order(StringComparer.Ordinal), told.Select(m => m.Kind!).Distinct().Order(StringComparer.Ordinal));
        foreach (var message in told)
        {
            var payload = ChannelPayload.Of(await Get<ChannelList>().OpenAsync(message), new Uri("https://portal.nordhaven.example/")).ToJsonString();
            foreach (var text in new[] { message.Subject, message.Body, message.DedupeKey, message.SubjectKey ?? "", payload })
            {
                foreach (var forbidden in new[] { "aisha", "rahman", "legal%40", "@demo", "nordhaven.example/people", "sk-live", "hunter2", "password", "very-secret" })
                {
                    Assert.DoesNotContain(forbidden, text, StringComparison.OrdinalIgnoreCase);
                }
            }
        }

        Assert.Equal([slack.Id.ToString(), teams.Id.ToString()], told.Select(m => m.Recipient).Distinct().OrderBy(r => r != slack.Id.ToString()));
    }

    [Fact]
    public async Task An_occasion_that_many_are_told_of_is_told_to_a_channel_once()
    {
        await AddAsync(ChannelKind.Slack, ["review-asked"]);

        await SendAsync(WithoutMail, NoticeFor("legal"), NoticeFor("legal2"), NoticeFor("security"));
        await SendAsync(WithoutMail, NoticeFor("legal"), NoticeFor("risk"));

        var message = Assert.Single(await MessagesAsync(), m => m.Kind == "review-asked");
        Assert.Equal(("A review was asked for", "UC-0001"), (message.Subject, message.SubjectKey));
    }

    [Fact]
    public async Task A_channel_is_told_only_what_was_chosen_and_nothing_while_it_is_paused_or_removed()
    {
        var chosen = await AddAsync(ChannelKind.Slack, ["review-overdue"]);
        var paused = await AddAsync(ChannelKind.Teams, ["review-asked"]);
        await Configure.ChangeAsync(paused.Id, null, Draft(["review-asked"]) with { IsPaused = true, Name = "paused" }, null, Who("coe-lead"));

        await SendAsync(WithoutMail, NoticeFor("legal"));
        await Configure.RemoveAsync(chosen.Id, Who("coe-lead"));
        await SendAsync(WithoutMail, NoticeFor("legal", "2") with { Kind = "review-overdue" });

        Assert.All(await MessagesAsync(), m => Assert.Equal("channel-added", m.Kind));
        Assert.Equal("The channel was removed.", (await MessagesAsync()).Single(m => m.Recipient == chosen.Id.ToString()).LastError);
    }

    [Theory]
    [InlineData("mentioned")]
    [InlineData("review-taken-over")]
    [InlineData("nothing-of-the-kind")]
    public async Task What_concerns_one_person_is_no_matter_for_a_channel(string kind) =>
        Assert.Equal("kind-not-for-channels", await RuleAsync(() => AddAsync(ChannelKind.Slack, ["review-asked", kind])));

    [Theory]
    [InlineData("legal")]
    [InlineData("operator")]
    [InlineData("admin")]
    [InlineData("auditor")]
    public async Task Only_a_CoE_lead_says_which_channels_are_told(string persona)
    {
        var channel = await AddAsync(ChannelKind.Slack, ["review-asked"]);

        Assert.Equal("not-permitted", await RuleAsync(() => Configure.AddAsync(ChannelKind.Slack, Secret, Draft(["review-asked"]), Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Configure.ChangeAsync(channel.Id, null, Draft(["review-asked"]), null, Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Configure.RemoveAsync(channel.Id, Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<ChannelList>().AllAsync(Who(persona))));
    }

    [Fact]
    public async Task The_address_stands_nowhere_in_the_database_and_is_forgotten_with_the_channel()
    {
        var channel = await AddAsync(ChannelKind.Slack, ["review-asked"]);
        await SendAsync(WithoutMail, NoticeFor("legal"));
        await Configure.ChangeAsync(channel.Id, Secret + "2", Draft(["review-asked"]), channel.Version, Who("coe-lead"));

        Assert.Equal(0L, await ScalarAsync("select count(*) from notice_channel c where c::text like '%very%' or encode(c.sealed_address, 'escape') like '%very%'"));
        Assert.Equal(0L, await ScalarAsync("select count(*) from audit.event e where e::text like '%very%'"));
        Assert.Equal(0L, await ScalarAsync("select count(*) from outbox_message m where m::text like '%very%'"));
        Assert.Equal("hooks.slack.com", Assert.Single(await Get<ChannelList>().AllAsync(Who("coe-lead"))).Host);
        Assert.EndsWith("very-secret2", (await Get<ChannelList>().OpenAsync((await MessagesAsync())[0])).Address.AbsoluteUri, StringComparison.Ordinal);
        await Configure.RemoveAsync(channel.Id, Who("coe-lead"));

        Assert.Equal(0L, await ScalarAsync("select count(sealed_address) from notice_channel"));
        Assert.Equal("channel-removed", await RuleAsync(async () => await Get<ChannelList>().OpenAsync((await MessagesAsync())[0])));
        Assert.Equal(["ChannelAdded", "ChannelChanged", "ChannelRemoved"], (await EntriesAsync(e => e.SubjectType == "notice-channel")).Select(e => e.Action));
    }

    [Fact]
    public async Task What_cannot_be_a_channel_is_refused_and_says_what_to_do()
    {
        await AddAsync(ChannelKind.Slack, ["review-asked"], "#duty");

        Assert.Equal("channel-name-taken", await RuleAsync(() => AddAsync(ChannelKind.Teams, ["review-asked"], " #DUTY ")));
        Assert.Equal("channel-name-required", await RuleAsync(() => AddAsync(ChannelKind.Teams, ["review-asked"], " ")));
        Assert.Equal("kind-required", await RuleAsync(() => AddAsync(ChannelKind.Teams, [])));
        Assert.Equal("webhook-not-https", await RuleAsync(() => Configure.AddAsync(ChannelKind.Slack, "http://hooks.slack.com/x", Draft(["review-asked"]), Who("coe-lead"))));
        Assert.Equal("quiet-hours-incomplete", await RuleAsync(() => Configure.AddAsync(ChannelKind.Slack, Secret, Draft(["review-asked"]) with { QuietFrom = new(20, 0) }, Who("coe-lead"))));
        Assert.Equal("quiet-hours-all-day", await RuleAsync(() => Configure.AddAsync(ChannelKind.Slack, Secret, Draft(["review-asked"]) with { QuietFrom = new(20, 0), QuietUntil = new(20, 0) }, Who("coe-lead"))));
        var inside = new ConfigureChannel(Get<IDbContextFactory<GovernanceDb>>(), PersonalDataKey, (_, _) => Task.FromResult(new[] { IPAddress.Parse("192.168.0.1") }), Clock);
        Assert.Equal("webhook-not-public", await RuleAsync(() => inside.AddAsync(ChannelKind.Slack, Secret, Draft(["review-asked"]), Who("coe-lead"))));
        Assert.Single(await Get<ChannelList>().AllAsync(Who("coe-lead")));
    }

    [Theory]
    [InlineData("Letters to brokers", true)]
    [InlineData("Letters of Mr Weber", false)]
    [InlineData("Tomás’ letters", false)]
    [InlineData("Ask nils@nordhaven.example", false)]
    [InlineData("Key sk-abcdefgh12345678", false)]
    [InlineData("Account 4711 0815 42", false)]
    public async Task A_title_is_told_only_where_it_was_chosen_and_names_nobody(string title, bool isTold)
    {
        await AsOwnerAsync("delete from person where id = 'submitter2@demo'");
        var useCase = (await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal with { Title = title })).Key;
        var titled = await Configure.AddAsync(ChannelKind.Teams, Secret, Draft(["review-asked"]) with { TellsTitle = true, Name = "titled" }, Who("coe-lead"));
        await AddAsync(ChannelKind.Slack, ["review-asked"]);
        await SendAsync(WithoutMail, NoticeFor("legal") with { UseCaseKey = useCase });

        foreach (var message in (await MessagesAsync()).Where(m => m.Kind == "review-asked"))
        {
            Assert.Equal(isTold && message.Recipient == titled.Id.ToString() ? title : null, (await Get<ChannelList>().OpenAsync(message)).Title);
        }
    }

    [Fact]
    public async Task In_quiet_hours_a_channel_waits_for_all_but_what_is_urgent()
    {
        // 10:00 in Berlin
        var quiet = Draft(["review-asked", "switch-engaged"]) with { QuietFrom = new(9, 30), QuietUntil = new(12, 0) };
        await Configure.AddAsync(ChannelKind.Slack, Secret, quiet, Who("coe-lead"));

        await SendAsync(WithoutMail, NoticeFor("legal"), NoticeFor("legal", "2") with { Kind = "switch-engaged" });

        var due = (await MessagesAsync()).Where(m => m.Kind != "channel-added").ToDictionary(m => m.Kind!, m => m.NextAttemptAt);
        Assert.Equal((Clock.GetUtcNow(), new DateTimeOffset(2026, 11, 23, 11, 0, 0, TimeSpan.Zero)), (due["switch-engaged"], due["review-asked"]));
    }

    [Fact]
    public async Task A_channel_is_told_as_Slack_or_Teams_reads_it_and_what_is_not_taken_is_tried_again_given_up_and_sent_again_by_hand()
    {
        var channel = await AddAsync(ChannelKind.Slack, ["incident-severe"]);
        await SendAsync(WithoutMail, NoticeFor("legal", link: "/incidents/INC-0003") with { Kind = "incident-severe" });
        using var sender = new ChannelSender(Get<ChannelList>(), new Uri("https://portal.nordhaven.example")) { Client = _server.Client() };
        _server.Answer = "404 Not Found\r\nContent-Length: 10\r\nConnection: close\r\n\r\nno_service";
        var carrier = Carrier.ToChannel(channel);
        for (var attempt = 0; attempt < carrier.MostAttempts; attempt++)
        {
            await Get<DeliverOutbox>().RunAsync(carrier, sender.SendAsync);
            Clock.Advance(carrier.LongestDelay);
        }

        var given = Assert.Single((await Get<OutboxList>().PageAsync(MessageState.GivenUp, Who("operator"))).Items, m => m.Kind == "incident-severe");
        Assert.Equal(("INC-0003", 10, "The webhook answered 404, no_service."), (given.Subject, given.Attempts, given.Error));
        Assert.Equal(2, (await Get<ChannelList>().AllAsync(Who("coe-lead")))[0].GivenUp);
        _server.Answer = "200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
        _server.Bodies.Clear();
        await Get<RepairOutbox>().RetryAsync(given.Id, Who("operator"));

        Assert.Equal(1, await Get<DeliverOutbox>().RunAsync(carrier, sender.SendAsync));
        Assert.Equal(
            """{"text":"An incident is serious, its deadlines run: INC-0003","blocks":[{"type":"section","text":{"type":"plain_text","text":"An incident is serious, its deadlines run: INC-0003","emoji":false}},{"type":"section","text":{"type":"mrkdwn","text":"\u003Chttps://portal.nordhaven.example/incidents/INC-0003|Open in the portal\u003E"}}],"unfurl_links":false}""",
            Assert.Single(_server.Bodies));
        Assert.Equal("MessageRetried", Assert.Single(await EntriesAsync(e => e.SubjectType == "message")).Action);
    }

    [Fact]
    public void A_card_for_Teams_holds_text_that_is_no_markup()
    {
        var card = ChannelPayload.Of(new ChannelDelivery(ChannelKind.Teams, new Uri(Secret), new ChannelNote("review-asked", "UC-0001", "UC-0001", "/tasks/1"), "A review was asked for", "**[x](https://evil.example)**"), null);

        Assert.Equal(
            """{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4","body":[{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"A review was asked for","weight":"Bolder"}]},{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"UC-0001 **[x](https://evil.example)**","weight":"Default"}]}]}}]}""",
            card.ToJsonString());
    }

    [Fact]
    public async Task Of_a_stop_and_its_release_people_and_channels_are_told_once()
    {
        await AddAsync(ChannelKind.Slack, ["switch-engaged", "switch-released"]);
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.Model, "gpt-4o", SwitchMode.Stop, "Leak of Aisha’s file.", "", Who("security"));

        Assert.Equal(1, await Get<TellOfSwitches>().RunAsync());
        Assert.Equal(0, await Get<TellOfSwitches>().RunAsync());
        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.Model, "gpt-4o", "Fixed.", Who("security"));
        Assert.Equal(0, await Get<TellOfSwitches>().RunAsync());
        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.Model, "gpt-4o", "Fixed.", Who("risk"));
        Assert.Equal(1, await Get<TellOfSwitches>().RunAsync());

        var told = (await NotificationsAsync()).Where(n => n.PersonId == Who("operator").Id.Value).Select(n => (n.Kind, n.Title)).ToList();
        Assert.Equal([("switch-engaged", "Model gpt-4o was stopped"), ("switch-released", "Model gpt-4o runs again")], told);
        Assert.DoesNotContain(await NotificationsAsync(), n => n.Text.Contains("Aisha", StringComparison.Ordinal));
        Assert.Equal(["switch-engaged", "switch-released"], (await MessagesAsync()).Where(m => m.Kind != "channel-added").Select(m => m.Kind).Order());
    }

    private Task<NoticeChannel> AddAsync(ChannelKind kind, string[] kinds, string? name = null) =>
        Configure.AddAsync(kind, Secret, Draft(kinds) with { Name = name ?? $"channel {kind}" }, Who("coe-lead"));

    private static ChannelDraft Draft(string[] kinds) => new("channel", kinds, false, null, null);

    private async Task<long> ScalarAsync(string sql)
    {
        await using var connection = new Npgsql.NpgsqlConnection(Database.OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
