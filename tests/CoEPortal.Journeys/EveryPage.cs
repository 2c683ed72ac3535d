using Microsoft.Playwright;
using Xunit;

namespace CoEPortal.Journeys;

/// <summary>Each page as somebody who may see it, light and dark, wide and narrow: it renders, says nothing in the console, and axe finds nothing serious.</summary>
public sealed class EveryPage(Stage stage)
{
    public static TheoryData<string, string> Pages => new()
    {
        { "coe-lead", "/" }, { "submitter", "/" }, { "auditor", "/" },
        { "coe-lead", "/use-cases" }, { "submitter", "/propose" }, { "legal", "/inbox" },
        { "coe-lead", "/use-cases/UC-0001" }, { "coe-lead", "/use-cases/UC-0001?tab=usage" }, { "auditor", "/use-cases/UC-0002?tab=audit" },
        { "security", "/switches" }, { "auditor", "/notifications" }, { "coe-lead", "/inbox?view=escalated" }, { "privacy", "/inbox/delegations" },
        { "legal", "/conditions" }, { "privacy2", "/use-cases/UC-0007?tab=discussion" }, { "legal", "/use-cases/UC-0004?tab=approvals" }, { "risk", "/sign-in/confirm" },
        { "legal", "/reports" }, { "auditor", "/reports?subject=period" }, { "coe-lead", "/reports?subject=portfolio&paper=letter" }, { "auditor", "/reports?subject=drill" },
        { "auditor", "/audit" }, { "coe-lead", "/audit?entry=5&kind=DecisionRecorded" }, { "security", "/switches/drills" }, { "coe-lead", "/usage" }, { "operator", "/usage?by=model&days=90" }, { "risk", "/usage/orphans" }, { "auditor", "/workflows" }, { "coe-lead", "/workflows/full" }, { "legal", "/workflows/full?tab=outcomes" }, { "coe-lead", "/workflows/standard?tab=simulate" },
        { "coe-lead", "/workflows/fast?tab=versions" }, { "coe-lead", "/workflows/simulate" }, { "coe-lead", "/workflows/instances" }, { "auditor", "/use-cases/UC-0007?tab=approvals" },
        { "operator", "/use-cases/UC-0001/criteria" }, { "auditor", "/use-cases/UC-0001/criteria?k=5&limit=1" }, { "coe-lead", "/use-cases/UC-0007/criteria" }, { "coe-lead", "/usage/budgets" }, { "submitter", "/usage/quality" },
        { "risk", "/usage/quality?useCase=UC-0001&days=7" }, { "coe-lead", "/feedback" }, { "submitter2", "/feedback?state=triaged" }, { "auditor", "/feedback?mine=1" },
        { "coe-lead", "/ranking" }, { "operator", "/ranking?show=stopped" }, { "risk", "/returns?order=costs" }, { "legal", "/rules" }, { "coe-lead", "/rules?version=2026.08" }, { "coe-lead", "/imports" }, { "auditor", "/imports" }, { "coe-lead", "/imports/new" },
        { "submitter", "/policies" }, { "auditor", "/policies/acceptable-use" }, { "coe-lead", "/policies?show=overview&policy=output-review" }, { "submitter", "/data-sources" }, { "submitter2", "/candidates" }, { "coe-lead", "/candidates/CW-0008" }, { "legal", "/use-cases/UC-0002?tab=one-pager" }, { "privacy", "/data-sources/DS-0002" }, { "submitter", "/patterns" }, { "coe-lead", "/patterns/PAT-0001" }, { "coe-lead2", "/patterns/PAT-0003/edit" }, { "risk", "/patterns/cleared?show=all" },
        { "coe-lead", "/gates" }, { "risk", "/gates/findings" }, { "submitter2", "/gates/use-cases/UC-0001" }, { "auditor", "/gates/rules" }, { "coe-lead", "/gates/keys" },
        { "coe-lead", "/cards" }, { "risk", "/cards/CARD-0001" }, { "security", "/cards/CARD-0001/edit" }, { "submitter2", "/cards/new" },
        { "auditor", "/dpias" }, { "privacy2", "/dpias/DPIA-0001" }, { "privacy", "/dpias/DPIA-0003/edit" },
        { "privacy", "/privacy" }, { "auditor", "/privacy?person=security%40demo" }, { "coe-lead", "/privacy/requests" }, { "legal", "/privacy/holds" },
        { "coe-lead", "/incidents" }, { "privacy", "/incidents/INC-0002" }, { "submitter2", "/incidents/report" }, { "auditor", "/incidents/review" },
        { "coe-lead", "/notifications/settings" }, { "coe-lead", "/channels" }, { "operator", "/outbox?state=givenUp" },
        { "coe-lead", "/use-cases/UC-0001?tab=adoption" }, { "submitter2", "/champions" }, { "coe-lead2", "/champions?past=1" }, { "submitter", "/failures" }, { "coe-lead2", "/failures?state=waiting" },
        { "submitter2", "/training" }, { "coe-lead", "/training/courses" }, { "auditor", "/training/overdue" }, { "coe-lead", "/training/register" }, { "coe-lead", "/training/import" },
        { "security", "/exercises" }, { "auditor", "/exercises/EX-0001" },
        { "coe-lead", "/shadow-ai" }, { "privacy", "/shadow-ai/SC-0002?finding=1" }, { "auditor", "/shadow-ai/SC-0001" }, { "security", "/shadow-ai/SC-0002/import" }, { "submitter", "/shadow-ai/survey" },
    };

