using System.Net;
using System.Net.Http.Json;
using CoEPortal.Enforcement;
using CoEPortal.Enforcement.Snapshots;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Tests.Enforcement;

[Collection(typeof(PortalCollection))]
public sealed class AckTests(RunningPortal portal)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_a_gateway_confirms_is_on_the_console_by_our_clock()
    {
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        var generation = (await portal.GetAsync<SwitchBoard>()).Current.Generation;

        // Its clock is a day ahead.
        Assert.Equal(HttpStatusCode.NoContent, await AckAsync(gateway, "ahead", generation, TimeProvider.System.GetUtcNow().AddDays(1)));
        var point = await PointAsync("test/ahead");

        Assert.Equal((generation, true), (point.Generation, point.IsGateway));
        Assert.InRange(TimeProvider.System.GetUtcNow() - point.AppliedAt, TimeSpan.FromSeconds(-5), TimeSpan.FromMinutes(1));
        Assert.InRange(TimeSpan.FromMilliseconds(point.ClockOffMs).TotalHours, 23.9, 24.1);
    }

    [Fact]
    public async Task An_older_confirmation_never_overwrites_a_newer_one()
    {
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        var generation = (await portal.GetAsync<SwitchBoard>()).Current.Generation;
        await AckAsync(gateway, "late", generation, null);
        await PointAsync("test/late");
        await AckAsync(gateway, "late", 1, null);

        Assert.Equal(generation, (await PointAsync("test/late")).Generation);
    }

    [Fact]
    public async Task What_was_never_given_out_cannot_be_confirmed()
    {
        using var gateway = await portal.WithTokenAsync("enforcement.read");

        Assert.Equal(HttpStatusCode.Conflict, await AckAsync(gateway, "liar", long.MaxValue, null));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"enforcer_id\":\"a\"}")]
    [InlineData("{\"enforcer_id\":\"a b\",\"generation\":1}")]
    [InlineData("{\"enforcer_id\":\"a\",\"generation\":-1}")]
    [InlineData("{\"enforcer_id\":\"a\",\"generation\":1.5}")]
    [InlineData("{\"enforcer_id\":7,\"generation\":1}")]
    [InlineData("{\"enforcer_id\":\"a\",\"generation\":\"NaN\"}")]
    [InlineData("{\"enforcer_id\":\"a\",\"generation\":1")]
    [InlineData("[[[[[[[[[[[[]]]]]]]]]]]]")]
    public async Task What_is_no_confirmation_is_refused(string body)
    {
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        using var content = new StringContent(body);

        Assert.Equal(HttpStatusCode.BadRequest, (await gateway.PostAsync("/gov/v1/acks", content)).StatusCode);
    }

    [Theory]
    [InlineData(-30, -30)]
    [InlineData(-86_400, 0)]
    [InlineData(86_400, 0)]
    [InlineData(1, 0)]
    public void The_word_of_a_gateway_is_believed_within_a_minute_before_it_arrives(int claimedSeconds, int expectedSeconds) =>
        Assert.Equal(Now.AddSeconds(expectedSeconds), EnforcerAck.Read("g", "i", 1, Now.AddSeconds(claimedSeconds), Now)!.AppliedAt);

    private static async Task<HttpStatusCode> AckAsync(HttpClient gateway, string id, long generation, DateTimeOffset? appliedAt)
    {
        using var content = JsonContent.Create(new { enforcer_id = id, generation, applied_at = appliedAt });
        await content.LoadIntoBufferAsync();
        using var answer = await gateway.PostAsync("/gov/v1/acks", content);
        return answer.StatusCode;
    }

    private async Task<EnforcementNode> PointAsync(string name)
    {
        await (await portal.GetAsync<Acks>()).WriteAsync();
        return (await (await portal.GetAsync<SwitchConsole>()).NodesAsync(DemoPersonas.Find("coe-lead")!.Actor)).Single(n => n.Name == name);
    }
}
