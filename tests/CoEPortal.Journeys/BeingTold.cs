using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;

namespace CoEPortal.Journeys;

/// <summary>From the bell to what it rings for.</summary>
public sealed class BeingTold(Stage stage)
{
    private static readonly LocatorAssertionsToBeVisibleOptions WithinARefresh = new() { Timeout = 20_000 };

    [Fact]
    public async Task The_bell_counts_and_opening_leads_to_the_thing_and_marks_it_read()
    {
        // Nobody else tells an auditor of anything meanwhile.
        var page = await stage.AsAsync("auditor");
        await Assertions.Expect(Bell(page, "Notifications")).ToBeVisibleAsync();

        await TellAsync("auditor", ("review-asked", "UC-0001 waits for Privacy", "Full lane, due Friday", "/use-cases/UC-0001"), ("switch-engaged", "UC-0003 was stopped", "Budget of the month is spent", "/switches"));
        await Assertions.Expect(Bell(page, "Notifications, 2 unread")).ToBeVisibleAsync(WithinARefresh);
        await Bell(page, "Notifications, 2 unread").ClickAsync();
        await Assertions.Expect(page.Locator(".notifications .unread")).ToHaveCountAsync(2);

        await page.GetByRole(AriaRole.Link, new() { Name = "UC-0001 waits for Privacy" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(stage.Address, "/use-cases/UC-0001").ToString());
        await Assertions.Expect(Bell(page, "Notifications, 1 unread")).ToBeVisibleAsync(WithinARefresh);

        await page.GoBackAsync();
        await Assertions.Expect(page.Locator(".notifications li")).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Button, new() { Name = "Mark all as read" }).ClickAsync();
        await Assertions.Expect(Bell(page, "Notifications")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".notifications .unread")).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_list_pages_and_has_no_serious_barrier_in_either_theme()
    {
        await TellAsync("admin", [.. Enumerable.Range(1, 24).Select(n => ("review-asked", $"UC-{n:0000} waits for Legal", "Standard lane, due " + (n % 2 == 0 ? "Friday" : "tomorrow, <b>and</b> a rather long fact that goes on for a while so that it has to wrap somewhere"), "/inbox"))]);
        foreach (var (colours, width) in new[] { (ColorScheme.Light, 1400), (ColorScheme.Dark, 800) })
        {
            var page = await stage.AsAsync("admin", colours, width);
            await page.GotoAsync("/notifications?page=2");
            await Assertions.Expect(page.Locator(".notifications li")).ToHaveCountAsync(4);
            await Stage.PictureAsync(page, $"notifications-last-{colours}-{width}".ToLowerInvariant());
            await page.GotoAsync("/notifications");
            await Assertions.Expect(page.Locator(".notifications li")).ToHaveCountAsync(20);
            await Stage.PictureAsync(page, $"notifications-{colours}-{width}".ToLowerInvariant());
            await Stage.DemandAccessibleAsync(page);
            await page.Context.CloseAsync();
        }
    }

    [Fact]
    public async Task Somebody_chooses_what_comes_how_and_finds_it_so_again()
    {
        var page = await stage.AsAsync("risk2");
        await page.GotoAsync("/notifications/settings");
        var choice = page.GetByRole(AriaRole.Combobox, new() { Name = "A review waits for you" });
        await choice.FocusAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "A review waits for you: Once a day" })).ToBeVisibleAsync();
        await page.GetByLabel("Quiet from").FillAsync("19:00");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Quiet hours have a beginning and an end")).ToBeVisibleAsync();
        await page.GetByLabel("Quiet until").FillAsync("07:00");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.GetByText("What you chose is saved")).ToBeVisibleAsync();

        await page.ReloadAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "A review waits for you: Once a day" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByLabel("Quiet from")).ToHaveValueAsync("19:00");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_channel_inside_the_network_is_refused_where_it_is_entered_and_what_did_not_leave_is_dropped_with_a_reason()
    {
        var page = await stage.AsAsync("coe-lead2");
        await page.GotoAsync("/channels");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a channel" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("#inside");
        await page.GetByLabel("Address of the webhook").FillAsync("https://169.254.169.254/latest");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the channel" }).ClickAsync();
        await Assertions.Expect(page.GetByText("leads into this network")).ToBeVisibleAsync();
        await Stage.PictureAsync(page, "channel-refused");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await page.GotoAsync("/outbox?state=givenUp");
        await page.GetByRole(AriaRole.Button, new() { Name = "Drop: A first message" }).ClickAsync();
        await page.GetByLabel("Reason").FillAsync("The workflow in Teams is made again.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Drop the message" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Drop: A first message" })).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
    }

    private static ILocator Bell(IPage page, string name) => page.Locator("header").GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    private async Task TellAsync(string persona, params (string Kind, string Title, string Text, string Link)[] what)
    {
        var now = stage.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        await using var db = await stage.Services.GetRequiredService<IDbContextFactory<GovernanceDb>>().CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await stage.Services.GetRequiredService<Notices>().SendAsync(
            db, [.. what.Select(w => new Notice(DemoPersonas.Find(persona)!.Id, w.Kind, w.Title, w.Text, w.Link, null, $"journey/{w.Title}"))], now, default);
        await transaction.CommitAsync();
    }
}
