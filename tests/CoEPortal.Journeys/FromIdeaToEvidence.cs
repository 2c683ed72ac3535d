using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using CoEPortal.Evidence.Pdf;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace CoEPortal.Journeys;

/// <summary>One use case from the first word to the audit PDF, by the people whose job each step is.</summary>
// It waits for a switch to be stopped everywhere.
[Collection("switches")]
public sealed class FromIdeaToEvidence(Stage stage)
{
    [Fact]
    public async Task A_proposal_is_approved_used_stopped_released_and_proven()
    {
        var key = await ProposeAsync();
        foreach (var (persona, name) in new[] { ("security", "Security"), ("privacy", "Privacy"), ("legal", "Legal"), ("coe-lead", "CoE lead") })
        {
            await ApproveAsync(key, persona, name);
        }

        await BindAsync(key);
        await UseItAsync(key);
        await StopAndReleaseAsync(key);
        await ProveAsync(key);
    }

    private async Task<string> ProposeAsync()
    {
        var page = await stage.AsAsync("submitter");
        await page.GotoAsync("/propose");
        await FillAsync(page, "Title", "Claims summarisation with retrieval");
        await page.WaitForURLAsync(new Regex("/propose/UC-"));
        await FillAsync(page, "Problem", "Handlers read 20 to 60 pages before they can decide, most of the 42 minutes a claim needs.");
        await FillAsync(page, "Users", "140 claims handlers");
        await FillAsync(page, "BusinessOwner", "Petra Ahlgren");
        await FillAsync(page, "OperationalOwner", "Nils Berg");
        await StepAsync(page, 2);
        await FillAsync(page, "Kpi-Metric", "Handling time per claim");
        await FillAsync(page, "Kpi-Unit", "minutes");
        await FillAsync(page, "Kpi-Baseline", "42");
        await FillAsync(page, "Kpi-Target", "31");
        await FillAsync(page, "Kpi-Deadline", "30 Jun 2027");
        await FillAsync(page, "CasesPerMonth", "5200");
        await FillAsync(page, "Kpi-Guard", "Error rate equal or lower than 2.1 %");
        await StepAsync(page, 3);
        foreach (var (question, answer) in new[]
        {
            ("DataClass", "Confidential"), ("PersonalData", "Yes, ordinary"), ("Residency", "EU only"), ("DataReadiness", "Ready"),
            ("Autonomy", "Assists"), ("Audience", "team"), ("FailSafe", "Today's way"),
        })
        {
            await ChooseAsync(page, question, answer);
        }

        await page.Locator("#q-AnnexArea").ClickAsync();
        await page.GetByRole(AriaRole.Option, new() { NameRegex = new Regex("^None") }).ClickAsync();
        foreach (var (question, item) in new[] { ("DataSources", "Claims archive"), ("Endpoints", "gpt-4o-mini") })
        {
            await FillAsync(page, question, item);
            await page.Locator($"#q-{question}").PressAsync("Enter");
        }

        await FillAsync(page, "PeopleAffectedPerMonth", "about 5200");
        await page.Locator("#q-PeopleAffectedPerMonth").BlurAsync();
        await Expect(page.GetByText("Write a number without words, for example 4000.").First).ToBeVisibleAsync();
        await FillAsync(page, "PeopleAffectedPerMonth", "5200");
        await Expect(page.GetByLabel("How this will be judged").GetByText("Standard lane").First).ToBeVisibleAsync();
        await Stage.PictureAsync(page, "1-propose");
        await StepAsync(page, 4);
        if (await page.GetByLabel("Stop above (US dollars)").CountAsync() == 0)
        {
            await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("[Bb]udget") }).First.ClickAsync();
        }

        await page.GetByLabel("Stop above (US dollars)").FillAsync("1200");
        await StepAsync(page, 5);
        await Expect(page.GetByText(new Regex("^Saved")).First).ToBeVisibleAsync();
        await Stage.PictureAsync(page, "2-check");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Submit") }).ClickAsync();
        await page.WaitForURLAsync(new Regex("/use-cases/UC-"));
        await Expect(page.GetByText("In review").First).ToBeVisibleAsync();
        return Regex.Match(page.Url, "UC-[0-9]+").Value;
    }

    private async Task ApproveAsync(string key, string persona, string function)
    {
        var page = await stage.AsAsync(persona);
        await page.GotoAsync($"/inbox?search={key}");
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("Claims summarisation") }).First.ClickAsync();
        await Expect(page.GetByText("What you sign").First).ToBeVisibleAsync();
        await Stage.PictureAsync(page, "3-task-" + persona);
        await page.Keyboard.PressAsync("a");
        await Expect(page.Locator("button[aria-pressed=true]")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(page.GetByText($"Recorded for {function}: {key} approved")).ToBeVisibleAsync();
        await page.GotoAsync($"/use-cases/{key}?tab=approvals");
        await Expect(page.GetByText(function).First).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    private async Task BindAsync(string key)
    {
        var page = await stage.AsAsync("coe-lead");
        await page.GotoAsync($"/use-cases/{key}");
        await Expect(page.GetByText("Approved").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Bind a credential" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByText("Route", new() { Exact = true }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Route", new() { Exact = true }).Last.FillAsync("/claims-" + key.ToLowerInvariant());
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Gateway").FillAsync("nginx-claims");
        await page.GetByRole(AriaRole.Button, new() { Name = "Bind it" }).ClickAsync();
        await Expect(page.GetByText("In service").First).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    private async Task UseItAsync(string key)
    {
        using var gateway = await stage.MachineAsync("telemetry.write", key);
        var spans = Enumerable.Range(1, 40).Select(i =>
        {
            var start = TimeProvider.System.GetUtcNow().AddMinutes(i - 42).ToUnixTimeMilliseconds();
            object Text(string key, string value) => new { key, value = new { stringValue = value } };
            object Whole(string key, int value) => new { key, value = new { intValue = value } };
            return new
            {
                traceId = $"{i:x32}",
                spanId = $"{i:x16}",
                name = "chat",
                kind = 3,
                startTimeUnixNano = $"{start}000000",
                endTimeUnixNano = $"{start + 900}000000",
                attributes = new[]
                {
                    Text("gen_ai.operation.name", "chat"), Text("gen_ai.request.model", "gpt-4o-mini"),
                    Whole("gen_ai.usage.input_tokens", 2000), Whole("gen_ai.usage.output_tokens", 300),
                },
            };
        });
        using var answer = await gateway.PostAsJsonAsync("/v1/traces", new { resourceSpans = new[] { new { scopeSpans = new[] { new { spans } } } } });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        var page = await stage.AsAsync("coe-lead");
        await page.GotoAsync($"/use-cases/{key}");
        await Expect(page.GetByText(new Regex("^40 calls so far"))).ToBeVisibleAsync();
        await Expect(page.Locator(".usage-chart svg path").First).ToBeAttachedAsync();
        await Stage.PictureAsync(page, "4-use-case");
        await page.Context.CloseAsync();
    }

    private async Task StopAndReleaseAsync(string key)
    {
        using var gateway = await stage.MachineAsync("enforcement.read");
        gateway.DefaultRequestHeaders.Add("X-Gov-Route", "/claims-" + key.ToLowerInvariant());
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.GetAsync("/gov/v1/decide")).StatusCode);

        var security = await stage.AsAsync("security");
        await security.GotoAsync($"/switches?search={key}");
        await security.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Engage") }).First.ClickAsync();
        await security.GetByRole(AriaRole.Dialog).GetByLabel("Reason").FillAsync("A summary named the wrong person.");
        await security.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Stop .* now$") }).ClickAsync();
        await Expect(security.GetByRole(AriaRole.Dialog).GetByText("Stopped").First).ToBeVisibleAsync();
        await Stage.PictureAsync(security, "5-stopped");
        Assert.Equal(HttpStatusCode.Forbidden, (await gateway.GetAsync("/gov/v1/decide")).StatusCode);
        await security.Context.CloseAsync();

        foreach (var (persona, button) in new[] { ("risk", "1 of 2$"), ("coe-lead", "run again$") })
        {
            var page = await stage.AsAsync(persona);
            await page.GotoAsync($"/switches?search={key}");
            await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Release") }).First.ClickAsync();
            await page.GetByRole(AriaRole.Dialog).GetByLabel("Reason").FillAsync("The retrieval index is mended and checked.");
            await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex(button) }).ClickAsync();
            await Expect(page.GetByText(persona == "risk" ? "Release 1 of 2" : "Running").First).ToBeVisibleAsync();
            Assert.Equal(persona == "risk" ? HttpStatusCode.Forbidden : HttpStatusCode.NoContent, await EventuallyAsync(gateway, persona == "risk"));
            await page.Context.CloseAsync();
        }
    }

    private async Task ProveAsync(string key)
    {
        var page = await stage.AsAsync("auditor");
        await page.GotoAsync($"/use-cases/{key}?tab=audit");
        await Expect(page.GetByText("stopped").First).ToBeVisibleAsync();
        await Stage.PictureAsync(page, "6-audit");
        await page.GetByRole(AriaRole.Button, new() { Name = "Export audit PDF" }).First.ClickAsync();
        var link = page.Locator("a[href^='/api/v1/audit-packs/']").First;
        await Expect(link).ToBeVisibleAsync(new() { Timeout = 90_000 });
        var href = await link.GetAttributeAsync("href");
        var pdf = await (await page.Context.APIRequest.GetAsync(href!)).BodyAsync();

        Assert.Equal("%PDF"u8.ToArray(), pdf[..4]);
        Assert.True(PdfSignatureCheck.Verify(pdf).Holds);
        Assert.Contains(PdfEvidence.Extract(pdf), a => a.Name == "evidence.json");
    }

    /// <summary>The answer of the door once it is the expected one; a node applies a change within a second at most.</summary>
    private static async Task<HttpStatusCode> EventuallyAsync(HttpClient gateway, bool denied)
    {
        var expected = denied ? HttpStatusCode.Forbidden : HttpStatusCode.NoContent;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (true)
        {
            using var answer = await gateway.GetAsync("/gov/v1/decide", deadline.Token);
            if (answer.StatusCode == expected)
            {
                return expected;
            }
        }
    }

    private static async Task FillAsync(IPage page, string question, string text)
    {
        var field = page.Locator($"#q-{question}");
        var input = await field.EvaluateAsync<bool>("e => ['INPUT', 'TEXTAREA'].includes(e.tagName)") ? field : field.Locator("input, textarea").First;
        await input.FillAsync(text);
        await input.BlurAsync();
    }

    private static Task ChooseAsync(IPage page, string question, string answer) =>
        page.Locator($"#q-{question}").GetByText(new Regex(Regex.Escape(answer), RegexOptions.IgnoreCase)).First.ClickAsync();

    private static async Task StepAsync(IPage page, int step)
    {
        await page.Locator($"nav[aria-label=Steps] a[href*='step={step}']").ClickAsync();
        await Expect(page.Locator("#step-title")).ToContainTextAsync($"Step {step} of");
    }
}
