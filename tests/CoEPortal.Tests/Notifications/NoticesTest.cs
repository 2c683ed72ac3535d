using System.Net.Mail;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Tests.Persistence;
using CoEPortal.Web.Notifications;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Notifications;

/// <summary>A portal that sends mail, and a few people it knows.</summary>
public abstract class NoticesTest(TestPostgres postgres) : GovernanceTest(postgres)
{
    protected static Notices WithMail { get; } = new(new NoticeMail(new Uri("https://portal.nordhaven.example/")), new Organisation());

    protected static Notices WithoutMail { get; } = new(NoticeMail.Off, new Organisation());

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await using var db = await DbAsync();
        foreach (var alias in new[] { "legal", "legal2", "security" })
        {
            var persona = DemoPersonas.Find(alias)!;
            (await db.People.SingleAsync(p => p.Id == persona.Id.Value)).LearnEmail(persona.Email);
        }

        await db.SaveChangesAsync();
    }

    protected static Notice NoticeFor(string persona, string key = "review/1", string title = "UC-0001 waits for Legal", string text = "Due Friday", string link = "/tasks/1") =>
        new(Who(persona).Id, "review-asked", title, text, link, "UC-0001", key);

    protected static MailSender SenderTo(int port, bool useTls = false, TimeSpan? patience = null) =>
        new(new MailSettings("127.0.0.1", port, useTls, new MailAddress("portal@nordhaven.example"), null, null, new Uri("https://portal.nordhaven.example")))
        {
            Timeout = patience ?? TimeSpan.FromSeconds(30),
        };

    protected async Task SendAsync(Notices notices, params Notice[] what)
    {
        await using var db = await DbAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await notices.SendAsync(db, what, Clock.GetUtcNow(), default);
        await transaction.CommitAsync();
    }

    protected async Task<List<Notification>> NotificationsAsync()
    {
        await using var db = await DbAsync();
        return await db.Notifications.AsNoTracking().OrderBy(n => n.Id).ToListAsync();
    }

    protected async Task<List<OutboxMessage>> MessagesAsync()
    {
        await using var db = await DbAsync();
        return await db.OutboxMessages.AsNoTracking().OrderBy(m => m.Id).ToListAsync();
    }
}
