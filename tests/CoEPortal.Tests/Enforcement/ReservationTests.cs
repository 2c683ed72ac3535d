using System.Net;
using CoEPortal.Enforcement;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Enforcement;

[Collection(typeof(PortalCollection))]
public sealed class ReservationTests(RunningPortal portal)
{
    [Fact]
    public async Task Calls_at_once_cannot_reserve_more_than_the_budget_has_left()
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot") with
        {
            KillCriteria = [new KillCriterion { Kind = KillCriterionKind.Budget, Window = KillCriterionWindow.Total, Limit = 1 }],
        });
        await (await portal.GetAsync<SwitchBoard>()).RefreshAsync();
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        gateway.DefaultRequestHeaders.Add("X-Gov-Use-Case", key);
        Assert.Equal(HttpStatusCode.NoContent, await AskAsync(gateway, "0"));
        await (await portal.GetAsync<Reservations>()).ReadAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => AskAsync(gateway, "0.1")));

        Assert.Equal(10, answers.Count(a => a is HttpStatusCode.NoContent));
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.GetAsync("/gov/v1/decide")).StatusCode);
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("-1")]
    [InlineData("1e9")]
    [InlineData("1,5")]
    [InlineData("Infinity")]
    [InlineData("99999999999999999999999999999999999")]
    public async Task What_is_no_amount_reserves_nothing_and_is_refused(string amount)
    {
        var reservations = await portal.GetAsync<Reservations>();

        Assert.False(reservations.TryReserve("UC-0001", amount));
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient gateway, string amount)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/gov/v1/decide");
        request.Headers.TryAddWithoutValidation("X-Gov-Reserve", amount);
        using var answer = await gateway.SendAsync(request);
        return answer.StatusCode;
    }
}
