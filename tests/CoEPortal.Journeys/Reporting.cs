using System.Text.RegularExpressions;
using CoEPortal.Evidence.Pdf;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace CoEPortal.Journeys;

/// <summary>Reports about more than one use case, by those who have to answer for them.</summary>
public sealed class Reporting(Stage stage)
{
    [Fact]
    public async Task An_auditor_looks_at_a_period_and_takes_it_away_as_a_pdf()
    {
        var page = await stage.AsAsync("auditor");
        await page.GotoAsync("/reports");
        await page.GetByRole(AriaRole.Radio, new() { Name = "Period" }).Or(page.GetByText("Period", new() { Exact = true })).First.ClickAsync();
        await Expect(page.GetByLabel("First day")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Preview" }).ClickAsync();
        await Expect(page.FrameLocator("iframe.report-preview").GetByRole(AriaRole.Heading, new() { Name = "What a check does not prove" })).ToBeAttachedAsync();
        await Stage.PictureAsync(page, "report-preview");

        await page.GetByRole(AriaRole.Button, new() { Name = "Make the PDF" }).ClickAsync();
        var link = page.Locator("li", new() { HasTextRegex = new Regex("to .* 20") }).Locator("a[href^='/api/v1/audit-packs/']").First;
        await Expect(link).ToBeVisibleAsync(new() { Timeout = 90_000 });
        var pdf = await (await page.Context.APIRequest.GetAsync((await link.GetAttributeAsync("href"))!)).BodyAsync();

        Assert.True(PdfSignatureCheck.Verify(pdf).Holds);
        Assert.Contains("timeline", PdfPages.OfDestinations(pdf).Keys);
    }
}
