using System.Net;
using System.Net.Http.Headers;
using CoEPortal.Enforcement;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.People;

namespace CoEPortal.Tests.Enforcement;

[Collection(typeof(PortalCollection))]
public sealed class MachineDoorTests(RunningPortal portal)
{
    private static readonly Actor Admin = DemoPersonas.Find("admin")!.Actor;

    [Fact]
    public async Task A_revoked_token_is_refused_although_it_was_let_in_before()
    {
        var token = await (await portal.GetAsync<IssueMachineToken>()).RunAsync("gateway-to-revoke", [MachineToken.TelemetryWrite], null, TimeSpan.FromDays(1), Admin);
        var board = await portal.GetAsync<SwitchBoard>();
        await board.RefreshAsync();
        using var gateway = new HttpClient { BaseAddress = await portal.AddressAsync() };
        gateway.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Assert.Equal(HttpStatusCode.OK, await SendAsync(gateway));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(gateway));

        await (await portal.GetAsync<RevokeMachineToken>()).RunAsync("gateway-to-revoke", Admin);
        await board.RefreshAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(gateway));
    }

    [Fact]
    public async Task A_token_is_issued_for_known_scopes_and_a_bounded_time_by_those_who_may()
    {
        var issue = await portal.GetAsync<IssueMachineToken>();
        async Task<string> RuleAsync(string scope, int days, Actor by) =>
            (await Assert.ThrowsAsync<RuleViolationException>(() => issue.RunAsync("x", [scope], null, TimeSpan.FromDays(days), by))).Rule;

        Assert.Equal("unknown-scope", await RuleAsync("everything", 1, Admin));
        Assert.Equal("validity-out-of-range", await RuleAsync(MachineToken.GatesWrite, 400, Admin));
        Assert.Equal("not-permitted", await RuleAsync(MachineToken.GatesWrite, 1, DemoPersonas.Find("submitter")!.Actor));
    }

    private static async Task<HttpStatusCode> SendAsync(HttpClient gateway)
    {
        using var content = new StringContent("{}", new MediaTypeHeaderValue("application/json"));
        using var answer = await gateway.PostAsync("/v1/traces", content);
        return answer.StatusCode;
    }
}
