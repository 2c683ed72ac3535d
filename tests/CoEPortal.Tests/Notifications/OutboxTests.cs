using System.Net;
using System.Net.Sockets;
using CoEPortal.Governance.Notifications;
using CoEPortal.Tests.Persistence;
using CoEPortal.Web.Notifications;
using Npgsql;

namespace CoEPortal.Tests.Notifications;

public sealed class OutboxTests(TestPostgres postgres) : NoticesTest(postgres)
{
    private static readonly CarryMessage Refused = (_, _) => throw new InvalidOperationException("The server said\r\nno");

    private readonly SmtpSink _sink = new();

    private DeliverOutbox Deliver => Get<DeliverOutbox>();

    private MailSender Sender => SenderTo(_sink.Port);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task A_mail_says_what_one_fact_and_where_as_plain_text()
    {
        await SendAsync(WithMail, NoticeFor("legal", title: "Prüfung „Schäden“ <b>wartet</b>", text: ".Due Friday"));
        var notification = Assert.Single(await NotificationsAsync());

        Assert.Equal(1, await Deliver.RunAsync(Carrier.Email, Sender.SendAsync));

        var mail = Assert.Single(_sink.Received);
        Assert.Equal(["RCPT TO:<legal@nordhaven.example>"], mail.Recipients);
        Assert.StartsWith("text/plain", mail.HeaderOf("Content-Type"), StringComparison.Ordinal);
        Assert.Equal("auto-generated", mail.HeaderOf("Auto-Submitted"));
        Assert.StartsWith($"Prüfung „Schäden“ <b>wartet</b>\r\n.Due Friday\r\n\r\nhttps://portal.nordhaven.example/notifications/{notification.Id}\r\n", mail.Text, StringComparison.Ordinal);
        Assert.Equal(Clock.GetUtcNow(), Assert.Single(await MessagesAsync()).SentAt);
        Assert.Equal(0, await Deliver.RunAsync(Carrier.Email, Sender.SendAsync));
    }

    [Theory]
    [InlineData("Urgent\r\nBcc: victim@evil.example\r\n\r\nPay now")]
    [InlineData("Urgent\nBcc: victim@evil.example")]
    [InlineData("Urgent\u0085Bcc: victim@evil.example\rX-Evil: 1")]
    public async Task No_title_starts_another_header_or_adds_a_recipient(string title)
    {
        await SendAsync(WithMail, NoticeFor("legal", title: title));

        await Deliver.RunAsync(Carrier.Email, Sender.SendAsync);

        var mail = Assert.Single(_sink.Received);
        Assert.Single(mail.Recipients);
        Assert.DoesNotContain(mail.Headers, h => h.StartsWith("Bcc", StringComparison.OrdinalIgnoreCase) || h.StartsWith("X-Evil", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("recipient", "'a@b.example, c@evil.example'")]
    [InlineData("subject", "E'a\\nBcc: c@evil.example'")]
    public async Task What_a_mail_may_not_say_does_not_leave_even_when_it_stands_in_the_table(string column, string value)
    {
        await SendAsync(WithMail, NoticeFor("legal"));
        await AsOwnerAsync($"alter table outbox_message drop constraint subject_is_one_line; update outbox_message set {column} = {value}");

        Assert.Equal(0, await Deliver.RunAsync(Carrier.Email, Sender.SendAsync));

        Assert.Empty(_sink.Received);
        Assert.NotNull(Assert.Single(await MessagesAsync()).LastError);
    }

    [Fact]
    public async Task Sweepers_at_once_send_each_message_once()
    {
        await SendAsync(WithMail, [.. Enumerable.Range(0, 40).Select(n => NoticeFor("legal", $"review/{n}"))]);

        var sent = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Deliver.RunAsync(Carrier.Email, Sender.SendAsync)));

        Assert.Equal(40, sent.Sum());
        Assert.Equal(40, _sink.Received.Select(m => m.MessageId).Distinct().Count());
        Assert.Equal(40, _sink.Received.Count);
        Assert.All(await MessagesAsync(), m => Assert.Equal((1, true), (m.Attempts, m.SentAt is not null)));
    }

