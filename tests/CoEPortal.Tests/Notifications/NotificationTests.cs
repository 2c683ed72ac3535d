using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Notifications;

public sealed class NotificationTests(TestPostgres postgres) : NoticesTest(postgres)
{
    [Fact]
    public async Task A_change_that_is_rolled_back_told_nobody_in_the_portal_or_by_mail()
    {
        await using (var db = await DbAsync())
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await WithMail.SendAsync(db, [NoticeFor("legal")], Clock.GetUtcNow(), default);
            Assert.Single(db.Notifications);
            Assert.Single(db.OutboxMessages);
        }

        Assert.Empty(await NotificationsAsync());
        Assert.Empty(await MessagesAsync());
    }

    [Fact]
    public async Task A_notice_outside_a_transaction_is_a_mistake_that_is_told_at_once()
    {
        await using var db = await DbAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => WithMail.SendAsync(db, [NoticeFor("legal")], Clock.GetUtcNow(), default));
    }

    [Fact]
    public async Task A_person_is_told_of_an_occasion_once_however_often_it_is_sent()
    {
        await SendAsync(WithMail, NoticeFor("legal"), NoticeFor("legal", title: "Again"), NoticeFor("legal2"));
        await SendAsync(WithMail, NoticeFor("legal"), NoticeFor("legal", key: "review/2"));

        Assert.Equal(["UC-0001 waits for Legal", "UC-0001 waits for Legal", "UC-0001 waits for Legal"], (await NotificationsAsync()).Select(n => n.Title));
        Assert.Equal(["legal", "legal2", "legal"], (await MessagesAsync()).Select(m => m.Recipient.Split('@')[0]));
    }

    [Fact]
    public async Task Two_changes_that_tell_the_same_people_at_once_tell_each_once()
    {
        Notice[] there = [.. Enumerable.Range(0, 20).SelectMany(n => new[] { NoticeFor("legal", $"review/{n}"), NoticeFor("security", $"review/{n}") })];

        await Task.WhenAll(Enumerable.Range(0, 6).Select(n => SendAsync(WithMail, n % 2 == 0 ? there : [.. there.Reverse()])));

        Assert.Equal(40, (await NotificationsAsync()).Count);
        Assert.Equal(40, (await MessagesAsync()).Count);
    }

    [Fact]
    public async Task Mail_is_queued_only_for_who_has_an_address_and_wants_it()
    {
        await AsOwnerAsync("update person set email = null where id = 'legal2@demo'; update person set wants_mail = false where id = 'security@demo'");

        await SendAsync(WithMail, NoticeFor("legal"), NoticeFor("legal2"), NoticeFor("security"), NoticeFor("risk"));

        Assert.Equal(4, (await NotificationsAsync()).Count);
        Assert.Equal("legal@nordhaven.example", Assert.Single(await MessagesAsync()).Recipient);
    }

    [Fact]
    public async Task Who_has_left_gets_no_mail()
    {
        await AsOwnerAsync("update person set is_active = false where id = 'legal@demo'");

        await SendAsync(WithMail, NoticeFor("legal"));

        Assert.Empty(await MessagesAsync());
    }

    [Fact]
    public async Task Without_a_mail_server_no_mail_is_queued()
    {
        await SendAsync(WithoutMail, NoticeFor("legal"));
        await SendAsync(Get<Notices>(), NoticeFor("legal2"));

        Assert.Equal(2, (await NotificationsAsync()).Count);
        Assert.Empty(await MessagesAsync());
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData(" two\r\nlines\u2028and\tmore ", "two  lines and more")]
    [InlineData("\0\u0007", "review-asked")]
    public async Task A_title_is_one_line_that_can_be_stored_whatever_somebody_wrote(string written, string kept)
    {
        await SendAsync(WithMail, NoticeFor("legal", title: written, text: written));

        Assert.Equal(kept, Assert.Single(await NotificationsAsync()).Title);
        Assert.Equal(kept, Assert.Single(await MessagesAsync()).Subject);
    }

    [Fact]
    public async Task Half_a_character_is_replaced()
    {
        await SendAsync(WithMail, NoticeFor("legal", title: "half " + '\ud83d' + " there"));

        Assert.Equal("half \ufffd there", Assert.Single(await NotificationsAsync()).Title);
    }

    [Fact]
    public async Task Long_texts_are_cut_between_characters()
    {
        var long1 = string.Concat(Enumerable.Repeat("🙂", 400));
        await SendAsync(WithMail, NoticeFor("legal", title: long1, text: "x" + long1), NoticeFor("legal2", title: "a" + long1));

        Assert.All(await NotificationsAsync(), n =>
        {
            Assert.InRange(n.Title.Length, Notification.LongestTitle - 1, Notification.LongestTitle);
            Assert.InRange(n.Text.Length, 1, Notification.LongestText);
            Assert.EndsWith("🙂…", n.Title, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("tasks/1")]
    [InlineData("")]
    public async Task A_notice_never_leads_out_of_the_portal(string link)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => SendAsync(WithMail, NoticeFor("legal", link: link)));
        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync(
            $"insert into notification values (gen_random_uuid(), 'legal@demo', 'x', 'x', 'x', '{link}', null, now(), null, 'x')"));

        Assert.Empty(await NotificationsAsync());
    }

    [Fact]
    public async Task Everybody_reads_their_own_newest_first()
    {
        await SendAsync(WithoutMail, NoticeFor("legal", "1", "first"), NoticeFor("legal2", "1", "another's"));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await SendAsync(WithoutMail, NoticeFor("legal", "2", "second"), NoticeFor("legal", "3", "third"));
        var inbox = Get<NotificationInbox>();

        var page = await inbox.OfAsync(Who("legal"), page: 1, size: 2);

        Assert.Equal(["third", "second"], page.Items.Select(n => n.Title));
        Assert.Equal((3, 2), (page.Total, page.Size));
        Assert.Equal(["first"], (await inbox.OfAsync(Who("legal"), page: 2, size: 2)).Items.Select(n => n.Title));
        Assert.Equal((3, 1, 0), (await inbox.CountUnreadAsync(Who("legal")), await inbox.CountUnreadAsync(Who("legal2")), await inbox.CountUnreadAsync(Who("admin"))));
    }

    [Fact]
    public async Task What_was_read_keeps_the_time_it_was_read_first()
    {
        await SendAsync(WithoutMail, NoticeFor("legal", "1"), NoticeFor("legal", "2"), NoticeFor("legal2", "1"));
        var (first, second) = (Clock.GetUtcNow(), Clock.GetUtcNow().AddHours(1));
        var mine = (await Get<NotificationInbox>().OfAsync(Who("legal"))).Items;

        await Get<MarkNotificationsRead>().RunAsync([mine[1].Id], Who("legal"));
        Assert.Equal([mine[0].Id], (await Get<NotificationInbox>().OfAsync(Who("legal"), unreadOnly: true)).Items.Select(n => n.Id));
        Clock.Advance(TimeSpan.FromHours(1));
        await Get<MarkNotificationsRead>().RunAsync([mine[1].Id], Who("legal"));
        await Get<MarkNotificationsRead>().AllAsync(Who("legal"));

        Assert.Equal([first, second, null], (await NotificationsAsync()).Select(n => n.ReadAt));
    }

    [Fact]
    public async Task Anothers_notification_reads_as_one_that_does_not_exist_and_nothing_is_marked()
    {
        await SendAsync(WithoutMail, NoticeFor("legal"), NoticeFor("legal2"));
        var all = await NotificationsAsync();
        var (mine, foreign) = (all[0].Id, all[1].Id);

        await Assert.ThrowsAsync<NotFoundException>(() => Get<NotificationInbox>().FindAsync(foreign, Who("legal")));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<MarkNotificationsRead>().RunAsync([mine, foreign], Who("legal")));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<MarkNotificationsRead>().RunAsync([mine, Guid.CreateVersion7()], Who("legal")));

        Assert.All(await NotificationsAsync(), n => Assert.Null(n.ReadAt));
    }

    [Fact]
    public async Task Only_so_many_are_marked_at_once() => Assert.Equal("too-many-notifications", await RuleAsync(() =>
        Get<MarkNotificationsRead>().RunAsync([.. Enumerable.Range(0, MarkNotificationsRead.MostAtOnce + 1).Select(_ => Guid.CreateVersion7())], Who("legal"))));

    [Theory]
    [InlineData("update notification set title = 'x'")]
    [InlineData("update notification set person_id = 'legal2@demo'")]
    [InlineData("delete from notification")]
    [InlineData("update outbox_message set recipient = 'x@evil.example'")]
    [InlineData("update outbox_message set body = ''")]
    [InlineData("delete from outbox_message")]
    public async Task The_portal_itself_cannot_rewrite_what_was_said(string sql)
    {
        await SendAsync(WithMail, NoticeFor("legal"));
        await using var runtime = new NpgsqlConnection(Database.RuntimeConnectionString);
        await runtime.OpenAsync();
        await using var command = new NpgsqlCommand(sql, runtime);

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync())).SqlState);
    }
}
