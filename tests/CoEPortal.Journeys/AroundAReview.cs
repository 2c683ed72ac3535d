using System.Text.RegularExpressions;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Portfolio;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace CoEPortal.Journeys;

/// <summary>What happens around a decision: somebody is away, a condition is set, a veto is lifted.</summary>
public sealed class AroundAReview(Stage stage)
{
    [Fact]
    public async Task A_stand_in_decides_on_a_high_risk_use_case_with_a_condition_that_its_owner_meets()
    {
        var privacy = await stage.AsAsync("privacy");
        var key = await GivenAHighRiskProposalAsync("Applicant letters");
        await OpenTaskAsync(privacy, key);
        await privacy.GetByRole(AriaRole.Button, new() { Name = "Delegate" }).ClickAsync();
        await privacy.GetByLabel("Who", new() { Exact = true }).ClickAsync();
        await privacy.GetByRole(AriaRole.Option, new() { Name = "Ines Moreau" }).ClickAsync();
        await privacy.GetByLabel("Reason").FillAsync("At the authority until Friday.");
        await Stage.PictureAsync(privacy, "delegate");
        await privacy.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delegate" }).ClickAsync();
        await Expect(privacy.GetByText(new Regex("Ines Moreau stands in"))).ToBeVisibleAsync();

        var standIn = await stage.AsAsync("privacy2");
        await OpenTaskAsync(standIn, key);
        await Expect(standIn.GetByText("You decide for Tomás Ferreira.")).ToBeVisibleAsync();
        await standIn.Keyboard.PressAsync("c");
        await standIn.GetByLabel("Condition C1", new() { Exact = true }).FillAsync("Drafts are deleted after 30 days.");
        await standIn.GetByLabel("Comment", new() { Exact = true }).FillAsync("Fine, with one limit.");
        await Stage.DemandAccessibleAsync(standIn);
        // Only now: another journey may sign the same person in at any moment.
        await ForgetIdentityAsync("privacy2");
        await standIn.Keyboard.PressAsync("Control+Enter");
        await Expect(standIn.GetByText("Confirm that it is you.")).ToBeVisibleAsync();
        Assert.Empty(await DecisionsAsync(key));
        var window = await standIn.RunAndWaitForPopupAsync(() => standIn.GetByText("Confirm in a new window").ClickAsync());
        await window.GetByRole(AriaRole.Button, new() { Name = "I am Ines Moreau" }).ClickAsync();
        await Expect(window.GetByRole(AriaRole.Heading, new() { Name = "Confirmed" })).ToBeVisibleAsync();

        // recorded without another key, with the words that were written before
        await Expect(standIn.GetByText(new Regex("Recorded for Privacy"))).ToBeVisibleAsync();
        var decision = Assert.Single(await DecisionsAsync(key));
        Assert.Equal(("privacy2@demo", "privacy@demo", "Fine, with one limit."), (decision.PersonId, decision.OnBehalfOfId, decision.Comment));

        await ApproveTheRestAsync(key);
        var owner = await stage.AsAsync("submitter");
        await owner.GotoAsync("/conditions");
        await owner.GetByRole(AriaRole.Listitem).Filter(new() { HasText = key }).GetByRole(AriaRole.Button, new() { Name = "Report as met: condition C1" }).ClickAsync();
        await owner.GetByLabel("How is it met?").FillAsync("A job deletes them every night, runbook page 4.");
        await owner.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Report as met" }).ClickAsync();
        await Expect(owner.Locator("main").GetByText(key)).ToHaveCountAsync(0);
        await standIn.GotoAsync("/conditions");
        await standIn.GetByRole(AriaRole.Listitem).Filter(new() { HasText = key }).GetByRole(AriaRole.Button, new() { Name = "It is met: condition C1" }).ClickAsync();
        await Expect(standIn.Locator("main").GetByText(key)).ToHaveCountAsync(0);
        await standIn.GotoAsync($"/use-cases/{key}?tab=approvals");
        await Expect(standIn.GetByText("1 of 1 met")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_colleague_lifts_a_veto_and_the_author_reads_about_it()
    {
        var legal = await stage.AsAsync("legal");
        var key = await GivenAHighRiskProposalAsync("Interview notes");
        await OpenTaskAsync(legal, key);
        // without a pause: the c of "contract" is a letter of the comment, not the key for another decision
        await legal.Keyboard.PressAsync("v");
        await legal.Keyboard.TypeAsync("No contract with the vendor.");
        await legal.Keyboard.PressAsync("Control+Enter");
        await Expect(legal.GetByText(new Regex("Recorded for Legal"))).ToBeVisibleAsync();
        await legal.GotoAsync($"/use-cases/{key}?tab=approvals");
        await Expect(legal.GetByText(new Regex("You gave it. Another person of Legal can lift it"))).ToBeVisibleAsync();

        var colleague = await stage.AsAsync("legal2");
        await colleague.GotoAsync($"/use-cases/{key}?tab=approvals");
        await colleague.GetByRole(AriaRole.Button, new() { Name = "Lift the veto" }).ClickAsync();
        await colleague.GetByLabel("Why does it no longer stand?").FillAsync("The vendor signed on Thursday.");
        await colleague.GetByRole(AriaRole.Button, new() { Name = "Lift the veto and ask everybody again" }).ClickAsync();
        await Expect(colleague.GetByRole(AriaRole.Heading, new() { Name = "Round 2, revision 1" })).ToBeVisibleAsync();

        var author = await stage.AsAsync("submitter");
        await author.GotoAsync($"/use-cases/{key}?tab=discussion");
        await author.GetByLabel("Comment", new() { Exact = true }).FillAsync("@Paul Novak thank you. The contract is in the folder.");
        await author.GetByRole(AriaRole.Button, new() { Name = "Comment", Exact = true }).ClickAsync();
        await Expect(author.GetByText("The contract is in the folder.")).ToBeVisibleAsync();
        await colleague.GotoAsync("/notifications");
        await Expect(colleague.GetByText(new Regex($"mentioned you on {key}"))).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_reviewer_reads_every_tab_of_a_task_without_a_barrier_in_either_theme()
    {
        var key = await GivenAHighRiskProposalAsync("Shift plans");
        await using var db = await DbAsync();
        var task = await db.ReviewTasks.AsNoTracking().FirstAsync(t => t.UseCaseKey == key && t.Function == Role.Privacy);
        foreach (var (colours, width) in new[] { (ColorScheme.Light, 1400), (ColorScheme.Dark, 800) })
        {
            var page = await stage.AsAsync("privacy", colours, width);
            foreach (var tab in new[] { "", "?tab=score", "?tab=decisions", "?tab=discussion" })
            {
                await page.GotoAsync($"/tasks/{task.Id}{tab}");
                await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Decision" })).ToBeVisibleAsync();
                await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
                await Stage.DemandAccessibleAsync(page);
            }

            await Stage.PictureAsync(page, $"task-{colours}-{width}".ToLowerInvariant());
            await page.Context.CloseAsync();
        }
    }

    private async Task<string> GivenAHighRiskProposalAsync(string title)
    {
        var services = stage.Services;
        var (example, _) = await services.GetRequiredService<UseCaseDetails>().OfAsync("UC-0008", Who("coe-lead"));
        var started = await services.GetRequiredService<StartUseCase>().RunAsync(Who("submitter"), example.Draft with { Title = title, BusinessUnit = "Claims" });
        await services.GetRequiredService<SubmitProposal>().RunAsync(started.Key, null, Who("submitter"));
        return started.Key;
    }

    private static async Task OpenTaskAsync(IPage page, string key)
    {
        await page.GotoAsync($"/inbox?search={key}");
        await page.Locator("main .rz-data-row a").First.ClickAsync();
        await Expect(page.Locator("main .meta").GetByText(key)).ToBeVisibleAsync();
    }

    private async Task ForgetIdentityAsync(string persona)
    {
        await using var db = await DbAsync();
        var id = Who(persona).Id.Value;
        await db.People.Where(p => p.Id == id).ExecuteUpdateAsync(set => set.SetProperty(p => p.ConfirmedAt, p => p.ConfirmedAt!.Value.AddHours(-1)));
    }

    private async Task ApproveTheRestAsync(string key)
    {
        var decide = stage.Services.GetRequiredService<DecideReview>();
        while (true)
        {
            await using var db = await DbAsync();
            var task = await db.ReviewTasks.AsNoTracking().FirstOrDefaultAsync(t => t.UseCaseKey == key && t.State == TaskState.Open);
            if (task is null)
            {
                return;
            }

            var hash = await db.ApprovalRounds.Where(r => r.Id == task.RoundId).Select(r => r.ContentHash).SingleAsync();
            var person = Who(task.Function is Role.CoeLead ? "coe-lead" : task.Function.ToString().ToLowerInvariant());
            await decide.RunAsync(task.Id, new(DecisionKind.Approve, "", [], hash), person with { ConfirmedAt = TimeProvider.System.GetUtcNow() });
        }
    }

    private async Task<List<Decision>> DecisionsAsync(string key)
    {
        await using var db = await DbAsync();
        return await db.ApprovalRounds.AsNoTracking().Where(r => r.UseCaseKey == key).SelectMany(r => r.Decisions).ToListAsync();
    }

    private Task<GovernanceDb> DbAsync() => stage.Services.GetRequiredService<IDbContextFactory<GovernanceDb>>().CreateDbContextAsync();

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
