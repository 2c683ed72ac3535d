using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Governance.ShadowAi;
using CoEPortal.Web.ShadowAi;

namespace CoEPortal.Tests.Api;

[Collection(typeof(PortalCollection))]
public sealed class CampaignsApiTests(RunningPortal portal)
{
    [Fact]
    public async Task A_program_opens_a_campaign_imports_a_log_and_decides_what_it_saw()
    {
        using var lead = await portal.AsAsync("coe-lead");
        using var auditor = await portal.AsAsync("auditor");
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var campaign = new
        {
            title = "By a program",
            departments = new[] { "Claims" },
            sources = new[] { "proxy" },
            from = today.AddDays(-9).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            dueOn = today.AddDays(9).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            owner = "coe-lead@demo",
        };
        Assert.Equal(HttpStatusCode.Forbidden, (await auditor.PostAsJsonAsync("/api/v1/campaigns", campaign)).StatusCode);
        var key = (await RunningPortal.JsonAsync(await lead.PostAsJsonAsync("/api/v1/campaigns", campaign)))["key"]!.GetValue<string>();
        var at = TimeProvider.System.GetUtcNow().AddDays(-1).ToUnixTimeSeconds();
        using var list = new StringContent("ada,Claims");
        Assert.True((await lead.PutAsync($"/api/v1/campaigns/{key}/departments", list)).IsSuccessStatusCode);
        using var log = new ByteArrayContent(Encoding.UTF8.GetBytes($"{at}.1 45 10.0.0.1 TCP_TUNNEL/200 1000 CONNECT claude.ai:443 ada - -\n"));
        using var accepted = await lead.PostAsync($"/api/v1/campaigns/{key}/imports?format=squid&title=a.log", log);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal("no-such-format", (await RunningPortal.JsonAsync(await lead.PostAsync($"/api/v1/campaigns/{key}/imports?format=x", new ByteArrayContent([1]))))["rule"]!.GetValue<string>());

        var import = await RunningPortal.JsonAsync(await auditor.GetAsync(accepted.Headers.Location));
        for (var left = 600; import["state"]!.GetValue<string>() is "waiting" or "running" && left > 0; left--)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            import = await RunningPortal.JsonAsync(await auditor.GetAsync(accepted.Headers.Location));
        }

        Assert.Equal(("done", 1), (import["state"]!.GetValue<string>(), import["matched"]!.GetValue<int>()));
        var finding = (await RunningPortal.JsonAsync(await auditor.GetAsync($"/api/v1/campaigns/{key}/findings?undecided=true&sort=risk")))["items"]![0]!;
        Assert.Equal(("claude", "Claims", 1), (finding["tool"]!.GetValue<string>(), finding["department"]!.GetValue<string>(), finding["people"]!.GetValue<int>()));
        var disposition = JsonContent.Create(new { disposition = "blocked", reason = "No.", owner = "security@demo", dueOn = campaign.dueOn });
        Assert.Equal(HttpStatusCode.PreconditionRequired, (await lead.PutAsync($"/api/v1/campaigns/{key}/findings/1/disposition", disposition)).StatusCode);
        lead.DefaultRequestHeaders.Add("If-Match", $"\"{finding["version"]!.GetValue<int>()}\"");
        Assert.True((await lead.PutAsync($"/api/v1/campaigns/{key}/findings/1/disposition", JsonContent.Create(new { disposition = "blocked", reason = "No.", owner = "security@demo", campaign.dueOn }))).IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await lead.PutAsync($"/api/v1/campaigns/{key}/findings/1/disposition", JsonContent.Create(new { disposition = "approved", reason = "Yes.", owner = "security@demo", campaign.dueOn }))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await lead.PostAsJsonAsync($"/api/v1/campaigns/{key}/findings/1/reveal", new { pseudonym = new string('0', 20), reason = "Curious." })).StatusCode);
        Assert.Contains("Blocked", await auditor.GetStringAsync(new Uri($"/api/v1/campaigns/{key}/findings.csv", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("=HYPERLINK(\"http://evil.example\")", "\"'=HYPERLINK(\"\"http://evil.example\"\")\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-2+3", "\"'-2+3\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("\tx", "\"'\tx\"")]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    public void No_cell_of_an_export_is_a_formula(string text, string cell) => Assert.Equal(cell, FindingsCsv.Cell(text));
}