    [Fact]
    public async Task A_worker_that_dies_after_sending_makes_another_send_again_under_the_same_id()
    {
        await SendAsync(WithMail, NoticeFor("legal"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(DieAfterSendingAsync);
        Assert.Single(_sink.Received);

        Assert.Equal(0, await Deliver.RunAsync(Carrier.Email, Sender.SendAsync));
        Clock.Advance(Carrier.Email.Lease);
        Assert.Equal(1, await Deliver.RunAsync(Carrier.Email, Sender.SendAsync));

        Assert.Equal(2, _sink.Received.Count);
        Assert.Single(_sink.Received.Select(m => m.MessageId).Distinct());
        Assert.Equal((2, Clock.GetUtcNow()), ((await MessagesAsync())[0].Attempts, (await MessagesAsync())[0].SentAt!.Value));
    }

    [Fact]
    public async Task A_message_that_stops_every_worker_is_given_up()
    {
        await SendAsync(WithMail, NoticeFor("legal"));
        for (var attempt = 0; attempt < Carrier.Email.MostAttempts; attempt++)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(DieAfterSendingAsync);
            Clock.Advance(Carrier.Email.Lease);
        }

        Assert.Equal(0, await Deliver.RunAsync(Carrier.Email, Sender.SendAsync));

        var message = Assert.Single(await MessagesAsync());
        Assert.Equal("The worker stopped while it sent this, 14 attempts in all.", message.LastError);
        Assert.Equal((Clock.GetUtcNow(), Carrier.Email.MostAttempts), (message.GivenUpAt!.Value, message.Attempts));
    }

    [Fact]
    public async Task A_worker_that_was_taken_for_dead_does_not_mark_what_another_has_taken()
    {
        await SendAsync(WithMail, NoticeFor("legal"));

        await Deliver.RunAsync(Carrier.Email, async (_, cancellation) =>
        {
            Clock.Advance(Carrier.Email.Lease);
            await Deliver.RunAsync(Carrier.Email, Refused, cancellation);
        });

        var message = Assert.Single(await MessagesAsync());
        Assert.Equal((null, 2, "The server said  no"), (message.SentAt, message.Attempts, message.LastError));
    }

    [Fact]
    public async Task A_refused_message_waits_longer_each_time_and_is_given_up_at_last()
    {
        await SendAsync(WithMail, NoticeFor("legal"));
        var waits = new List<double>();
        while ((await MessagesAsync())[0] is { GivenUpAt: null } waiting)
        {
            Clock.Advance(waiting.NextAttemptAt - Clock.GetUtcNow());
            await Deliver.RunAsync(Carrier.Email, Refused);
            waits.Add(((await MessagesAsync())[0].NextAttemptAt - Clock.GetUtcNow()).TotalMinutes);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360, 360], waits.SkipLast(1));
        Assert.Equal(Carrier.Email.MostAttempts, waits.Count);
        Clock.Advance(TimeSpan.FromDays(365));
        Assert.Equal(0, await Deliver.RunAsync(Carrier.Email, Sender.SendAsync));
        Assert.Equal(new OutboxFigures(Waiting: 0, GivenUp: 1), await Deliver.CountAsync(Carrier.Email));
        Assert.Empty(_sink.Received);
    }

    [Fact]
    public async Task A_mailbox_that_does_not_exist_is_tried_again_later_and_others_are_served()
    {
        _sink.AnswerToRecipient = "550 no such mailbox here";
        await SendAsync(WithMail, NoticeFor("legal"));
        await Deliver.RunAsync(Carrier.Email, Sender.SendAsync);
        _sink.AnswerToRecipient = "250 ok";
        await SendAsync(WithMail, NoticeFor("legal2"));
        await Deliver.RunAsync(Carrier.Email, Sender.SendAsync);

        var messages = await MessagesAsync();
        Assert.Contains("no such mailbox", messages[0].LastError, StringComparison.Ordinal);
        Assert.Equal(Clock.GetUtcNow() + TimeSpan.FromMinutes(1), messages[0].NextAttemptAt);
        Assert.NotNull(messages[1].SentAt);
    }

