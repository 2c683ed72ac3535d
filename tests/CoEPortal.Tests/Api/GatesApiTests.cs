using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
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
    public async Task A_pipeline_signs_with_openssl_and_an_auditor_checks_it_again_with_openssl()
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Claims summarisation with retrieval"));
        using var ci = await portal.WithTokenAsync(MachineToken.GatesWrite, key);
        using var admin = await portal.AsAsync("admin");
        var folder = Directory.CreateTempSubdirectory("coe-openssl-");
        try
        {
            async Task<string> ShellAsync(string line) => await EmbeddedProcess.RunAsync(["sh", "-c", line], folder.FullName, default);
            await ShellAsync("openssl ecparam -name prime256v1 -genkey -noout -out ci.pem && openssl ec -in ci.pem -pubout -out ci.pub");
            using var added = await admin.PostAsJsonAsync("/api/v1/gates/keys", new { name = "ci of claims", publicKey = await File.ReadAllTextAsync(Path.Combine(folder.FullName, "ci.pub")), useCase = key });
            Assert.Equal(HttpStatusCode.Created, added.StatusCode);
            var body = $$"""{"useCase": "{{key}}", "runId": "build-8", "component": "prompt", "name": "letters", "version": "12", "artefactHash": "{{GateTests.Hash}}", "suite": "golden-set", "metrics": {"accuracy": 0.96, "hallucination-rate": 0.01}, "examples": 400}""";
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "body.json"), body);
            var signature = await ShellAsync("openssl dgst -sha256 -sign ci.pem body.json | base64 -w0");

            Assert.Equal((HttpStatusCode.Conflict, "signature-required"), await PushAsync(ci, key, body, null));
            Assert.Equal((HttpStatusCode.Conflict, "signature-invalid"), await PushAsync(ci, key, body.Replace("0.96", "0.99", StringComparison.Ordinal), signature));
            Assert.Equal((HttpStatusCode.Conflict, "signature-unreadable"), await PushAsync(ci, key, body, "not base64"));
            Assert.Equal((HttpStatusCode.Conflict, "body-too-large"), await PushAsync(ci, key, body + new string(' ', 70_000), signature));
            Assert.Equal((HttpStatusCode.BadRequest, "unreadable-body"), await PushAsync(ci, key, "{", signature));
            using var sent = new StringContent(body, Encoding.UTF8, "application/json") { Headers = { { "X-Coe-Signature", signature } } };
            using var pushed = await ci.PostAsync($"/api/v1/gates/{key}/results", sent);
            Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
            var result = Text((await RunningPortal.JsonAsync(pushed))["id"]);

            using var auditor = await portal.AsAsync("auditor");
            var proof = await RunningPortal.JsonAsync(await auditor.GetAsync($"/api/v1/gates/{key}/results/{result}/signature"));
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "kept.json"), Convert.FromBase64String(Text(proof["body"])));
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "kept.sig"), Convert.FromBase64String(Text(proof["signature"])));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "kept.pub"), Text(proof["key"]!["publicKey"]));
            Assert.Contains("Verified OK", await ShellAsync("openssl dgst -sha256 -verify kept.pub -signature kept.sig kept.json && cmp kept.json body.json"), StringComparison.Ordinal);
            var revoke = new Uri($"/api/v1/gates/keys/{Text((await RunningPortal.JsonAsync(added))["id"])}/revoke", UriKind.Relative);
            using var refused = await auditor.PostAsJsonAsync(revoke, new { reason = "x" });
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            using var revoked = await admin.PostAsJsonAsync(revoke, new { reason = "Its project has ended." });
            Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
            Assert.Equal("Its project has ended.", Text((await RunningPortal.JsonAsync(await auditor.GetAsync("/api/v1/gates/keys")))["items"]!.AsArray().Single(k => Text(k!["useCase"]) == key)!["reason"]));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(HttpStatusCode, string)> PushAsync(HttpClient ci, string key, string body, string? signature)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        if (signature is not null)
        {
            content.Headers.Add("X-Coe-Signature", signature);
        }

        using var answer = await ci.PostAsync($"/api/v1/gates/{key}/results", content);
        return (answer.StatusCode, Text((await RunningPortal.JsonAsync(answer))["rule"]));
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
