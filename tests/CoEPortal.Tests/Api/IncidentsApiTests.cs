using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace CoEPortal.Tests.Api;

/// <summary>Incidents and exercises, as scripts see them.</summary>
[Collection(typeof(PortalCollection))]
public sealed class IncidentsApiTests(RunningPortal portal)
{
    [Fact]
    public async Task An_incident_is_reported_once_triaged_under_its_version_and_settled()
    {
        using var submitter = await portal.AsAsync("submitter");
        using var privacy = await portal.AsAsync("privacy");
        using var security = await portal.AsAsync("security");
        var key = Guid.CreateVersion7().ToString();
        var first = await ReportAsync(submitter, key);
        var again = await ReportAsync(submitter, key);
        Assert.Equal(first["key"]!.GetValue<string>(), again["key"]!.GetValue<string>());
        var address = $"/api/v1/incidents/{first["key"]}";

        var triage = new { severity = "moderate", category = "dataBreach", personalData = true, riskToPeople = "likely" };
        Assert.Equal((HttpStatusCode.PreconditionRequired, "if-match-required"), await PutAsync(privacy, $"{address}/triage", triage, null));
        Assert.Equal((HttpStatusCode.OK, null), await PutAsync(privacy, $"{address}/triage", triage, $"\"{first["version"]}\""));
        Assert.Equal((HttpStatusCode.PreconditionFailed, "changed-meanwhile"), await PutAsync(security, $"{address}/triage", triage, $"\"{first["version"]}\""));

        using var seen = await privacy.GetAsync(address);
        var incident = await RunningPortal.JsonAsync(seen);
        Assert.Equal($"\"{incident["version"]}\"", seen.Headers.ETag!.Tag);
        var clock = Assert.Single(incident["clocks"]!.AsArray(), c => c!["rule"]!.GetValue<string>() == "gdpr-33")!;
        Assert.Contains("Article 33(1)", await privacy.GetStringAsync($"{address}/clocks/{clock["id"]}/draft"), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Conflict, "reason-required"), await PostAsync(privacy, $"{address}/clocks/{clock["id"]}", new { state = "notRequired" }));
        Assert.Equal((HttpStatusCode.OK, null), await PostAsync(privacy, $"{address}/clocks/{clock["id"]}", new { state = "notRequired", reason = "Invented data." }));
        Assert.Equal((HttpStatusCode.OK, null), await PostAsync(security, $"{address}/timeline", new { kind = "mitigation", text = "Filter added." }));
        using (var form = new MultipartFormDataContent { { new StringContent("The answer"), "text" }, { new ByteArrayContent("%PDF-1.7"u8.ToArray()), "file", "../answer.html" } })
        {
            Assert.Equal(HttpStatusCode.OK, (await security.PostAsync($"{address}/timeline/files", form)).StatusCode);
        }

        var line = (await RunningPortal.JsonAsync(await privacy.GetAsync($"{address}/timeline")))["items"]!.AsArray().First(e => e!["fileType"] is not null)!;
        using (var file = await privacy.GetAsync($"{address}/timeline/{line["number"]}/file"))
        {
            Assert.Equal(("application/pdf", "attachment", $"{first["key"]}-{line["number"]}.pdf"), (file.Content.Headers.ContentType!.MediaType, file.Content.Headers.ContentDisposition!.DispositionType, file.Content.Headers.ContentDisposition.FileName));
            Assert.Equal("nosniff", string.Join("", file.Headers.GetValues("X-Content-Type-Options")));
        }

        using (var form = new MultipartFormDataContent { { new StringContent("x"), "text" }, { new ByteArrayContent("PK\x03\x04"u8.ToArray()), "file", "a.pdf" } })
        {
            Assert.Equal("file-type-unknown", (await RunningPortal.JsonAsync(await security.PostAsync($"{address}/timeline/files", form)))["rule"]!.GetValue<string>());
        }

        Assert.Equal((HttpStatusCode.Forbidden, "not-permitted"), await PostAsync(submitter, $"{address}/state", new { to = "resolved", reason = "Mine." }));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid-fields"), await PostAsync(submitter, "/api/v1/incidents", new { title = "" }));
        Assert.Equal(HttpStatusCode.NotFound, (await submitter.GetAsync("/api/v1/incidents/INC-9999")).StatusCode);
        var listed = await RunningPortal.JsonAsync(await privacy.GetAsync("/api/v1/incidents?severity=moderate&open=true&sort=deadline"));
        Assert.Contains(listed["items"]!.AsArray(), i => i!["key"]!.GetValue<string>() == first["key"]!.GetValue<string>());
        var figures = await RunningPortal.JsonAsync(await privacy.GetAsync("/api/v1/incidents/statistics?from=2026-01-01T00:00:00Z&to=2030-01-01T00:00:00Z"));
        Assert.True(figures["reported"]!.GetValue<int>() > 0);
        Assert.Equal(HttpStatusCode.Accepted, (await privacy.PostAsJsonAsync($"{address}/audit-pack", new { })).StatusCode);
    }

    [Fact]
    public async Task An_exercise_is_planned_and_refuses_to_start_without_players()
    {
        using var lead = await portal.AsAsync("coe-lead");
        using var planned = await lead.PostAsJsonAsync("/api/v1/exercises", new { scenario = "prompt-injection", on = "2027-06-01" });
        Assert.Equal(HttpStatusCode.Created, planned.StatusCode);
        var address = planned.Headers.Location!.ToString();

        Assert.Equal((HttpStatusCode.Conflict, "seats-empty"), await PostAsync(lead, $"{address}/start", new { }));
        Assert.Equal((HttpStatusCode.OK, null), await PostAsync(lead, $"{address}/seats", new { role = "Lead", person = "risk@demo" }));
        Assert.Equal((HttpStatusCode.OK, null), await PostAsync(lead, $"{address}/cancel", new { text = "Only a try." }));
        Assert.Equal(7, (await RunningPortal.JsonAsync(await lead.GetAsync(address)))["steps"]!.AsArray().Count);
    }

    private static async Task<JsonNode> ReportAsync(HttpClient client, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/incidents") { Content = JsonContent.Create(new { title = "It named a stranger", category = "dataBreach" }) };
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return await RunningPortal.JsonAsync(answer);
    }

    private static async Task<(HttpStatusCode, string?)> PutAsync(HttpClient client, string path, object body, string? version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = JsonContent.Create(body) };
        if (version is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", version);
        }

        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, answer.IsSuccessStatusCode ? null : (await RunningPortal.JsonAsync(answer))["rule"]!.GetValue<string>());
    }

    private static async Task<(HttpStatusCode, string?)> PostAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(path, body);
        return (answer.StatusCode, answer.IsSuccessStatusCode ? null : (await RunningPortal.JsonAsync(answer))["rule"]!.GetValue<string>());
    }
}
