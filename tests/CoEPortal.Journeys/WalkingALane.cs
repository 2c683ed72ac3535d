using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace CoEPortal.Journeys;

/// <summary>A CoE lead looks at a lane before trusting it, and at a review that runs on it.</summary>
public sealed class WalkingALane(Stage stage)
{
    /// <summary>Outcomes and findings come after going through every run, which a busy machine does slowly.</summary>
    private static readonly LocatorAssertionsToBeVisibleOptions AfterEveryRun = new() { Timeout = 30_000 };

    [Fact]
    public async Task A_CoE_lead_reads_how_the_full_lane_can_end_and_rehearses_a_veto_and_an_approval()
    {
        var page = await stage.AsAsync("coe-lead");
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Main" }).GetByRole(AriaRole.Link, new() { Name = "Workflows" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Full lane", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Img, new() { NameRegex = new Regex("^Full lane, version .* ends approved") })).ToBeVisibleAsync(AfterEveryRun);
        await Stage.DemandAccessibleAsync(page);

        await page.GetByRole(AriaRole.Tab, new() { Name = "Outcomes" }).ClickAsync();
        await Expect(page.GetByText("Any one of Legal, Security, Privacy, Risk or CoE lead answers “veto”")).ToBeVisibleAsync(AfterEveryRun);
        await Stage.DemandAccessibleAsync(page);

        await page.GetByRole(AriaRole.Tab, new() { Name = "Simulate" }).ClickAsync();
        await Expect(page.GetByText("nothing is stored and nobody is asked")).ToBeVisibleAsync(AfterEveryRun);
        await page.GetByText("No", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Start the rehearsal" }).ClickAsync();
        await Expect(Standing(page)).ToHaveTextAsync("Waits for Legal, Security, Privacy and Risk");

        await Answer(page, "Veto: Risk review");
        await Expect(Standing(page)).ToHaveTextAsync("Ended: vetoed");
        await Expect(page.GetByRole(AriaRole.Img, new() { NameRegex = new Regex("Ended vetoed") })).ToBeVisibleAsync(AfterEveryRun);
        await Stage.DemandAccessibleAsync(page);
        await Answer(page, "Undo");
        await Expect(Standing(page)).ToHaveTextAsync("Waits for Legal, Security, Privacy and Risk");

        foreach (var task in new[] { "Legal review", "Security review", "Privacy review", "Risk review", "CoE lead review" })
        {
            await Answer(page, $"Approve: {task}");
        }

        await Expect(Standing(page)).ToHaveTextAsync("Ended: approved");
        await Stage.PictureAsync(page, "7-rehearsal");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_running_review_shows_who_holds_what_and_cannot_be_cancelled_without_a_reason()
    {
        var page = await stage.AsAsync("coe-lead");
        await page.GotoAsync("/workflows/instances?status=running&search=CV+shortlist");
        await page.GetByRole(AriaRole.Link, new() { Name = "CV shortlist" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Img, new() { NameRegex = new Regex("Waits for Security review \\(Nobody has taken it, asked ") })).ToBeVisibleAsync(AfterEveryRun);
        var legal = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Legal" }).First;
        await Expect(legal).ToContainTextAsync("Paul Novak");
        await Expect(page.GetByText("entries in the journal")).ToBeVisibleAsync(AfterEveryRun);
        await Stage.DemandAccessibleAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel this review" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Cancel the review of UC-") }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog).GetByText("Say why: it stays in the audit log.")).ToBeVisibleAsync(AfterEveryRun);
        await Stage.DemandAccessibleAsync(page);
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(page.Locator(".page-head .rz-badge")).ToContainTextAsync("Running");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_file_that_could_approve_without_everybody_is_refused_before_anybody_publishes_it()
    {
        var page = await stage.AsAsync("coe-lead");
        await page.GotoAsync("/workflows/simulate");
        var lane = await File.ReadAllTextAsync(Path.Combine(Stage.Root, "workflows", "standard.json"));
        await ChooseAsync(page, "standard.json", lane);
        await Expect(page.GetByText("exactly as it is")).ToBeVisibleAsync(AfterEveryRun);

        await ChooseAsync(page, "weaker.json", lane.Replace("\"WaitAll\"", "\"WaitAny\"", StringComparison.Ordinal).Replace("\"version\": 2,", "\"version\": 99,", StringComparison.Ordinal));
        await Expect(page.GetByText("weaker.json would be refused")).ToBeVisibleAsync(AfterEveryRun);
        await Expect(page.GetByText("would stay in force")).ToBeVisibleAsync(AfterEveryRun);

        await ChooseAsync(page, "notes.json", "Dear all");
        await Expect(page.GetByText("notes.json would be refused: 1 finding")).ToBeVisibleAsync(AfterEveryRun);
        await Stage.DemandAccessibleAsync(page);
        await page.Context.CloseAsync();
    }

    private static ILocator Standing(IPage page) => page.Locator(".card-head h2[tabindex]");

    private static Task Answer(IPage page, string button) => page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    private static Task ChooseAsync(IPage page, string name, string json) => Stage.ChooseFileAsync(
        page.GetByLabel("Workflow file"), new FilePayload { Name = name, MimeType = "application/json", Buffer = System.Text.Encoding.UTF8.GetBytes(json) });
}
