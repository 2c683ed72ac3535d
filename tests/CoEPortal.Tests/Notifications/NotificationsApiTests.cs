using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Notifications;

[Collection(typeof(PortalCollection))]
public sealed class NotificationsApiTests(RunningPortal portal)
{
    [Fact]
    public async Task Somebody_lists_and_marks_their_own_and_no_one_elses()
    {
        using var brand = await portal.AsAsync("brand");
        using var auditor = await portal.AsAsync("auditor");
        // Reviews of other tests on this portal may have asked the same person.
        await MarkAsync(brand, new { });
        var before = Number(await RunningPortal.JsonAsync(await brand.GetAsync("/api/v1/notifications")), "total");
        await GivenAsync("brand", 3);
        var page = await RunningPortal.JsonAsync(await brand.GetAsync("/api/v1/notifications?size=2"));
        var first = page["items"]![0]!;

        Assert.Equal((before + 3, 1, 2, 2), (Number(page, "total"), Number(page, "page"), Number(page, "size"), page["items"]!.AsArray().Count));
        Assert.Equal(
            ["createdAt", "id", "kind", "link", "readAt", "text", "title", "useCase"],
            first.AsObject().Select(f => f.Key).Order());
        Assert.Equal(HttpStatusCode.NotFound, (await MarkAsync(auditor, new { ids = new[] { Id(first) } })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await MarkAsync(brand, new { ids = new[] { Id(first) } })).StatusCode);
        Assert.Equal(2, Number(await RunningPortal.JsonAsync(await brand.GetAsync("/api/v1/notifications?unread=true")), "total"));
        Assert.Equal(HttpStatusCode.NoContent, (await MarkAsync(brand, new { })).StatusCode);
        Assert.Equal(0, Number(await RunningPortal.JsonAsync(await brand.GetAsync("/api/v1/notifications?unread=true")), "total"));
        var others = await RunningPortal.JsonAsync(await auditor.GetAsync("/api/v1/notifications?size=100"));
        Assert.DoesNotContain(Id(first), others["items"]!.AsArray().Select(n => Id(n!)));
    }

    [Fact]
    public async Task Marking_without_a_body_marks_all()
    {
        await GivenAsync("operator", 1);
        using var reader = await portal.AsAsync("operator");

        Assert.Equal(HttpStatusCode.NoContent, (await reader.PostAsync("/api/v1/notifications/read", null)).StatusCode);

        Assert.Equal(0, Number(await RunningPortal.JsonAsync(await reader.GetAsync("/api/v1/notifications?unread=true")), "total"));
    }

    [Fact]
    public async Task Nobody_reads_notifications_without_signing_in()
    {
        using var http = new HttpClient { BaseAddress = await portal.AddressAsync() };

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/api/v1/notifications")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await MarkAsync(http, new { })).StatusCode);
    }

    [Fact]
    public async Task Another_site_cannot_mark_through_a_browser()
    {
        using var reader = await portal.AsAsync("legal");
        reader.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");

        Assert.Equal(HttpStatusCode.Forbidden, (await MarkAsync(reader, new { })).StatusCode);
    }

    [Fact]
    public async Task The_operator_sees_whether_mail_leaves()
    {
        using var http = new HttpClient { BaseAddress = await portal.AddressAsync() };

        var checks = (await RunningPortal.JsonAsync(await http.GetAsync("/health/ready")))["checks"]!.AsArray();

        Assert.Equal("No mail server is set.", checks.Single(c => c!["name"]!.GetValue<string>() == "mail")!["description"]!.GetValue<string>());
    }

    private async Task GivenAsync(string persona, int count)
    {
        var notices = await portal.GetAsync<Notices>();
        await using var db = await (await portal.GetAsync<IDbContextFactory<GovernanceDb>>()).CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await notices.SendAsync(
            db, [.. Enumerable.Range(0, count).Select(n => new Notice(DemoPersonas.Find(persona)!.Id, "review-asked", $"Told {n}", "Fact", "/inbox", null, $"api/{n}"))],
            (await portal.GetAsync<TimeProvider>()).GetUtcNow(), default);
        await transaction.CommitAsync();
    }

    private static Task<HttpResponseMessage> MarkAsync(HttpClient http, object body) => http.PostAsJsonAsync("/api/v1/notifications/read", body);

    private static int Number(JsonNode page, string name) => page[name]!.GetValue<int>();

    private static Guid Id(JsonNode notification) => notification["id"]!.GetValue<Guid>();
}
