using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using CoEPortal.Enforcement;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.People;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace CoEPortal.Journeys;

/// <summary>From gate to gate until one kills it, and from a pushed reading to what it was worth.</summary>
public sealed class PassingStageGates(Stage stage)
{
    [Fact]
    public async Task Gates_pass_one_after_another_one_kills_with_its_reason_and_a_pushed_reading_becomes_a_range()
    {
        var (author, risk) = (await stage.AsAsync("coe-lead"), await stage.AsAsync("risk"));
        using var http = new HttpClient { BaseAddress = stage.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Demo", "coe-lead");
        using var started = await http.PostAsJsonAsync("/api/v1/use-cases", new { title = "Sorting hail photos", businessUnit = "Claims" });
        var key = started.Headers.Location!.ToString().Split('/')[^1];

        await author.GotoAsync($"/use-cases/{key}");
        await Expect(author.GetByText("0 of 4 stage gates passed")).ToBeVisibleAsync();
        await author.GetByRole(AriaRole.Button, new() { Name = "Answer Problem validation" }).ClickAsync();
        await author.GetByRole(AriaRole.Button, new() { Name = "Send it to be decided" }).ClickAsync();
        await Expect(author.GetByText("Answer in at most 2,000 characters.").First).ToBeVisibleAsync();
        await Expect(author.GetByLabel("Who has this problem, and how do you know?")).ToBeFocusedAsync();
        await AnswerAsync(author, "Who has this problem, and how do you know?", "What does it cost today, in time, money or errors?", "What was tried without AI, and why is it not enough?");
        await Expect(author.Locator(".flow-state").GetByText("Waits for a decision")).ToBeVisibleAsync();
        await Expect(author.GetByText("You wrote for this gate; somebody else decides.")).ToBeVisibleAsync();
        await Stage.DemandAccessibleAsync(author);

        await risk.GotoAsync($"/use-cases/{key}");
        await PassAsync(risk, "Problem validation", "Twelve clerks named it.");
        await Expect(risk.GetByText("1 of 4 stage gates passed")).ToBeVisibleAsync();

        await author.GotoAsync($"/use-cases/{key}");
        await author.GetByRole(AriaRole.Button, new() { Name = "Answer Data availability" }).ClickAsync();
        await AnswerAsync(author, "Which data does it need, and who owns them?", "Who allowed their use for this purpose?", "What did a look at a sample show?");
        await risk.GotoAsync($"/use-cases/{key}");
        await risk.GetByRole(AriaRole.Button, new() { Name = "Decide on Data availability" }).ClickAsync();
        await risk.GetByText("The use case ends here, for good").ClickAsync();
        await risk.GetByLabel("Reason").FillAsync("Photos of customers may not be used for this.");
        await risk.GetByLabel("What it taught").FillAsync("Ask for consent when the photo is sent.");
        await Stage.DemandAccessibleAsync(risk);
        await risk.GetByRole(AriaRole.Button, new() { Name = $"End {key} here" }).ClickAsync();
        await Expect(risk.GetByText("Ended at a gate: Data availability")).ToBeVisibleAsync();
        await Expect(risk.GetByText("Photos of customers may not be used for this.").First).ToBeVisibleAsync();
        await Stage.PictureAsync(risk, "stage-gates");

        await PushAsync("UC-0001");
        await author.GotoAsync("/use-cases/UC-0001");
        await Expect(author.GetByText("Value of the lift:")).ToBeVisibleAsync();
        await author.GetByText("4 readings").ClickAsync();
        await Expect(author.Locator("details .list").GetByText("pushed by journey")).ToBeVisibleAsync();
        await author.GotoAsync("/returns");
        await Expect(author.GetByRole(AriaRole.Link, new() { Name = "Policy question assistant" })).ToBeVisibleAsync();
        await Expect(author.GetByText("Not enough readings")).ToBeVisibleAsync();
        await Stage.PictureAsync(author, "returns");
        await author.Context.CloseAsync();
        await risk.Context.CloseAsync();
    }

    private async Task PushAsync(string key)
    {
        var token = await stage.Services.GetRequiredService<IssueMachineToken>().RunAsync("journey", [MachineToken.ReadingsWrite], key, TimeSpan.FromDays(1), DemoPersonas.Find("admin")!.Actor);
        await stage.Services.GetRequiredService<SwitchBoard>().RefreshAsync();
        using var program = new HttpClient { BaseAddress = stage.Address };
        program.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var pushed = await program.PostAsJsonAsync(
            $"/api/v1/use-cases/{key}/readings/pushed", new { readingId = "journey-1", measuredOn = "2026-01-20", arm = "withAi", mean = 7.2, deviation = 2.5, sample = 90 });
        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
    }

    private static async Task AnswerAsync(IPage page, params string[] questions)
    {
        foreach (var question in questions)
        {
            await page.GetByLabel(question).FillAsync("Twelve clerks, watched for a week.");
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Send it to be decided" }).ClickAsync();
    }

    private static async Task PassAsync(IPage page, string gate, string reason)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = $"Decide on {gate}" }).ClickAsync();
        await page.GetByText("The next gate opens").ClickAsync();
        await page.GetByLabel("Reason").FillAsync(reason);
        await page.GetByRole(AriaRole.Button, new() { Name = "Record the decision" }).ClickAsync();
    }
}
