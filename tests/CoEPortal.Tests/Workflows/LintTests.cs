using System.Text.Json.Nodes;
using CoEPortal.Workflows;

namespace CoEPortal.Tests.Workflows;

public sealed class LintTests
{
    [Fact]
    public void Every_corpus_definition_a_strict_loader_must_refuse_is_refused_with_its_rule()
    {
        var rejected = Corpus.Index().Where(d => d.GetProperty("strictLoader").GetString() is "reject").ToList();

        Assert.NotEmpty(rejected);
        Assert.All(rejected, entry =>
        {
            var name = Path.GetFileNameWithoutExtension(entry.GetProperty("definition").GetString()!);
            Assert.Contains(Lint.Check(Corpus.Definition(name)), f => f.Rule == entry.GetProperty("rule").GetString());
        });
    }

    [Fact]
    public void Every_corpus_definition_a_strict_loader_should_accept_is_accepted()
    {
        var accepted = Corpus.Index().Where(d => d.GetProperty("strictLoader").GetString() is "accept").ToList();

        Assert.NotEmpty(accepted);
        Assert.All(accepted, entry =>
            Assert.Empty(Lint.Check(Corpus.Definition(Path.GetFileNameWithoutExtension(entry.GetProperty("definition").GetString()!)))));
    }

