using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Scoring;
using CoEPortal.Tests.Persistence;
using CoEPortal.Web.Workflows;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Lane = CoEPortal.Tests.Workflows.Lane;

namespace CoEPortal.Tests.Web;

public sealed class WorkflowPagesTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static string Written(DateTimeOffset at) => at.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task The_drawing_of_a_review_says_who_holds_a_task_and_who_decided()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        var task = await OpenTaskAsync((await OnlyLaneAsync()).Round.UseCaseKey, Role.Privacy);
        await DecideAsync(task!, "privacy", DecisionKind.Approve);
        var lane = await OnlyLaneAsync();

        var captions = LaneWords.Captions(lane.Tasks, lane.Round.Decisions, Written, Written);

        string Of(Role function) => captions[LaneWords.ActivityOf(lane.Tasks.Single(t => t.Function == function))].Full;
        Assert.StartsWith($"Approved by {Who("privacy").Name}, ", Of(Role.Privacy), StringComparison.Ordinal);
        Assert.StartsWith("Nobody has taken it, asked ", Of(Role.Legal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_file_is_told_on_every_page_to_those_who_read_workflows_and_to_nobody_else()
    {
        var folder = Directory.CreateTempSubdirectory("coe-refused-");
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "standard.json"), Changed("standard"));
            var publish = new PublishWorkflows(Get<IDbContextFactory<GovernanceDb>>(), folder.FullName, Get<TriageRules>(), Clock);
            await publish.RunAsync();
            await using var services = new ServiceCollection().AddLogging().AddSingleton(publish).BuildServiceProvider();

            Task<string> Banner(string persona) => WorkflowDrawingTests.RenderAsync<RefusedBanner>(services, new() { [nameof(RefusedBanner.Actor)] = Who(persona) });

            Assert.Contains("1 workflow file refused", await Banner("auditor"), StringComparison.Ordinal);
            Assert.Contains("href=\"/workflows\"", await Banner("legal"), StringComparison.Ordinal);
            Assert.Empty((await Banner("submitter")).Trim());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Trying_a_file_says_what_publishing_would_find_and_stores_nothing()
    {
        var catalogue = Get<WorkflowCatalogue>();
        var lead = Who("coe-lead");
        var before = await catalogue.PublishedAsync(lead);
        var weaker = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Lane.Bytes("standard"))
            .Replace("\"WaitAll\"", "\"WaitAny\"", StringComparison.Ordinal).Replace("\"version\": 2,", "\"version\": 99,", StringComparison.Ordinal));

        var clean = await catalogue.TryFileAsync("standard.json", Lane.Bytes("standard"), lead);
        Assert.Equal((0, true), (clean.Findings.Count, clean.IsPublished));
        Assert.Contains("published-version-changed", (await catalogue.TryFileAsync("standard.json", Changed("standard"), lead)).Findings.Select(f => f.Rule));
        Assert.Contains("approved-without-function", (await catalogue.TryFileAsync("weaker.json", weaker, lead)).Findings.Select(f => f.Rule));
        Assert.Null((await catalogue.TryFileAsync("notes.json", "Dear all"u8.ToArray(), lead)).Definition);

        Assert.Equal(before, await catalogue.PublishedAsync(lead));
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => catalogue.TryFileAsync("standard.json", Lane.Bytes("standard"), Who("auditor")));
        Assert.Equal("not-permitted", refusal.Rule);
    }

    [Fact]
    public async Task A_workflow_is_in_force_by_its_newest_version()
    {
        await GivenASubmittedAsync(ClaimsProposal);

        var inForce = await Get<WorkflowCatalogue>().InForceAsync(Who("auditor"));

        Assert.All(inForce, w => Assert.Equal((w.Definition.Version, w.Definition.Sha256), (w.Newest.Version, w.Newest.Sha256)));
        Assert.Equal(1, inForce.Single(w => w.Newest.DefinitionId == "standard").Running);
    }

    private async Task<LaneSheet> OnlyLaneAsync()
    {
        var lanes = Get<LaneList>();
        return await lanes.OneAsync(Assert.Single((await lanes.OfAsync(new LaneFilter(), Who("auditor"))).Items).Id, Who("auditor"));
    }

    private static byte[] Changed(string lane) => Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(Lane.Bytes(lane)).Replace("\"description\": \"", "\"description\": \"Changed. ", StringComparison.Ordinal));
}