    private static readonly (ColorScheme Colours, int Width)[] Both = [(ColorScheme.Light, 1400), (ColorScheme.Dark, 800)];

    /// <summary>Half of the pages are looked at in one way and half in the other; <c>--full</c> looks at each in both.</summary>
    private static (ColorScheme Colours, int Width)[] LooksAt(string persona, string path) =>
        Stage.IsFullRun ? Both : [Both[(persona.Length + path.Length) % 2]];

    [Theory]
    [InlineData("submitter", "/inbox")]
    [InlineData("submitter", "/privacy")]
    [InlineData("legal", "/imports/new")]
    [InlineData("operator", "/reports")]
    [InlineData("auditor", "/nothing-here")]
    [InlineData("submitter", "/use-cases/UC-9999")]
    public async Task What_is_refused_or_not_there_is_said_without_a_barrier(string persona, string path)
    {
        foreach (var (colours, width) in LooksAt(persona, path))
        {
            var page = await stage.LookAsAsync(persona, colours, width);
            await page.GotoAsync(path);
            await Assertions.Expect(page.Locator("main h1")).ToBeVisibleAsync();
            await Stage.DemandAccessibleAsync(page);
            await page.CloseAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Has_no_serious_barrier_and_no_error(string persona, string path)
    {
        foreach (var (colours, width) in LooksAt(persona, path))
        {
            var page = await stage.LookAsAsync(persona, colours, width);
            var errors = new List<string>();
            page.Console += (_, message) =>
            {
                if (message.Type == "error")
                {
                    errors.Add(message.Text);
                }
            };
            page.PageError += (_, error) => errors.Add(error);
            await page.GotoAsync(path);
            await Assertions.Expect(page.Locator("main h1")).ToBeVisibleAsync();
            await Assertions.Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
            await Assertions.Expect(page.Locator("main").GetByText("This did not work")).ToHaveCountAsync(0);
            await Assertions.Expect(page.Locator("main h1")).Not.ToHaveTextAsync("No such page");
            await Stage.PictureAsync(page, $"{persona}{path.Replace('/', '-').Replace('?', '-').Replace('=', '-').Replace('%', '-')}-{colours}-{width}".ToLowerInvariant());

            await Stage.DemandAccessibleAsync(page);
            Assert.Empty(errors);
            await page.CloseAsync();
        }
    }
}
