using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoEPortal.Governance.People;
using CoEPortal.Tests.Gates;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Api;

/// <summary>Gates as a pipeline sees them: push, ask, be refused with what to do, push again, ask again.</summary>
[Collection(typeof(PortalCollection))]
public sealed class GatesApiTests(RunningPortal portal)
{
    [Fact]
    public async Task A_pipeline_is_told_which_gate_holds_it_and_passes_once_it_does_what_it_is_told()
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Claims summarisation with retrieval"));
        using var ci = await portal.WithTokenAsync(MachineToken.GatesWrite, key);
        using var risk = await portal.AsAsync("risk");
        using var set = await risk.PutAsJsonAsync($"/api/v1/gates/{key}/metrics", new { suite = "golden-set", metric = "accuracy", atLeast = 0.95, reason = "Courts read it." });
        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        var promotion = new { component = "prompt", name = "letters", version = "12", artefactHash = GateTests.Hash, summary = "Shorter" };

        using var refused = await ci.PostAsJsonAsync($"/api/v1/gates/{key}/promotions", promotion);
        var problem = await RunningPortal.JsonAsync(refused);
        Assert.Equal((HttpStatusCode.Conflict, "gate-missing"), (refused.StatusCode, problem["rule"]!.GetValue<string>()));
        Assert.Equal(("golden-set", "notRun"), (Text(problem["gates"]![0]!["gate"]), Text(problem["gates"]![0]!["state"])));
        Assert.Contains("Run the suite", Text(problem["gates"]![0]!["whatToDo"]), StringComparison.Ordinal);

        var result = new
        {
            runId = "build-7",
            component = "prompt",
            name = "letters",
            version = "12",
            artefactHash = GateTests.Hash,
            suite = "golden-set",
            examples = 400,
            metrics = new Dictionary<string, decimal> { ["accuracy"] = 0.96m, ["hallucination-rate"] = 0.01m },
        };
        using var pushed = await ci.PostAsJsonAsync($"/api/v1/gates/{key}/results", result);
        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        using var again = await ci.PostAsJsonAsync($"/api/v1/gates/{key}/results", result);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        using var asked = await ci.PostAsJsonAsync($"/api/v1/gates/{key}/promotions", promotion);
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        var waiting = await RunningPortal.JsonAsync(await ci.GetAsync(asked.Headers.Location));
        Assert.Equal("open", Text(waiting["state"]));
        var gate = await RunningPortal.JsonAsync(await ci.GetAsync($"/api/v1/gates/{key}"));
        Assert.True(gate["artefacts"]![0]!["passes"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Only_a_token_of_gates_write_and_of_this_use_case_pushes()
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Claims summarisation with retrieval"));
        using var nobody = new HttpClient { BaseAddress = await portal.AddressAsync() };
        using var reader = await portal.WithTokenAsync(MachineToken.EnforcementRead, key);
        using var other = await portal.WithTokenAsync(MachineToken.GatesWrite, await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot")));
        using var person = await portal.AsAsync("coe-lead");
        var body = new { runId = "r", component = "prompt", name = "a", version = "1", artefactHash = GateTests.Hash, suite = "s", examples = 1, metrics = new { a = 1 } };

        foreach (var (http, status) in new[] { (nobody, HttpStatusCode.Unauthorized), (reader, HttpStatusCode.Unauthorized), (person, HttpStatusCode.Unauthorized), (other, HttpStatusCode.Forbidden) })
        {
            using var answer = await http.PostAsJsonAsync($"/api/v1/gates/{key}/results", body);
            Assert.Equal(status, answer.StatusCode);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync($"/api/v1/gates/{key}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync($"/api/v1/gates/{key}")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("/api/v1/gates/promotions")).StatusCode);
    }

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
