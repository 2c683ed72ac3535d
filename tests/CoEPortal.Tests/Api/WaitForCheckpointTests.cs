using System.Globalization;
using System.Net;
using System.Net.Http.Json;

namespace CoEPortal.Tests.Api;

[Collection(typeof(PortalCollection))]
public sealed class WaitForCheckpointTests(RunningPortal portal)
{
    [Fact]
    public async Task A_stop_can_wait_until_it_is_signed()
    {
        using var answer = await EngageAsync("waited-for", "respond-async, wait=20");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("wait=20", Assert.Single(answer.Headers.GetValues("Preference-Applied")));
        var said = Assert.Single(answer.Headers.GetValues("X-Audit-Log"));
        var size = long.Parse(said.Split(' ')[4], CultureInfo.InvariantCulture);
        using var auditor = await portal.AsAsync("auditor");
        var checkpoint = await auditor.GetStringAsync("/api/v1/audit/checkpoint");
        Assert.True(long.Parse(checkpoint.Split('\n')[1], CultureInfo.InvariantCulture) >= size);
    }

    [Theory]
    [InlineData("wait=0", "wait=0")]
    [InlineData("wait=soon", null)]
    [InlineData("wait=-1", null)]
    [InlineData("handling=strict", null)]
    public async Task Who_does_not_ask_or_cannot_be_understood_does_not_wait(string prefer, string? applied)
    {
        using var answer = await EngageAsync("not-waited-for-" + prefer.Length, prefer);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("X-Audit-Log"));
        Assert.Equal(applied, answer.Headers.TryGetValues("Preference-Applied", out var values) ? Assert.Single(values) : null);
    }

    [Fact]
    public async Task Nobody_waits_longer_than_half_a_minute()
    {
        using var answer = await EngageAsync("waited-for-long", "wait=86400");

        Assert.Equal("wait=30", Assert.Single(answer.Headers.GetValues("Preference-Applied")));
    }

    private async Task<HttpResponseMessage> EngageAsync(string model, string prefer)
    {
        using var security = await portal.AsAsync("security");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/switches/model/{model}/engage") { Content = JsonContent.Create(new { reason = "A test." }) };
        request.Headers.TryAddWithoutValidation("Prefer", prefer);
        return await security.SendAsync(request);
    }
}
