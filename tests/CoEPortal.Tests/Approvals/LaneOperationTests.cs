using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Persistence;
using CoEPortal.Tests.Workflows;
using CoEPortal.Workflows;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Lane = CoEPortal.Tests.Workflows.Lane;

namespace CoEPortal.Tests.Approvals;

/// <summary>Lanes that lint would never let in force, put there by the owner of the database: what then keeps a reviewer safe.</summary>
public sealed class LaneOperationTests(TestPostgres postgres) : ReviewWorkTest(postgres)
{
    private static readonly int Version = Lane.Load("standard").Version;

    [Fact]
    public async Task A_workflow_that_says_approved_against_the_decisions_approves_nothing_and_is_an_incident()
    {
        await GivenALaneThatAnySignatureApprovesAsync();
        var (key, task) = await GivenATaskAsync(Role.Legal);

        var round = await DecideAsync(task, "legal", DecisionKind.Approve);

        Assert.Equal(RoundStatus.Disputed, round.Status);
        Assert.Equal((Stage.InReview, null), ((await UseCaseAsync(key)).Stage, (await UseCaseAsync(key)).ApprovedRevision));
        Assert.Contains("ReviewDisputed", await ActionsAsync(key));
        var sheet = await SheetAsync(key);
        Assert.Equal(LaneIncidentKind.Disputed, Assert.Single(sheet.Incidents).Kind);
        Assert.Contains(await ToldAsync("coe-lead"), n => n.Kind == "lane-stopped");
        Assert.Equal(1, await Get<LaneList>().CountIncidentsAsync(Who("coe-lead")));
    }

    [Fact]
    public async Task A_disputed_review_is_cancelled_by_an_operator_and_can_be_submitted_again()
    {
        await GivenALaneThatAnySignatureApprovesAsync();
        var (key, task) = await GivenATaskAsync(Role.Legal);
        await DecideAsync(task, "legal", DecisionKind.Approve);

        await Get<OperateLane>().CancelAsync((await SheetAsync(key)).Instance.Id, "The workflow was wrong.", Who("coe-lead"));

        Assert.Equal(Stage.Draft, (await UseCaseAsync(key)).Stage);
        Assert.Equal(IncidentResolution.Cancelled, (await SheetAsync(key)).Incidents.Single().Resolution);
        Assert.Contains("ReviewCancelled", await ActionsAsync(key));
        Assert.Contains(await ToldAsync("submitter"), n => n.Title.EndsWith("was not decided: its review was cancelled", StringComparison.Ordinal));
        await Get<SubmitProposal>().RunAsync(key, null, Who("submitter"));
    }

    [Fact]
    public async Task Authors_may_withdraw_from_a_review_that_has_stopped_and_it_waits_for_nobody_then()
    {
        await GivenALaneThatAnySignatureApprovesAsync();
        var (key, task) = await GivenATaskAsync(Role.Legal);
        await DecideAsync(task, "legal", DecisionKind.Approve);

        await Get<WithdrawProposal>().RunAsync(key, "We wait for the mended workflow.", Who("submitter"));

        Assert.Equal(Stage.Draft, (await UseCaseAsync(key)).Stage);
        Assert.Equal(0, await Get<LaneList>().CountIncidentsAsync(Who("admin")));
    }

    [Fact]
    public async Task A_lane_that_asks_and_ends_in_the_same_step_leaves_nobody_a_task_with_nothing_behind_it()
    {
        await PublishAnywayAsync("standard", Version + 1, d => LaneEdit.Redirect(d, "ask", "security", "anyVeto"));
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);

        await Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter"));

