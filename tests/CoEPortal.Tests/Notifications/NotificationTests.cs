using CoEPortal.Governance.Notifications;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Notifications;

public sealed class NotificationTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    [Fact]
    public async Task A_change_that_is_rolled_back_told_nobody()
    {
        await using (var db = await DbAsync())
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await Get<Notices>().SendAsync(db, [NoticeFor("legal")], Clock.GetUtcNow(), default);
            Assert.Single(await db.Notifications.ToListAsync());
        }

        await using var after = await DbAsync();
        Assert.Empty(await after.Notifications.ToListAsync());
    }

    private static Notice NoticeFor(string persona, string key = "review/1", string title = "UC-0001 asks Legal to decide") => new(
        Who(persona).Id, "review-asked", title, "Due Friday", "/tasks/1", "UC-0001", key);
}