    [Fact]
    public void A_lane_that_forgets_to_ask_a_required_function_is_refused()
    {
        var lane = Lane.Edited("standard", json => json["customProperties"]!["requiredFunctions"]!.AsArray().Add("Risk"));

        var finding = Assert.Single(Lint.Check(lane));

        Assert.Equal("approved-without-function", finding.Rule);
        Assert.Contains("Risk", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lane_in_which_one_signature_suffices_is_refused()
    {
        var lane = Lane.Edited("standard", json => Activity(json, "allApproved")["mode"]!["expression"]!["value"] = "WaitAny");

        Assert.Contains(Lint.Check(lane), f => f.Rule == "approved-without-function");
    }

    [Fact]
    public void A_lane_that_takes_a_veto_for_an_approval_is_refused()
    {
        var lane = Lane.Edited("standard", json =>
            Activity(json, "legalDecision")["cases"]![0]!["condition"]!["value"] = "getLegal().decision !== \"request-changes\"");

        Assert.Contains(Lint.Check(lane), f => f.Rule == "approved-without-function" && f.Message.Contains("legal answers veto", StringComparison.Ordinal));
    }

    [Fact]
    public void A_lane_that_ends_without_an_outcome_is_refused()
    {
        var lane = Lane.Edited("standard", json => Activity(json, "setVetoed")["value"]!["expression"]!["value"] = "");

        Assert.Contains(Lint.Check(lane), f => f.Rule == "outcome-unset");
    }

    [Fact]
    public void A_task_that_does_not_say_who_is_asked_is_refused()
    {
        var lane = Lane.Edited("standard", json => Activity(json, "legal")["payload"] = null);

        Assert.Contains(Lint.Check(lane), f => f.Rule == "review-payload");
    }

    [Theory]
    [InlineData("\"dueInWorkingDays\": 3", "\"dueInWorkingDays\": 0")]
    [InlineData("\"dueInWorkingDays\": 3", "\"dueInWorkingDays\": 2.5")]
    [InlineData("\"dueInWorkingDays\": 3, ", "")]
    [InlineData("\"remindBeforeWorkingDays\": 1", "\"remindBeforeWorkingDays\": 3")]
    [InlineData("\"escalateAfterWorkingDays\": 1", "\"escalateAfterWorkingDays\": \"soon\"")]
    [InlineData("\"escalateAfterWorkingDays\": 1", "\"escalateAfterWorkingDays\": -1")]
    public void A_deadline_that_makes_no_sense_is_refused(string written, string instead)
    {
        var lane = Lane.Edited("standard", json =>
        {
            var payload = Activity(json, "legal")["payload"]!["expression"]!;
            payload["value"] = payload["value"]!.GetValue<string>().Replace(written, instead, StringComparison.Ordinal);
        });

        Assert.Contains(Lint.Check(lane), f => f.Rule == "review-payload");
    }

    [Fact]
    public void An_approval_from_an_earlier_round_does_not_count_in_the_next()
    {
        // Requested changes lead back to the fork; the merge then waits for Privacy alone.
        var lane = Lane.Edited("standard", json =>
        {
            var connections = Connections(json);
            Disconnect(connections, "anyChanges", "setChangesRequested");
            Disconnect(connections, "securityDecision", "allApproved");
            Disconnect(connections, "legalDecision", "allApproved");
            connections.Add(Connect("anyChanges", "Done", "ask"));
        });

        Assert.Contains(Lint.Check(lane), f => f.Rule == "approved-without-function");
    }

    [Fact]
    public void A_result_for_an_undeclared_variable_is_refused()
    {
        var lane = Lane.Edited("standard", json => Activity(json, "legal")["result"]!["memoryReference"]!["id"] = "var-nobody");

        Assert.Contains(Lint.Check(lane), f => f is { Rule: "expression-unknown-variable", ActivityId: "legal" });
    }

    [Theory]
    [InlineData("getLegal()", "condition-not-boolean")]
    [InlineData("getLegal().decision", "condition-not-boolean")]
    [InlineData("getNobody().decision === \"approve\"", "expression-unknown-variable")]
    [InlineData("getInput(\"Budget\") > 5", "expression-unknown-input")]
    [InlineData("fetch(\"http://example.org\") === 1", "expression-unsupported")]
    public void A_condition_outside_the_subset_is_refused(string condition, string rule)
    {
        var lane = Lane.Edited("standard", json => Activity(json, "legalDecision")["cases"]![0]!["condition"]!["value"] = condition);

        Assert.Contains(Lint.Check(lane), f => f.Rule == rule && f.ActivityId == "legalDecision");
    }

    [Fact]
    public void An_outcome_that_leads_nowhere_is_refused()
    {
        var lane = Lane.Edited("standard", json => Disconnect(Connections(json), "legalDecision", "anyVeto"));

        Assert.Contains(Lint.Check(lane), f => f is { Rule: "port-unconnected", ActivityId: "legalDecision" });
    }

    [Fact]
    public void A_connection_to_nobody_is_refused()
    {
        var lane = Lane.Edited("fast", json => Connections(json).Add(Connect("start", "Done", "nobody")));

        Assert.Contains(Lint.Check(lane), f => f.Rule == "unknown-endpoint");
    }

    [Fact]
    public void An_activity_nothing_leads_to_is_refused()
    {
        var lane = Lane.Edited("fast", json => Disconnect(Connections(json), "start", "nameReview"));

        Assert.Contains(Lint.Check(lane), f => f is { Rule: "activity-unreachable", ActivityId: "nameReview" });
    }

    [Fact]
    public void A_loop_in_which_nobody_is_asked_is_refused()
    {
        var lane = Lane.Edited("fast", json =>
        {
            Disconnect(Connections(json), "giveApproved", "endApproved");
            Connections(json).Add(Connect("giveApproved", "Done", "nameReview"));
        });

        Assert.Contains(Lint.Check(lane), f => f.Rule == "loop-without-task");
    }

    [Fact]
    public void A_definition_with_too_many_runs_is_refused_instead_of_trusted()
    {
        var findings = Lint.Check(Lane.Load("full"), LintPolicy.Lane with { MaxStates = 20 });

        Assert.Equal("model-too-large", Assert.Single(findings).Rule);
    }

    private static JsonNode Activity(JsonNode json, string id) =>
        json["root"]!["activities"]!.AsArray().Single(a => a!["id"]!.GetValue<string>() == id)!;

    private static JsonArray Connections(JsonNode json) => json["root"]!["connections"]!.AsArray();

    private static void Disconnect(JsonArray connections, string source, string target) =>
        connections.RemoveAll(c =>
            c!["source"]!["activity"]!.GetValue<string>() == source && c["target"]!["activity"]!.GetValue<string>() == target);

    private static JsonObject Connect(string source, string port, string target) => new()
    {
        ["source"] = new JsonObject { ["activity"] = source, ["port"] = port },
        ["target"] = new JsonObject { ["activity"] = target, ["port"] = "In" },
    };
}
