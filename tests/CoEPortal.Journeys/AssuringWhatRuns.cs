using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace CoEPortal.Journeys;

/// <summary>Impact assessments: two people write on one, and the functions of its lane decide on another.</summary>
public sealed class AssuringWhatRuns(Stage stage)
{
    private static readonly LocatorAssertionsToBeVisibleOptions WhenBusy = new() { Timeout = 30_000 };

    [Fact]
    public async Task Two_editors_of_one_assessment_and_nothing_is_lost()
    {
        var (lead, privacy) = (await stage.AsAsync("coe-lead"), await stage.AsAsync("privacy"));
        foreach (var page in new[] { lead, privacy })
        {
            await page.GotoAsync("/dpias/DPIA-0003/edit");
            await Expect(page.GetByLabel("Lawful basis")).ToBeVisibleAsync(WhenBusy);
        }

        await lead.GetByLabel("Lawful basis").FillAsync("<b>Contract</b>, Article 6(1)(b).");
        await Expect(lead.Locator(".saving")).ToContainTextAsync("Saved", new() { Timeout = 30_000 });
        await privacy.GetByLabel("Lawful basis").FillAsync("Legitimate interest.");
        await Expect(privacy.GetByText("changed in another tab or by somebody else")).ToBeVisibleAsync(WhenBusy);
        await Expect(privacy.GetByLabel("Lawful basis")).ToHaveValueAsync("Legitimate interest.");
        await Stage.DemandAccessibleAsync(privacy);
        await privacy.GetByRole(AriaRole.Button, new() { Name = "Load the newer one" }).ClickAsync();
        await Expect(privacy.GetByLabel("Lawful basis")).ToHaveValueAsync("<b>Contract</b>, Article 6(1)(b).");

        // Markup is text wherever it is shown.
        await privacy.GotoAsync("/dpias/DPIA-0003");
        await Expect(privacy.GetByText("<b>Contract</b>, Article 6(1)(b).")).ToBeVisibleAsync(WhenBusy);
        await lead.Context.CloseAsync();
        await privacy.Context.CloseAsync();
    }

    [Fact]
    public async Task A_high_risk_that_is_left_waits_in_the_inbox_of_its_lane_and_is_decided_there()
    {
        var legal = await stage.AsAsync("legal2");
        await legal.GotoAsync("/dpias/DPIA-0002");
        await Expect(legal.Locator("main").GetByText("In review").First).ToBeVisibleAsync(WhenBusy);
        await Expect(legal.GetByRole(AriaRole.Button, new() { Name = "Sign off" })).ToHaveCountAsync(0);
        await Stage.DemandAccessibleAsync(legal);
        await Stage.PictureAsync(legal, "dpia-in-review");

        await legal.GotoAsync("/inbox");
        await legal.GetByRole(AriaRole.Row).Filter(new() { HasText = "DPIA-0002" }).GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(legal.GetByText("From many answers together something about one person can be read").First).ToBeVisibleAsync(WhenBusy);
        await Expect(legal.GetByText("The text of DPIA-0002 as it stands")).ToBeVisibleAsync();
        await Stage.DemandAccessibleAsync(legal);
        await Stage.PictureAsync(legal, "dpia-task");
        await legal.Keyboard.PressAsync("a");
        await legal.Keyboard.PressAsync("Control+Enter");
        await Expect(legal.GetByText(new Regex("Recorded for Legal"))).ToBeVisibleAsync(WhenBusy);

        await legal.GotoAsync("/dpias/DPIA-0002");
        var review = legal.GetByRole(AriaRole.Region, new() { Name = "Review", Exact = true });
        await Expect(review.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Legal" }).GetByText("Approved")).ToBeVisibleAsync(WhenBusy);
        await Expect(review.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Risk" }).GetByText("asked when the others have approved")).ToBeVisibleAsync();
        await legal.Context.CloseAsync();
    }
}
