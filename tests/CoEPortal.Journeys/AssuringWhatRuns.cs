using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace CoEPortal.Journeys;

/// <summary>Two people write on one impact assessment: the slower is told, keeps their text, and sees the other's.</summary>
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
}
