using System.Text.RegularExpressions;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Incidents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace CoEPortal.Journeys;

/// <summary>Reported by anybody, triaged, stopped from, told of and learnt from.</summary>
public sealed class HandlingAnIncident(Stage stage)
{
    /// <summary>A busy machine takes its time.</summary>
    private static readonly LocatorAssertionsToBeVisibleOptions WhenBusy = new() { Timeout = 30_000 };

    [Fact]
    public async Task A_submitter_reports_and_Privacy_triages_and_settles_what_follows()
    {
        var page = await stage.AsAsync("submitter");
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Main" }).GetByRole(AriaRole.Link, new() { Name = "Incidents" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Report an incident" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Report", Exact = true }).ClickAsync();
        await Expect(page.GetByText("Say in one line what happened.")).ToBeVisibleAsync(WhenBusy);
        await page.GetByLabel("What happened?").FillAsync("A summary named a stranger");
        await page.GetByRole(AriaRole.Radio, new() { Name = "Yes" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Report", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "A summary named a stranger" })).ToBeVisibleAsync(WhenBusy);
        await Expect(page.GetByText("No deadline runs")).ToBeVisibleAsync(WhenBusy);
        await Stage.DemandAccessibleAsync(page);
        var address = new Uri(page.Url).AbsolutePath;
        await page.Context.CloseAsync();

        page = await stage.AsAsync("privacy");
        await page.GotoAsync(address);
        await page.GetByRole(AriaRole.Button, new() { Name = "Triage" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Triage" }).ClickAsync();
        await Expect(dialog.GetByText("Say how bad it is.")).ToBeVisibleAsync(WhenBusy);
        await dialog.GetByRole(AriaRole.Radio, new() { NameRegex = new Regex("^Moderate") }).ClickAsync();
        await Stage.DemandAccessibleAsync(page);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Triage" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { NameRegex = new Regex("^1 deadline running, the next") })).ToBeVisibleAsync(WhenBusy);

        await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Draft and settle: Personal data breach") }).ClickAsync();
        await Expect(dialog.GetByLabel("Draft from the record")).ToHaveValueAsync(new Regex("A summary named a stranger"), new() { Timeout = 30_000 });
        await dialog.GetByRole(AriaRole.Radio, new() { Name = "Not required" }).ClickAsync();
        // Nobody writes before the form has answered.
        await Expect(dialog.GetByLabel("Reference")).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        await dialog.GetByLabel("Reason").FillAsync("The name was invented.");
        await Stage.DemandAccessibleAsync(page);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Settle" }).ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        await Expect(page.GetByText("Not required").First).ToBeVisibleAsync(WhenBusy);

        await page.GetByRole(AriaRole.Button, new() { Name = "Note", Exact = true }).ClickAsync();
        await dialog.GetByLabel("What was seen, found, done or decided").FillAsync("The answer as it was shown");
        await Stage.ChooseFileAsync(dialog.Locator("#evidence-file"), new FilePayload { Name = "answer.zip", MimeType = "application/zip", Buffer = "PK\u0003\u0004"u8.ToArray() });
        await Expect(dialog.GetByText("Only PDF, PNG, JPEG, JSON and UTF-8 text are kept")).ToBeVisibleAsync(WhenBusy);
        await Stage.ChooseFileAsync(dialog.Locator("#evidence-file"), new FilePayload { Name = "answer.txt", MimeType = "text/plain", Buffer = "It named a stranger."u8.ToArray() });
        await Expect(dialog.GetByLabel("Its SHA-256")).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        await Stage.DemandAccessibleAsync(page);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add to the timeline" }).ClickAsync();
        var download = page.WaitForDownloadAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Download TXT, 20 bytes" }).ClickAsync();
        Assert.Matches(@"^INC-\d+-\d+\.txt$", (await download).SuggestedFilename);

        await page.GetByRole(AriaRole.Button, new() { Name = "Resolve" }).ClickAsync();
        await dialog.GetByLabel("What shows it").FillAsync("Asked twenty times, no name.");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Resolve" }).ClickAsync();
        await Expect(page.GetByText("1 thing to do before it can be closed")).ToBeVisibleAsync(WhenBusy);
        await page.GetByRole(AriaRole.Button, new() { Name = "Write the post-mortem" }).ClickAsync();
        await dialog.GetByLabel("Causes").FillAsync("No check that a name stands in the source.");
        // Somebody else is faster: what is written stays, and is saved after a look at the newest.
        await stage.Services.GetRequiredService<HandleIncident>().NoteAsync(address.Split('/')[^1], EntryKind.Observation, null, "Nothing since.", "", null, DemoPersonas.Find("coe-lead")!.Actor);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "See the newest" }).ClickAsync();
        await Expect(dialog.GetByLabel("Causes")).ToHaveValueAsync("No check that a name stands in the source.");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.Locator("#content").GetByRole(AriaRole.Button, new() { Name = "Close", Exact = true }).ClickAsync();
        await dialog.GetByLabel("What shows it").FillAsync("All followed.");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Close", Exact = true }).Last.ClickAsync();
        await Expect(page.GetByText("Resolved → Closed: All followed.")).ToBeVisibleAsync(WhenBusy);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task An_exercise_is_planned_seated_played_with_a_real_rehearsal_and_scored()
    {
        var page = await stage.AsAsync("coe-lead");
        await page.GotoAsync("/exercises/EX-0002");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Prompt injection within one hour" })).ToBeVisibleAsync(WhenBusy);
        await page.GetByRole(AriaRole.Button, new() { Name = "Start the timer" }).ClickAsync();
        await Expect(page.GetByText("Seat somebody for each role first")).ToBeVisibleAsync(WhenBusy);
        var dialog = page.GetByRole(AriaRole.Dialog);
        for (var seat = 0; seat < 4; seat++)
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Seat somebody" }).ClickAsync();
            await dialog.GetByLabel("Person").ClickAsync();
            await page.GetByRole(AriaRole.Option, new() { Name = "Mara Lindqvist" }).ClickAsync();
            await Expect(dialog.GetByRole(AriaRole.Combobox, new() { Name = "Mara Lindqvist" })).ToBeVisibleAsync(WhenBusy);
            await dialog.GetByRole(AriaRole.Button, new() { Name = "Seat", Exact = true }).ClickAsync();
            await Expect(dialog).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Start the timer" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "A clerk calls" })).ToBeVisibleAsync(WhenBusy);
        await page.GetByRole(AriaRole.Button, new() { Name = "Done: step 1" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Rehearse the switch" }).ClickAsync();
        await Expect(page.GetByText("held everywhere after")).ToBeVisibleAsync(WhenBusy);
        await Stage.DemandAccessibleAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "End and score" }).ClickAsync();
        await dialog.GetByLabel("What it showed").FillAsync("The switch holds; the rest was not tried.");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "End and score" }).ClickAsync();
        await Expect(page.GetByText(new Regex("^Score (29|21) of 100$"))).ToBeVisibleAsync(WhenBusy);
        await page.Context.CloseAsync();
    }
}
