using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Portfolio;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace CoEPortal.Journeys;

/// <summary>What a pattern clears is looked at afterwards; what rules find is set aside by two; what everybody follows is read with one click.</summary>
public sealed class ClearingByRule(Stage stage)
{
    private static readonly LocatorAssertionsToBeVisibleOptions WhenBusy = new() { Timeout = 30_000 };

    [Fact]
    public async Task A_sample_is_objected_to_and_its_use_case_is_cleared_no_more()
    {
        var key = await GivenAClearedAsync();
        var page = await stage.AsAsync("risk");
        await page.GotoAsync($"/use-cases/{key}");
        await Expect(page.GetByText("It is a sample: a person looks at it afterwards.")).ToBeVisibleAsync(WhenBusy);

        await page.GotoAsync("/patterns/cleared");
        await page.GetByRole(AriaRole.Button, new() { Name = $"Review {key}" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Object, and end its approval" }).ClickAsync();
        await Expect(page.GetByText("Say what is wrong with it.")).ToBeVisibleAsync(WhenBusy);
        await page.GetByLabel("What you found").FillAsync("It reads tickets with names in them.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Object, and end its approval" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = $"Review {key}" })).ToHaveCountAsync(0);

        await page.GotoAsync($"/use-cases/{key}");
        await Expect(page.GetByText("Cleared no more").First).ToBeVisibleAsync(WhenBusy);
        await Expect(page.GetByText("Its approval by rule has ended")).ToBeVisibleAsync();
        await Stage.DemandAccessibleAsync(page);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_lane_is_overridden_by_two_people_and_the_judgement_stays_beside_it()
    {
        var useCase = await stage.Services.GetRequiredService<StartUseCase>().RunAsync(Who("submitter2"), await CopyAsync("Overridden by two", "A source that no pattern names"));
        var (lead, risk) = (await stage.AsAsync("coe-lead2"), await stage.AsAsync("risk2"));
        await lead.GotoAsync($"/use-cases/{useCase.Key}");
        await lead.GetByRole(AriaRole.Button, new() { Name = "Propose", Exact = true }).ClickAsync();
        await lead.GetByLabel("Lane: As rules find it").ClickAsync();
        await lead.GetByRole(AriaRole.Option, new() { Name = "Full lane" }).ClickAsync();
        await lead.GetByLabel("Reason").FillAsync("Its answers bind us.");
        await Stage.DemandAccessibleAsync(lead);
        await lead.GetByRole(AriaRole.Button, new() { Name = "Propose the override" }).ClickAsync();
        await Expect(lead.GetByText("Waits for Risk")).ToBeVisibleAsync(WhenBusy);

        await risk.GotoAsync($"/use-cases/{useCase.Key}");
        await risk.GetByRole(AriaRole.Button, new() { Name = "Decide on O1" }).ClickAsync();
        await risk.GetByRole(AriaRole.Button, new() { Name = "Confirm", Exact = true }).ClickAsync();
        await Expect(risk.GetByText("It holds from the next submission on")).ToBeVisibleAsync(WhenBusy);

        var author = await stage.AsAsync("submitter2");
        await author.GotoAsync($"/propose/{useCase.Key}");
        await Expect(author.GetByText("Override O1 stands. Rules found:")).ToBeVisibleAsync(WhenBusy);
        foreach (var page in new[] { lead, risk, author })
        {
            await page.Context.CloseAsync();
        }
    }

    [Fact]
    public async Task A_policy_is_acknowledged_with_one_click()
    {
        var page = await stage.AsAsync("submitter");
        await page.GotoAsync("/policies");
        await page.GetByRole(AriaRole.Button, new() { Name = "I have read it and follow it: Data in prompts and answers" }).ClickAsync();
        await Expect(page.Locator(".rz-badge", new() { HasText = "Acknowledged" })).ToBeVisibleAsync(WhenBusy);
        await Stage.DemandAccessibleAsync(page);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Whoever_holds_a_link_reads_one_revision_without_an_account()
    {
        var page = await stage.AsAsync("coe-lead");
        await page.GotoAsync("/use-cases/UC-0001?tab=one-pager");
        await page.GetByRole(AriaRole.Button, new() { Name = "Share revision 1" }).ClickAsync();
        await page.GetByLabel("For whom").FillAsync("Works council");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();
        var address = await page.GetByLabel("Link", new() { Exact = true }).InputValueAsync();
        await page.Context.CloseAsync();

        var nobody = await (await stage.Browser!.NewContextAsync(new() { ViewportSize = new() { Width = 800, Height = 900 }, ColorScheme = ColorScheme.Dark })).NewPageAsync();
        await nobody.GotoAsync(address);
        await Expect(nobody.GetByText("names of people are left out")).ToBeVisibleAsync(WhenBusy);
        await Stage.DemandAccessibleAsync(nobody);
        await Stage.PictureAsync(nobody, "shared-dark-800");
        await nobody.Context.CloseAsync();
    }

    private async Task<string> GivenAClearedAsync()
    {
        // The first case of every pattern is a sample; of this one somebody wants every case seen.
        var services = stage.Services;
        var write = services.GetRequiredService<CoEPortal.Governance.Patterns.WritePattern>();
        var pattern = await write.StartAsync(
            new()
            {
                Title = "Journeys",
                Summary = "x",
                Models = ["gpt-4.1-mini"],
                DataClasses = [DataClass.Internal],
                Residencies = [Residency.EuOnly],
                DataSources = ["Journey notes"],
                Disclosures = ["Written by AI."],
                Architecture = "x",
                SampleEvery = 1,
            },
            Who("coe-lead"));
        await services.GetRequiredService<CoEPortal.Governance.Patterns.PublishPattern>().RunAsync(pattern.Key, pattern.ContentHash, null, Who("coe-lead2"));
        var useCase = await services.GetRequiredService<StartUseCase>().RunAsync(Who("submitter2"), await CopyAsync("Answers from journey notes", "Journey notes"));
        await services.GetRequiredService<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter2"));
        return useCase.Key;
    }

    /// <summary>What the demo organisation had cleared, about something else.</summary>
    private async Task<Proposal> CopyAsync(string title, string source)
    {
        var cleared = await stage.Services.GetRequiredService<CoEPortal.Governance.Clearances.ClearanceList>().PageAsync(CoEPortal.Governance.Clearances.ClearanceShow.All, "PAT-0001", Who("coe-lead"));
        var (useCase, _) = await stage.Services.GetRequiredService<UseCaseDetails>().OfAsync(cleared.Items[0].Clearance.UseCaseKey, Who("coe-lead"));
        return useCase.Draft with { Title = title, DataSources = [source] };
    }

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