    [Fact]
    public async Task A_server_that_fails_costs_only_three_messages_an_attempt()
    {
        await SendAsync(WithMail, [.. Enumerable.Range(0, 6).Select(n => NoticeFor("legal", $"review/{n}"))]);

        await Deliver.RunAsync(Carrier.Email, Refused);

        Assert.Equal([1, 1, 1, 0, 0, 0], (await MessagesAsync()).Select(m => m.Attempts));
    }

    [Fact]
    public async Task A_sweep_is_bounded()
    {
        await SendAsync(WithMail, [.. Enumerable.Range(0, DeliverOutbox.MostAtOnce + 1).Select(n => NoticeFor("legal", $"review/{n}"))]);

        Assert.Equal(DeliverOutbox.MostAtOnce, await Deliver.RunAsync(Carrier.Email, (_, _) => Task.CompletedTask));
    }

    [Fact]
    public async Task A_server_that_never_answers_is_left_before_the_lease_ends()
    {
        _sink.IsSilent = true;
        await SendAsync(WithMail, NoticeFor("legal"));
        Assert.True(new MailSender(null).Timeout * 2 < Carrier.Email.Lease);

        await Deliver.RunAsync(Carrier.Email, SenderTo(_sink.Port, patience: TimeSpan.FromMilliseconds(200)).SendAsync);

        Assert.Equal("127.0.0.1 did not take the message within 0 s.", Assert.Single(await MessagesAsync()).LastError);
    }

    [Fact]
    public async Task A_server_that_does_not_even_accept_the_connection_is_left_too()
    {
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(1);
        var callers = Enumerable.Range(0, 4).Select(_ => new TcpClient()).ToList();
        callers.ForEach(c => _ = c.ConnectAsync((IPEndPoint)full.LocalEndPoint!));
        await SendAsync(WithMail, NoticeFor("legal"));

        await Deliver.RunAsync(Carrier.Email, SenderTo(((IPEndPoint)full.LocalEndPoint!).Port, patience: TimeSpan.FromMilliseconds(200)).SendAsync);

        Assert.Equal("127.0.0.1 did not take the message within 0 s.", Assert.Single(await MessagesAsync()).LastError);
        callers.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task Where_encryption_is_asked_for_nothing_travels_without_it()
    {
        await SendAsync(WithMail, NoticeFor("legal"));

        Assert.Equal(0, await Deliver.RunAsync(Carrier.Email, SenderTo(_sink.Port, useTls: true).SendAsync));

        Assert.Empty(_sink.Received);
    }

    [Fact]
    public async Task A_server_that_is_not_there_leaves_the_message_waiting()
    {
        var gone = new SmtpSink();
        await gone.DisposeAsync();
        await SendAsync(WithMail, NoticeFor("legal"));

        Assert.Equal(0, await Deliver.RunAsync(Carrier.Email, SenderTo(gone.Port).SendAsync));

        Assert.Equal(new OutboxFigures(Waiting: 1, GivenUp: 0), await Deliver.CountAsync(Carrier.Email));
    }

    [Fact]
    public async Task The_database_refuses_a_message_that_is_both_sent_and_given_up()
    {
        await SendAsync(WithMail, NoticeFor("legal"));

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update outbox_message set sent_at = now(), given_up_at = now(), last_error = 'x'"));

        Assert.Equal("not_both_sent_and_given_up", refusal.ConstraintName);
    }

    private async Task DieAfterSendingAsync()
    {
        using var death = new CancellationTokenSource();
        await Deliver.RunAsync(
            Carrier.Email, async (message, _) =>
            {
                await Sender.SendAsync(message, default);
                await death.CancelAsync();
                death.Token.ThrowIfCancellationRequested();
            }, death.Token);
    }
}
