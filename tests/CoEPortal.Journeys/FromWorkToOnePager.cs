using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace CoEPortal.Journeys;

/// <summary>Work that people do by hand is found, ranked and made a one-pager, and two people write and talk about it.</summary>
public sealed class FromWorkToOnePager(Stage stage)
{
    [Fact]
    public async Task A_candidate_is_ranked_becomes_a_one_pager_and_is_written_and_talked_about_together()
    {
        var page = await stage.AsAsync("submitter");
        await page.GotoAsync("/candidates");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a candidate" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Compare quotations of garages");
        await page.GetByLabel("How it is done today").FillAsync("Three quotations are printed, laid side by side and compared line by line.");
        await page.GetByLabel("Times a month").FillAsync("6000");
        await page.GetByLabel("Minutes each time").FillAsync("15");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Compare quotations of garages" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("1,500 hours a month: more than two people do nothing else.")).ToBeVisibleAsync();
        await Stage.DemandAccessibleAsync(page);
        await Stage.PictureAsync(page, "candidate");

        await page.GotoAsync("/candidates?sort=hours");
        await Assertions.Expect(page.Locator("tbody tr").First).ToContainTextAsync("Compare quotations of garages");
        await page.GetByRole(AriaRole.Link, new() { Name = "Compare quotations of garages" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Make it a one-pager" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("What is wrong today?", new() { Exact = true })).ToHaveValueAsync("Three quotations are printed, laid side by side and compared line by line.");

        await page.GetByLabel("Invite somebody").ClickAsync();
        await page.GetByRole(AriaRole.Option, new() { NameRegex = new Regex("^Lucía Ortega") }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Take Lucía Ortega off" })).ToBeVisibleAsync();
        var address = new Uri(page.Url).AbsolutePath;

        var guest = await stage.AsAsync("submitter2");
        await guest.GotoAsync(address);
        await guest.GetByRole(AriaRole.Button, new() { Name = "Comments at Who will use it?: none" }).ClickAsync();
        await guest.GetByLabel("Comment", new() { Exact = true }).FillAsync("@Nils Berg also the partner garages?");
        await guest.GetByRole(AriaRole.Button, new() { Name = "Comment", Exact = true }).ClickAsync();
        await Assertions.Expect(guest.GetByText("1 comment, open.")).ToBeVisibleAsync();
        await Stage.DemandAccessibleAsync(guest);
        await Stage.PictureAsync(guest, "comment-at-a-question");

        // Both write at once: the second is told, and keeps what was written.
        await guest.Keyboard.PressAsync("Escape");
        await guest.GetByLabel("What is wrong today?", new() { Exact = true }).FillAsync("Quotations are compared by hand, and the cheapest is missed.");
        await Assertions.Expect(guest.Locator(".saving")).ToContainTextAsync("Saved");
        await page.GetByLabel("What is wrong today?", new() { Exact = true }).FillAsync("It takes a quarter of an hour each time.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Load the newer draft" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What you wrote, and is not saved" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".diff .ins")).ToContainTextAsync("It takes a quarter of an hour each time.");
        await Assertions.Expect(page.GetByLabel("What is wrong today?", new() { Exact = true })).ToHaveValueAsync("Quotations are compared by hand, and the cheapest is missed.");

        await page.GotoAsync(address.Replace("/propose/", "/use-cases/", StringComparison.Ordinal));
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Compare quotations of garages" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Who will use it?" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Resolve" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Resolved by Nils Berg")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Comments at Who will use it?: 1, resolved" })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Add a document to") }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the document" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Choose a file.")).ToBeVisibleAsync();
        await page.GetByLabel("What it is").FillAsync("Sample of quotations");
        await Stage.ChooseFileAsync(page.Locator("#document-file"), new FilePayload { Name = "sample.pdf", MimeType = "application/pdf", Buffer = "%PDF-1.7"u8.ToArray() });
        await Stage.DemandAccessibleAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the document" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Download Sample of quotations" })).ToBeVisibleAsync();
        await guest.Context.CloseAsync();
        await page.Context.CloseAsync();
    }
}