        var sheet = await SheetAsync(useCase.Key);
        Assert.Equal((RoundStatus.Disputed, "Finished/Finished"), (sheet.Round.Status, sheet.Instance.Status));
        Assert.DoesNotContain(sheet.Tasks, t => t.State is TaskState.Open);
        Assert.DoesNotContain(await ToldAsync("legal"), n => n.Kind == "review-asked");
    }

    [Fact]
    public async Task A_lane_that_fails_keeps_the_decision_and_refuses_further_ones_until_it_is_mended()
    {
        await PublishAnywayAsync("standard", Version + 1, d => Fails(d, "legalDecision"));
        var (key, task) = await GivenATaskAsync(Role.Legal);
        await DecideAsync(task, "legal", DecisionKind.Approve);

        Assert.Equal("Finished/Faulted", (await SheetAsync(key)).Instance.Status);
        Assert.Contains("LaneFaulted", await ActionsAsync(key));
        Assert.Equal("legalDecision", (await SheetAsync(key)).Incidents.Single().Activity);
        var security = (await OpenTaskAsync(key, Role.Security))!;
        Assert.Equal("lane-faulted", await RuleAsync(() => DecideAsync(security, "security", DecisionKind.Approve)));
        Assert.Single(await ActionsAsync(key), a => a == "DecisionRecorded");

        var instance = (await SheetAsync(key)).Instance.Id;
        await Get<OperateLane>().RetryAsync(instance, "Perhaps it was the moon.", Who("admin"));
        Assert.Equal("Finished/Faulted", (await SheetAsync(key)).Instance.Status);
        Assert.Equal(2, (await SheetAsync(key)).Incidents.Count);

        await PublishAnywayAsync("standard", Version + 2, _ => { });
        await Get<OperateLane>().UpgradeAsync(instance, Version + 2, "The condition is mended.", Who("coe-lead"));
        await Get<OperateLane>().RetryAsync(instance, "With the mended version.", Who("coe-lead"));
        Assert.All((await SheetAsync(key)).Incidents, i => Assert.NotNull(i.ResolvedAt));
        while (await OpenTaskAsync(key) is { } open)
        {
            await DecideAsync(open, PersonaOf(open.Function), DecisionKind.Approve);
        }

        Assert.Equal(Stage.Approved, (await UseCaseAsync(key)).Stage);
        Assert.Equal(["LaneUpgraded", "LaneRetried"], (await ActionsAsync(key)).Where(a => a is "LaneUpgraded" or "LaneRetried").TakeLast(2));
    }

    [Fact]
    public async Task A_running_review_moves_to_a_newer_version_and_goes_on_where_it_was()
    {
        var (key, task) = await GivenATaskAsync(Role.Legal);
        await DecideAsync(task, "legal", DecisionKind.Approve);
        await PublishAnywayAsync("standard", Version + 1, d => d["description"] = "Newer.");

        await Get<OperateLane>().UpgradeAsync((await SheetAsync(key)).Instance.Id, Version + 1, "Everybody on one version.", Who("coe-lead"));

        Assert.Equal(Version + 1, (await SheetAsync(key)).Instance.DefinitionVersion);
        while (await OpenTaskAsync(key) is { } open)
        {
            await DecideAsync(open, PersonaOf(open.Function), DecisionKind.Approve);
        }

        Assert.Equal(Stage.Approved, (await UseCaseAsync(key)).Stage);
    }

    [Fact]
    public async Task A_review_does_not_move_to_a_version_in_which_an_open_task_is_missing()
    {
        var (key, _) = await GivenATaskAsync(Role.Legal);
        await PublishAnywayAsync("standard", Version + 1, d => Rename(d, "privacy", "dataProtection"));

        Assert.Equal("upgrade-refused", await RuleAsync(() => UpgradeAsync(key, Version + 1)));
        Assert.Equal(Version, (await SheetAsync(key)).Instance.DefinitionVersion);
        Assert.DoesNotContain("LaneUpgraded", await ActionsAsync(key));
    }

    [Fact]
    public async Task A_review_does_not_move_to_an_older_or_an_unpublished_version()
    {
        var (key, _) = await GivenATaskAsync(Role.Legal);

        Assert.Equal("not-newer", await RuleAsync(() => UpgradeAsync(key, Version)));
        Assert.Equal("version-not-published", await RuleAsync(() => UpgradeAsync(key, Version + 7)));
    }

    [Theory]
    [InlineData("legal")]
    [InlineData("auditor")]
    [InlineData("submitter")]
    [InlineData("operator")]
    public async Task Only_the_operators_of_the_portal_operate_lanes(string persona)
    {
        var (key, _) = await GivenATaskAsync(Role.Legal);
        var instance = (await SheetAsync(key)).Instance.Id;

        Assert.Equal("not-permitted", await RuleAsync(() => Get<OperateLane>().CancelAsync(instance, "No.", Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<OperateLane>().RetryAsync(instance, "No.", Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<OperateLane>().UpgradeAsync(instance, 9, "No.", Who(persona))));
    }

    [Fact]
    public async Task Operating_needs_a_reason_and_a_lane_that_can_be_operated()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        var instance = (await SheetAsync(key)).Instance.Id;

        Assert.Equal("reason-required", await RuleAsync(() => Get<OperateLane>().CancelAsync(instance, " ", Who("coe-lead"))));
        Assert.Equal("review-closed", await RuleAsync(() => Get<OperateLane>().CancelAsync(instance, "Undo it.", Who("coe-lead"))));
        Assert.Equal("not-faulted", await RuleAsync(() => Get<OperateLane>().RetryAsync(instance, "Again.", Who("coe-lead"))));
        Assert.Equal(Stage.Approved, (await UseCaseAsync(key)).Stage);
    }

    [Fact]
    public async Task The_list_says_what_each_review_waits_for_and_the_sheet_what_it_did()
    {
        var (key, task) = await GivenATaskAsync(Role.Legal);
        await DecideAsync(task, "legal", DecisionKind.Approve);
        await GivenAnApprovedAsync(ClaimsProposal);

        var running = Assert.Single((await Get<LaneList>().OfAsync(new LaneFilter(Status: LaneStatus.Running), Who("auditor"))).Items);
        Assert.Equal(key, running.UseCaseKey);
        Assert.Equal([Role.Security, Role.Privacy], running.WaitsFor.Order());
        Assert.Equal(2, (await Get<LaneList>().OfAsync(new LaneFilter(), Who("auditor"))).Total);
        Assert.Equal(0, (await Get<LaneList>().OfAsync(new LaneFilter(WithIncident: true), Who("auditor"))).Total);
        var sheet = await SheetAsync(key);
        Assert.Equal(Enumerable.Range(1, sheet.Journal.Count), sheet.Journal.Select(e => e.Sequence));
        Assert.Contains(sheet.Journal, e => e is { Activity: "legal", Event: "Completed" } && sheet.Names[e.ActorId] == "Aisha Rahman");
        Assert.Equal("not-permitted", await RuleAsync(() => Get<LaneList>().OfAsync(new LaneFilter(), Who("submitter"))));
    }

    private Task UpgradeAsync(string key, int version) => UpgradeAsync(key, version, Who("coe-lead"));

    private async Task UpgradeAsync(string key, int version, Actor person) =>
        await Get<OperateLane>().UpgradeAsync((await SheetAsync(key)).Instance.Id, version, "One version for all.", person);

    private async Task<LaneSheet> SheetAsync(string useCaseKey)
    {
        await using var db = await DbAsync();
        var round = await db.ApprovalRounds.Where(r => r.UseCaseKey == useCaseKey).OrderByDescending(r => r.Number).Select(r => r.Id).FirstAsync();
        return (await Get<LaneList>().OfRoundAsync(round, Who("auditor")))!;
    }

    private Task GivenALaneThatAnySignatureApprovesAsync() =>
        PublishAnywayAsync("standard", Version + 1, d =>
        {
            Activity(d, "allApproved")["mode"]!["expression"]!["value"] = "WaitAny";
            d["root"]!["connections"]!.AsArray().Single(c => c!["source"]!["activity"]!.GetValue<string>() == "allApproved")!["target"]!["activity"] = "setApproved";
        });

    private static void Fails(JsonNode definition, string flowSwitch) =>
        Activity(definition, flowSwitch)["cases"]![0]!["condition"] = new JsonObject { ["type"] = "JavaScript", ["value"] = "getLegal().missing.deeper === 1" };

    private static void Rename(JsonNode definition, string from, string to)
    {
        Activity(definition, from)["id"] = to;
        foreach (var end in definition["root"]!["connections"]!.AsArray().SelectMany(c => new[] { c!["source"]!, c["target"]! }).Where(e => e["activity"]!.GetValue<string>() == from))
        {
            end["activity"] = to;
        }
    }

    private static JsonNode Activity(JsonNode definition, string id) => definition["root"]!["activities"]!.AsArray().Single(a => a!["id"]!.GetValue<string>() == id)!;

    /// <summary>As the owner of the database could, past every check.</summary>
    private async Task PublishAnywayAsync(string lane, int version, Action<JsonNode> edit)
    {
        var definition = Lane.Edited(lane, d =>
        {
            d["version"] = version;
            edit(d);
        });
        await using var connection = new NpgsqlConnection(Database.OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("insert into wf.published_workflow (definition_id, definition_version, sha256, json, published_at) values ($1, $2, $3, $4, now())", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = lane });
        command.Parameters.Add(new NpgsqlParameter { Value = version });
        command.Parameters.Add(new NpgsqlParameter { Value = definition.Sha256 });
        command.Parameters.Add(new NpgsqlParameter { Value = Encoding.UTF8.GetString(DefinitionJson.Write(definition)) });
        await command.ExecuteNonQueryAsync();
    }
}
