using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Api;

/// <summary>The work around a review, as scripts see it.</summary>
[Collection(typeof(PortalCollection))]
public sealed class ReviewWorkApiTests(RunningPortal portal)
{
    private static Proposal Claims => TriageTests.RealProposal("Claims summarisation with retrieval");

    [Fact]
    public async Task A_task_is_taken_delegated_and_decided_for_somebody()
    {
        var key = await GivenASubmittedAsync();
        var (task, hash) = await TaskOfAsync("privacy", key);
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync("privacy", $"/api/v1/tasks/{task}/claim", new { }));
        Assert.Equal((HttpStatusCode.Conflict, "claimed-by-other"), await RefusedAsync("privacy2", $"/api/v1/tasks/{task}/claim", new { takeOver = false }));
        Assert.Equal((HttpStatusCode.Forbidden, "not-your-function"), await RefusedAsync("legal", $"/api/v1/tasks/{task}/claim", new { takeOver = true }));
        var today = await TodayAsync();

        using var privacy = await portal.AsAsync("privacy");
        using var given = await privacy.PostAsJsonAsync("/api/v1/delegations", new { task, to = "privacy2@demo", startsOn = today, endsOn = today.AddDays(2), reason = "On leave." });
        Assert.Equal(HttpStatusCode.Created, given.StatusCode);
        Assert.Equal("Ines Moreau", (await RunningPortal.JsonAsync(given))["toName"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, await PostAsync("privacy2", $"/api/v1/tasks/{task}/decision", new { decision = "approve", contentHash = hash }));

        var id = given.Headers.Location!.ToString();
        Assert.Equal(HttpStatusCode.NoContent, (await privacy.DeleteAsync(id)).StatusCode);
        var listed = await RunningPortal.JsonAsync(await privacy.GetAsync("/api/v1/delegations"));
        Assert.Contains(listed["items"]!.AsArray(), d => d!["useCase"]?.GetValue<string>() == key && d["revokedAt"] is not null);
    }

