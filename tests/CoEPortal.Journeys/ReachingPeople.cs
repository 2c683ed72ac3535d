using Microsoft.Playwright;
using Xunit;

namespace CoEPortal.Journeys;

/// <summary>A use case reaches 30 % of its people, a champion agrees, it reaches 60 %, and a failure met on the way is shared with all.</summary>
public sealed class ReachingPeople(Stage stage)
{
    [Fact]
    public async Task A_rollout_moves_on_when_its_champion_agrees_and_a_failure_is_shared_and_published()
    {
        var lead = await stage.AsAsync("coe-lead2");
        await lead.GotoAsync("/champions");
        await Assertions.Expect(lead.GetByText("1 department without a champion")).ToBeVisibleAsync();
        await Stage.PictureAsync(lead, "champions");
        await Stage.DemandAccessibleAsync(lead);
        await lead.GetByRole(AriaRole.Button, new() { Name = "Ask somebody" }).ClickAsync();
        await lead.GetByRole(AriaRole.Dialog).Locator(".rz-dropdown").ClickAsync();
        await lead.GetByRole(AriaRole.Option, new() { Name = "Jonas Weber, Information Security" }).ClickAsync();
        var department = lead.GetByRole(AriaRole.Textbox, new() { Name = "Department", Exact = true });
        await Assertions.Expect(department).ToHaveValueAsync("Information Security");
        await department.FillAsync("Platform team");
        await lead.GetByRole(AriaRole.Button, new() { Name = "Ask them" }).ClickAsync();
        await Assertions.Expect(lead.GetByRole(AriaRole.Row, new() { Name = "Platform team" })).ToContainTextAsync("Asked");

        var champion = await stage.AsAsync("security");
        await champion.GotoAsync("/champions");
        await champion.GetByRole(AriaRole.Button, new() { Name = "Accept to be champion for Platform team" }).ClickAsync();
        await Assertions.Expect(champion.GetByRole(AriaRole.Row, new() { Name = "Platform team" })).ToContainTextAsync("Champion");

        await lead.GotoAsync("/use-cases?search=Developer+documentation+search");
        await lead.GetByRole(AriaRole.Link, new() { Name = "Developer documentation search" }).First.ClickAsync();
        await lead.GetByRole(AriaRole.Tab, new() { Name = "Adoption" }).ClickAsync();
        await lead.GetByRole(AriaRole.Button, new() { Name = "Plan the rollout" }).ClickAsync();
        await lead.GetByLabel("Cohort 1", new() { Exact = true }).FillAsync("Platform engineers");
        await lead.GetByLabel("Department, cohort 1").FillAsync("Platform team");
        await lead.GetByText("Champions agree before phase 1 moves on").ClickAsync();
        await lead.GetByRole(AriaRole.Button, new() { Name = "Save the plan" }).ClickAsync();
        await DecideAsync(lead, "Open to 30 %", "The team asked for it.");
        await DecideAsync(lead, "Open to 60 %", "Too early.", isRefused: true);
        await Assertions.Expect(lead.GetByText("The champion has not agreed for Platform engineers", new() { Exact = true }).First).ToBeVisibleAsync();
        await lead.Keyboard.PressAsync("Escape");

        await champion.ReloadAsync();
        await champion.GetByRole(AriaRole.Button, new() { Name = "Agree for Platform engineers" }).ClickAsync();
        await Assertions.Expect(champion.GetByText("You agreed for Platform engineers")).ToBeVisibleAsync();
        await lead.ReloadAsync();
        await DecideAsync(lead, "Open to 60 %", "No complaint in four weeks.");
        await Assertions.Expect(lead.GetByRole(AriaRole.Heading, new() { Name = "Open to 60 % of the eligible people" })).ToBeVisibleAsync();
        await Stage.PictureAsync(lead, "adoption");
        await Stage.DemandAccessibleAsync(lead);

        await champion.GotoAsync("/failures");
        await champion.GetByRole(AriaRole.Button, new() { Name = "Share a failure" }).ClickAsync();
        await champion.GetByLabel("What went wrong, in one line").FillAsync("Old runbook found first");
        await champion.GetByLabel("What happened").FillAsync("Asked by nina@example.org, it quoted the runbook of 2023.");
        await champion.GetByLabel("What others can learn").FillAsync("Archive what is replaced.");
        await champion.GetByRole(AriaRole.Button, new() { Name = "Share it" }).ClickAsync();
        await Assertions.Expect(champion.GetByText("Shared: it waits to be published")).ToBeVisibleAsync();
        await lead.GotoAsync("/failures?state=waiting");
        await lead.GetByRole(AriaRole.Button, new() { Name = "Look and publish: Old runbook found first" }).ClickAsync();
        await Assertions.Expect(lead.GetByLabel("What happened")).ToHaveValueAsync("Asked by [e-mail], it quoted the runbook of 2023.");
        await lead.GetByRole(AriaRole.Button, new() { Name = "Publish it" }).ClickAsync();
        await Assertions.Expect(lead.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        var other = await stage.AsAsync("submitter");
        await other.GotoAsync("/failures?search=runbook+found");
        await other.GetByRole(AriaRole.Button, new() { Name = "Happened to me too: Old runbook found first" }).ClickAsync();
        await Assertions.Expect(other.GetByText("Happened to 1 more person")).ToBeVisibleAsync();
        await Stage.PictureAsync(other, "failures");
        await Stage.DemandAccessibleAsync(other);
        foreach (var page in new[] { lead, champion, other })
        {
            await page.Context.CloseAsync();
        }
    }

    private static async Task DecideAsync(IPage page, string button, string reason, bool isRefused = false)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Reason").FillAsync(reason);
        await dialog.GetByRole(AriaRole.Button, new() { Name = button + " now" }).ClickAsync();
        await Assertions.Expect(dialog).ToHaveCountAsync(isRefused ? 1 : 0);
    }
}
