using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace CoEPortal.Journeys;

/// <summary>Limits tried on the past and tightened, feedback triaged, budgets and drift read.</summary>
public sealed class WatchingWhatRuns(Stage stage)
{
    /// <summary>A run over the past and a page of totals take their time on a busy machine.</summary>
    private static readonly LocatorAssertionsToBeVisibleOptions WhenBusy = new() { Timeout = 30_000 };

    private static readonly LocatorAssertionsToContainTextOptions TextWhenBusy = new() { Timeout = 30_000 };

    [Fact]
    public async Task A_CoE_lead_tries_a_limit_on_the_past_tightens_it_and_reads_what_going_back_takes()
    {
        var page = await stage.AsAsync("coe-lead");
        await page.GotoAsync("/use-cases/UC-0001");
        await page.GetByRole(AriaRole.Link, new() { Name = "Dry run and tighten" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Kill criteria of Policy question assistant" })).ToBeVisibleAsync(WhenBusy);

        await page.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("^K4 ") }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "K4 would not have engaged in 30 days" })).ToBeVisibleAsync(WhenBusy);
        await page.GetByLabel("New limit (milliseconds)").FillAsync("4000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Try it on the past" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { NameRegex = new Regex("^K4 would have engaged [0-9]+ times? in 30 days and held back") })).ToBeVisibleAsync(WhenBusy);
        await Expect(page.GetByText("Nothing was changed by it.")).ToBeVisibleAsync(WhenBusy);
        await Stage.DemandAccessibleAsync(page);
        await Stage.PictureAsync(page, "dry-run");

        await page.GetByRole(AriaRole.Button, new() { Name = "Tighten" }).ClickAsync();
        await Expect(page.GetByText("Say why it has to be stricter.")).ToBeVisibleAsync(WhenBusy);
        await page.GetByLabel("New limit (milliseconds)").FillAsync("9500");
        await page.GetByLabel("Reason").FillAsync("Answers got slow.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Tighten" }).ClickAsync();
        await Expect(page.GetByText("back or looser takes a new revision approved by")).ToBeVisibleAsync(WhenBusy);
        await page.GetByLabel("New limit (milliseconds)").FillAsync("8000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Tighten" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "K4 is stricter than approved" })).ToBeVisibleAsync(WhenBusy);
        await Expect(page.GetByText("9,000 ms → 8,000 ms")).ToBeVisibleAsync(WhenBusy);
        await Expect(page.GetByText("back to the approved 9,000 ms is a loosening and takes a new revision approved by")).ToBeVisibleAsync(WhenBusy);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Feedback_is_entered_triaged_and_done()
    {
        var page = await stage.AsAsync("coe-lead");
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Main" }).GetByRole(AriaRole.Link, new() { Name = "Feedback" }).ClickAsync();
        await page.GotoAsync("/feedback?useCase=UC-0005");
        await Expect(page.GetByText("No feedback matches these filters")).ToBeVisibleAsync(WhenBusy);
        await page.GetByRole(AriaRole.Button, new() { Name = "Enter feedback" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByRole(AriaRole.Radio, new() { Name = "Not good" }).ClickAsync();
        await dialog.GetByLabel("In words").FillAsync("Cost centre 4711 instead of 4117.");
        await Stage.DemandAccessibleAsync(page);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Enter feedback" }).ClickAsync();

        await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Triage: Cost centre") }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Triage" }).ClickAsync();
        await Expect(dialog.GetByText("Say where the fix belongs, or mark it as done.")).ToBeVisibleAsync(WhenBusy);
        await dialog.GetByRole(AriaRole.Radio, new() { Name = "Tool" }).ClickAsync();
        await dialog.GetByLabel("Note").FillAsync("Look it up instead of guessing.");
        await Stage.DemandAccessibleAsync(page);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Triage" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "4711" })).ToContainTextAsync("Tool", TextWhenBusy);

        await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Open: Cost centre") }).ClickAsync();
        await dialog.GetByLabel("Note").FillAsync("Lookup is live.");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "4711" })).ToContainTextAsync("Done", TextWhenBusy);
        await page.GotoAsync("/use-cases/UC-0005");
        await Expect(page.GetByText("1 opinion, 1 negative")).ToBeVisibleAsync(WhenBusy);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Budgets_name_when_they_run_out_and_drift_is_told_with_its_samples()
    {
        var page = await stage.AsAsync("coe-lead");
        await page.GotoAsync("/usage");
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Usage" }).GetByRole(AriaRole.Link, new() { Name = "Budgets" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Tender translator" })).ToContainTextAsync("too little data", TextWhenBusy);
        await Expect(page.GetByText("Forecast: the mean of the last 14 whole days").First).ToBeVisibleAsync(WhenBusy);
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("show as table$") }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "At the mean" }).First).ToBeVisibleAsync(WhenBusy);
        await Stage.DemandAccessibleAsync(page);

        await page.GetByRole(AriaRole.Navigation, new() { Name = "Usage" }).GetByRole(AriaRole.Link, new() { Name = "Quality and drift" }).ClickAsync();
        await page.GotoAsync("/usage/quality?useCase=UC-0001");
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Cost of a call" })).ToContainTextAsync("Higher", TextWhenBusy);
        await Expect(page.GetByRole(AriaRole.Heading, new() { NameRegex = new Regex("of the questions moved to other topics$") })).ToBeVisibleAsync(WhenBusy);
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).ClickAsync());
        using var csv = new StreamReader(await download.CreateReadStreamAsync());
        Assert.StartsWith("from,calls,unmetered_calls", await csv.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await page.Context.CloseAsync();
    }
}