    [Fact]
    public async Task A_condition_carries_an_owner_and_a_day_and_is_reported_and_agreed()
    {
        var key = await GivenASubmittedAsync();
        var (task, hash) = await TaskOfAsync("legal", key);
        var dueOn = (await TodayAsync()).AddDays(20);
        Assert.Equal(HttpStatusCode.OK, await PostAsync("legal", $"/api/v1/tasks/{task}/decision", new
        {
            decision = "approve-with-conditions",
            comment = "Two things.",
            contentHash = hash,
            conditions = new object[] { "Mark what AI wrote.", new { text = "Train the team.", owner = "submitter@demo", dueOn } },
        }));
        foreach (var persona in new[] { "security", "privacy", "coe-lead" })
        {
            var (open, same) = await TaskOfAsync(persona, key);
            Assert.Equal(HttpStatusCode.OK, await PostAsync(persona, $"/api/v1/tasks/{open}/decision", new { decision = "approve", contentHash = same }));
        }

        using var author = await portal.AsAsync("submitter");
        var conditions = (await author.GetFromJsonAsync<JsonArray>($"/api/v1/use-cases/{key}/conditions"))!;
        var training = conditions.Single(c => c!["number"]!.GetValue<string>() == "C2")!;
        Assert.Equal((FormattableString.Invariant($"{dueOn:yyyy-MM-dd}"), "open", "submitter@demo"),
            (training["dueOn"]!.GetValue<string>(), training["state"]!.GetValue<string>(), training["owner"]!.GetValue<string>()));

        var id = training["id"]!.GetValue<string>();
        Assert.Equal((HttpStatusCode.Forbidden, "not-the-owner"), await RefusedAsync("security", $"/api/v1/conditions/{id}/report", new { report = "Done." }));
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync("submitter", $"/api/v1/conditions/{id}/report", new { report = "All twelve were trained on Monday." }));
        Assert.Equal((HttpStatusCode.Forbidden, "not-your-condition"), await RefusedAsync("security", $"/api/v1/conditions/{id}/accept", new { }));
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync("legal2", $"/api/v1/conditions/{id}/accept", new { }));
    }

    [Fact]
    public async Task A_veto_is_lifted_by_a_colleague_over_the_API()
    {
        var key = await GivenASubmittedAsync();
        var (task, hash) = await TaskOfAsync("security", key);
        Assert.Equal(HttpStatusCode.OK, await PostAsync("security", $"/api/v1/tasks/{task}/decision", new { decision = "veto", comment = "Keys are shared.", contentHash = hash }));

        Assert.Equal((HttpStatusCode.Forbidden, "own-veto"), await RefusedAsync("security", $"/api/v1/use-cases/{key}/lift-veto", new { reason = "Mended.", contentHash = hash }));
        Assert.Equal(HttpStatusCode.OK, await PostAsync("security2", $"/api/v1/use-cases/{key}/lift-veto", new { reason = "Keys are separate now.", contentHash = hash }));
        Assert.NotEqual(task, (await TaskOfAsync("security", key)).Task);
    }

    [Fact]
    public async Task Comments_are_read_by_those_who_may_and_taken_back_by_their_author()
    {
        var key = await GivenASubmittedAsync();
        using var privacy = await portal.AsAsync("privacy");
        using var written = await privacy.PostAsJsonAsync($"/api/v1/use-cases/{key}/comments", new { text = "@Nils Berg how long are drafts kept?" });
        var comment = await RunningPortal.JsonAsync(written);
        Assert.Equal("submitter@demo", comment["mentions"]!.AsArray().Single()!.GetValue<string>());

        using var stranger = await portal.AsAsync("submitter2");
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/v1/use-cases/{key}/comments")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await privacy.DeleteAsync($"/api/v1/comments/{comment["id"]!.GetValue<string>()}")).StatusCode);
        var left = (await RunningPortal.JsonAsync(await privacy.GetAsync($"/api/v1/use-cases/{key}/comments")))["items"]!.AsArray().Single()!;
        Assert.Null(left["text"]);
    }

    [Fact]
    public async Task Operators_see_every_lane_and_cancel_one_and_reviewers_only_see_them()
    {
        var key = await GivenASubmittedAsync();
        using var lead = await portal.AsAsync("coe-lead");
        var found = (await RunningPortal.JsonAsync(await lead.GetAsync($"/api/v1/workflows/instances?search={key}&status=running")))["items"]!.AsArray().Single()!;
        var id = found["id"]!.GetValue<string>();
        var one = await RunningPortal.JsonAsync(await lead.GetAsync($"/api/v1/workflows/instances/{id}"));
        Assert.Equal(3, one["waitsFor"]!.AsArray().Count);
        Assert.NotEmpty(one["journal"]!.AsArray());

        Assert.Equal((HttpStatusCode.Forbidden, "not-permitted"), await RefusedAsync("legal", $"/api/v1/workflows/instances/{id}/cancel", new { reason = "No." }));
        Assert.Equal((HttpStatusCode.Conflict, "not-faulted"), await RefusedAsync("admin", $"/api/v1/workflows/instances/{id}/retry", new { reason = "Again." }));
        Assert.Equal((HttpStatusCode.Conflict, "version-not-published"), await RefusedAsync("admin", $"/api/v1/workflows/instances/{id}/upgrade", new { version = 99, reason = "Newer." }));
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync("admin", $"/api/v1/workflows/instances/{id}/cancel", new { reason = "Opened by mistake." }));
        using var author = await portal.AsAsync("submitter");
        Assert.Equal("draft", (await RunningPortal.JsonAsync(await author.GetAsync($"/api/v1/use-cases/{key}")))["stage"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_published_workflow_is_downloaded_byte_for_byte()
    {
        using var auditor = await portal.AsAsync("auditor");

        Assert.Equal(Workflows.Lane.Bytes("full"), await auditor.GetByteArrayAsync("/api/v1/workflows/full"));
        Assert.Equal(HttpStatusCode.NotFound, (await auditor.GetAsync("/api/v1/workflows/full?version=99")).StatusCode);
        using var author = await portal.AsAsync("submitter");
        Assert.Equal(HttpStatusCode.Forbidden, (await author.GetAsync("/api/v1/workflows")).StatusCode);
    }

    /// <summary>The organisation's: an hour before midnight in Greenwich it is tomorrow in Berlin.</summary>
    private async Task<DateOnly> TodayAsync() => (await portal.GetAsync<Organisation>()).DayOf(TimeProvider.System.GetUtcNow());

    private async Task<string> GivenASubmittedAsync()
    {
        using var author = await portal.AsAsync("submitter");
        var key = (await RunningPortal.JsonAsync(await author.PostAsJsonAsync("/api/v1/use-cases", Claims, ProposalJson.Options)))["key"]!.GetValue<string>();
        (await author.PostAsync($"/api/v1/use-cases/{key}/submit", null)).EnsureSuccessStatusCode();
        return key;
    }

    private async Task<(string Task, string Hash)> TaskOfAsync(string persona, string key)
    {
        using var reviewer = await portal.AsAsync(persona);
        var task = (await RunningPortal.JsonAsync(await reviewer.GetAsync($"/api/v1/tasks?search={key}")))["items"]!.AsArray().Single()!;
        return (task["id"]!.GetValue<string>(), task["contentHash"]!.GetValue<string>());
    }

    private async Task<HttpStatusCode> PostAsync(string persona, string path, object body)
    {
        using var http = await portal.AsAsync(persona);
        using var answer = await http.PostAsJsonAsync(path, body);
        return answer.StatusCode;
    }

    private async Task<(HttpStatusCode, string)> RefusedAsync(string persona, string path, object body)
    {
        using var http = await portal.AsAsync(persona);
        using var answer = await http.PostAsJsonAsync(path, body);
        return (answer.StatusCode, (await RunningPortal.JsonAsync(answer))["rule"]!.GetValue<string>());
    }
}
