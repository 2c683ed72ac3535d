using System.Net;
using System.Net.Http.Json;
using CoEPortal.Governance.Persistence;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Reliability;

/// <summary>A node with <c>Portal__Roles=enforcement</c>, as <c>docker-compose.yml</c> starts one.</summary>
public sealed class DecidingNodeTests : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"coe-decides-{Guid.CreateVersion7():n}");

    public ValueTask DisposeAsync()
    {
        TestPostgres.Remove(_folder);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task It_starts_with_the_database_alone_and_again_without_it_and_then_decides_by_what_it_remembers()
    {
        var database = await EmbeddedPostgres.StartAsync(_folder, TestPostgres.BinariesSetting, durable: false);
        await using var portal = new PortalProcess(_folder, database);
        await using var node = new PortalProcess(Path.Combine(_folder, "node"), database, onlyDecides: true);
        await portal.StartAsync();
        Assert.True(await portal.TryPostAsync("security", "/api/v1/switches/model/gpt-4o/engage", JsonContent.Create(new { reason = "Leak." })));
        await node.StartAsync();
        // Nobody changes anything any more.
        await portal.StopAsync();
        var known = (await node.VerdictAsync())!.Value;
        Assert.Equal((HttpStatusCode.Forbidden, false), (known.Status, known.IsStale));
        await node.StopAsync();
        await database.DisposeAsync();

        await node.StartAnywayAsync();
        var remembered = (await node.VerdictAsync())!.Value;
        await node.WaitUntilStaleAsync();

        Assert.NotEqual("0", known.Generation);
        Assert.Equal((HttpStatusCode.Forbidden, known.Generation), (remembered.Status, remembered.Generation));
        Assert.Equal((HttpStatusCode.Forbidden, known.Generation, true), await node.VerdictAsync());
    }
}
