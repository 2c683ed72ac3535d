using System.Net;
using System.Net.Http.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Sharing;
using CoEPortal.Tests.Persistence;
using CoEPortal.Web.Sharing;
using Npgsql;

namespace CoEPortal.Tests.Sharing;

/// <summary>A link shows one frozen revision until its day, without names, and each opening is told.</summary>
public sealed class ShareLinkTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private const string Key = "UC-0001";

    [Fact]
    public async Task A_link_shows_one_frozen_revision_without_names_and_each_opening_is_told()
    {
        await GivenASubmittedAsync(ClaimsProposal with { BusinessOwner = "Ines Carvalho", Problem = $"{Who("legal").Name} asked, ines.carvalho@x.example, for Ines Carvalho." });
        var (link, token) = await Get<ShareRevision>().RunAsync(Key, 1, "Works council", 14, Who("submitter"));

        var shared = await Get<OpenShareLink>().RunAsync(token);
        await Get<OpenShareLink>().RunAsync(token);

        Assert.Equal((Key, 1, "", "", "[name] asked, [address] for [name]."), (shared.Key, shared.Revision, shared.Proposal.BusinessOwner, shared.Proposal.OperationalOwner, shared.Proposal.Problem));
        Assert.DoesNotContain(token, link.TokenHash, StringComparison.Ordinal);
        Assert.Equal(["ShareLinkMade", "ShareLinkOpened", "ShareLinkOpened"], (await ActionsAsync(Key)).Where(a => a.StartsWith("Share", StringComparison.Ordinal)));
        Assert.Equal(2, Assert.Single(await Get<ShareRevision>().OfAsync(Key, Who("auditor"))).Openings);
    }

    [Fact]
    public async Task What_is_unknown_expired_or_revoked_opens_nothing_and_reads_the_same()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        var (revoked, first) = await Get<ShareRevision>().RunAsync(Key, 1, "One", 14, Who("submitter"));
        var (_, second) = await Get<ShareRevision>().RunAsync(Key, 1, "Two", 1, Who("coe-lead"));
        await Get<ShareRevision>().RevokeAsync(Key, revoked.Id, Who("submitter"));
        Clock.Advance(TimeSpan.FromDays(1));

        var said = new HashSet<string>();
        foreach (var token in new[] { first, second, "nonsense", "", new string('x', 5000) })
        {
            said.Add((await Assert.ThrowsAsync<NotFoundException>(() => Get<OpenShareLink>().RunAsync(token))).Message);
        }

        Assert.Single(said);
        Assert.Equal("already-revoked", await RuleAsync(() => Get<ShareRevision>().RevokeAsync(Key, revoked.Id, Who("submitter"))));
        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update share_link set expires_at = expires_at + interval '1 day'"));
        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update share_link set revoked_at = null, revoked_by = null"));
    }

    [Fact]
    public async Task Who_may_not_share_what_is_not_frozen_and_what_would_last_too_long_is_refused()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        var share = Get<ShareRevision>();
        Assert.Equal("not-submitted", await RuleAsync(() => share.RunAsync(Key, 2, "X", 14, Who("submitter"))));
        Assert.Equal("expiry-unusable", await RuleAsync(() => share.RunAsync(Key, 1, "X", 91, Who("submitter"))));
        Assert.Equal("label-required", await RuleAsync(() => share.RunAsync(Key, 1, " ", 14, Who("submitter"))));
        Assert.Equal("not-permitted", await RuleAsync(() => share.RunAsync(Key, 1, "X", 14, Who("auditor"))));
        Assert.Equal("not-permitted", await RuleAsync(() => share.RunAsync(Key, 1, "X", 14, Who("legal"))));
        await Assert.ThrowsAsync<NotFoundException>(() => share.RunAsync(Key, 1, "X", 14, Who("submitter2")));
        await Assert.ThrowsAsync<NotFoundException>(() => share.OfAsync(Key, Who("submitter2")));
        var (_, token) = await share.RunAsync(Key, 1, "X", 14, Who("submitter"));
        await AsOwnerAsync($"update share_link set opened_on = '2026-11-23', opened_that_day = {ShareLink.MostOpeningsInADay}, openings = {ShareLink.MostOpeningsInADay}");
        Assert.Equal("opened-too-often", await RuleAsync(() => Get<OpenShareLink>().RunAsync(token)));
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, (await Get<OpenShareLink>().RunAsync(token)).Revision);
    }

    [Fact]
    public void One_address_tries_so_often_in_a_minute_and_others_are_let_in()
    {
        var door = new SharedDoor(Clock);
        Assert.All(Enumerable.Range(0, SharedDoor.MostInAMinute), _ => Assert.True(door.LetsIn(IPAddress.Loopback)));
        Assert.False(door.LetsIn(IPAddress.Loopback));
        Assert.True(door.LetsIn(IPAddress.IPv6Loopback));
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(door.LetsIn(IPAddress.Loopback));
    }
}

/// <summary>The same over HTTP, by somebody who has no account.</summary>
[Collection<PortalCollection>]
public sealed class SharedPageTests(RunningPortal portal)
{
    [Fact]
    public async Task The_page_is_for_whoever_holds_the_link_is_not_indexed_and_names_nobody()
    {
        using var author = await portal.AsAsync("submitter");
        using var started = await author.PostAsJsonAsync("/api/v1/use-cases", Scoring.TriageTests.RealProposal("Claims summarisation with retrieval"), ProposalJson.Options);
        var key = (await RunningPortal.JsonAsync(started))["key"]!.GetValue<string>();
        (await author.PostAsync($"/api/v1/use-cases/{key}/submit", null)).EnsureSuccessStatusCode();
        using var made = await author.PostAsJsonAsync($"/api/v1/use-cases/{key}/shares", new { revision = 1, label = "Works council", days = 7 });
        var path = (await RunningPortal.JsonAsync(made))["path"]!.GetValue<string>();

        using var nobody = new HttpClient { BaseAddress = await portal.AddressAsync() };
        using var page = await nobody.GetAsync(path);
        using var wrong = await nobody.GetAsync("/shared/nothing");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (page.StatusCode, wrong.StatusCode));
        Assert.Equal("noindex, nofollow, noarchive", page.Headers.GetValues("X-Robots-Tag").Single());
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains($"{key}, revision 1", html, StringComparison.Ordinal);
        Assert.Contains("noindex", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Nils Berg", html, StringComparison.Ordinal);
    }
}
