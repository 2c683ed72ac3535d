using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Scoring;
using CoEPortal.Tests.Persistence;
using CoEPortal.Tests.Workflows;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Approvals;

/// <summary>What is in the folder is one thing, what is in force another.</summary>
public sealed class PublishWorkflowsTests(TestPostgres postgres) : ReviewWorkTest(postgres)
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coe-workflows-").FullName;

    public override async ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Every_shipped_lane_is_in_force_and_nothing_is_refused()
    {
        var publish = Get<PublishWorkflows>();
        await publish.RunAsync();

        Assert.Empty(publish.Refused);
        Assert.Equal(
            ["dpia-review", "fast", "full", "promotion-board", "standard", "switch-release"],
            (await Get<WorkflowCatalogue>().PublishedAsync(Who("auditor"))).Select(p => p.DefinitionId));
    }

    [Fact]
    public async Task A_published_version_whose_file_changed_is_refused_and_the_stored_one_stays_in_force()
    {
        Given("standard.json", Changed("standard", d => d["description"] = "Softer."));

        var refused = Assert.Single(await PublishAsync());

        Assert.Equal(("standard.json", "published-version-changed", Lane.Load("standard").Version), (refused.File, refused.Rule, refused.InForce));
        Assert.Equal(Lane.Load("standard").Sha256, (await NewestAsync("standard")).Sha256);
        Assert.NotNull(await OpenTaskAsync((await GivenATaskAsync(Governance.Access.Role.Legal)).Key));
    }

    [Fact]
    public async Task A_new_version_that_could_approve_without_everybody_is_refused()
    {
        Given("standard.json", NextVersion("standard", d => Activity(d, "allApproved")["mode"]!["expression"]!["value"] = "WaitAny"));

        Assert.Contains(await PublishAsync(), r => r.Rule == "approved-without-function" && r.File == "standard.json");
        Assert.Equal(Lane.Load("standard").Version, (await NewestAsync("standard")).DefinitionVersion);
    }

    [Fact]
    public async Task A_good_new_version_is_for_new_reviews_and_running_ones_stay_on_theirs()
    {
        var (before, _) = await GivenATaskAsync(Governance.Access.Role.Legal);
        Given("standard.json", NextVersion("standard", d => d["description"] = "The same, said better."));

        Assert.Empty(await PublishAsync());
        var (after, _) = await GivenATaskAsync(Governance.Access.Role.Legal);

        var version = Lane.Load("standard").Version;
        Assert.Equal((version, version + 1), (await VersionOfAsync(before), await VersionOfAsync(after)));
    }

    [Fact]
    public async Task Of_two_files_with_one_id_the_stored_one_stays_and_without_a_stored_one_neither_is_taken()
    {
        Given("standard.json", Encoding.UTF8.GetString(Lane.Bytes("standard")));
        Given("standard-copy.json", Changed("standard", d => d["description"] = "A copy."));
        Assert.Equal(["standard-copy.json"], (await PublishAsync()).Select(r => r.File));

        Given("standard.json", NextVersion("standard", d => d["description"] = "One."));
        Given("standard-copy.json", NextVersion("standard", d => d["description"] = "Two."));
        Assert.All(await PublishAsync(), r => Assert.Equal("id-twice", r.Rule));
        Assert.Equal(Lane.Load("standard").Version, (await NewestAsync("standard")).DefinitionVersion);
    }

    [Theory]
    [InlineData("not json at all")]
    [InlineData("[]")]
    [InlineData("{\"definitionId\":\"x\"}")]
    [InlineData("{\"root\":null}")]
    [InlineData("")]
    public async Task A_file_that_is_no_workflow_is_refused_with_its_name_and_harms_nothing(string text)
    {
        Given("broken.json", text);

        var refused = Assert.Single(await PublishAsync());

        Assert.Equal("broken.json", refused.File);
        Assert.False(string.IsNullOrWhiteSpace(refused.Reason));
        Assert.NotNull(await NewestAsync("standard"));
    }

    [Fact]
    public async Task A_function_that_this_portal_does_not_have_is_refused()
    {
        Given("standard.json", NextVersion("standard", d =>
        {
            var payload = Activity(d, "legal")["payload"]!["expression"]!;
            payload["value"] = payload["value"]!.GetValue<string>().Replace("\"Legal\"", "\"Wizard\"", StringComparison.Ordinal);
        }));

        Assert.Contains(await PublishAsync(), r => r.Rule == "function-unknown" && r.Activity == "legal" && r.Reason.Contains("Wizard", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lane_that_the_rules_name_and_nobody_published_is_reported_and_nothing_can_be_submitted_to_it()
    {
        await AsOwnerAsync("alter table wf.published_workflow disable trigger published_version_is_frozen; delete from wf.published_workflow where definition_id = 'standard'");

        Assert.Contains(await PublishAsync(), r => r.Rule == "lane-not-published" && r.Reason.Contains("standard", StringComparison.Ordinal));
        Assert.Equal("lane-not-published", await RuleAsync(() => GivenATaskAsync(Governance.Access.Role.Legal)));
    }

    [Fact]
    public async Task A_lane_that_asks_others_than_the_rules_say_is_reported()
    {
        Given("standard.json", NextVersion("standard", d => d["customProperties"]!["requiredFunctions"] = new JsonArray("Privacy", "Security", "Legal")));

        Assert.Contains(await PublishAsync(), r => r.Rule == "lane-functions-differ");
    }

    [Fact]
    public async Task Two_nodes_that_start_at_once_publish_once()
    {
        Given("standard.json", NextVersion("standard", d => d["description"] = "Once."));

        await Task.WhenAll(PublishAsync(), PublishAsync(), PublishAsync());

        await using var db = await DbAsync();
        Assert.Equal(2, await db.PublishedWorkflows.CountAsync(p => p.DefinitionId == "standard"));
    }

    private void Given(string file, string json) => File.WriteAllText(Path.Combine(_folder, file), json);

    private async Task<IReadOnlyList<RefusedWorkflow>> PublishAsync()
    {
        var publish = new PublishWorkflows(Get<IDbContextFactory<GovernanceDb>>(), _folder, Get<TriageRules>(), Clock);
        await publish.RunAsync();
        return publish.Refused;
    }

    private async Task<PublishedWorkflow> NewestAsync(string definition)
    {
        await using var db = await DbAsync();
        return await db.PublishedWorkflows.AsNoTracking().Where(p => p.DefinitionId == definition).OrderByDescending(p => p.DefinitionVersion).FirstAsync();
    }

    private async Task<int> VersionOfAsync(string useCaseKey)
    {
        await using var db = await DbAsync();
        return await db.LaneInstances.Where(i => db.ApprovalRounds.Any(r => r.Id == i.RoundId && r.UseCaseKey == useCaseKey)).Select(i => i.DefinitionVersion).SingleAsync();
    }

    private static string Changed(string lane, Action<JsonNode> change)
    {
        var json = JsonNode.Parse(Lane.Bytes(lane))!;
        change(json);
        return json.ToJsonString();
    }

    private static string NextVersion(string lane, Action<JsonNode> change) => Changed(lane, d =>
    {
        d["version"] = d["version"]!.GetValue<int>() + 1;
        change(d);
    });

    private static JsonNode Activity(JsonNode definition, string id) => definition["root"]!["activities"]!.AsArray().Single(a => a!["id"]!.GetValue<string>() == id)!;
}
