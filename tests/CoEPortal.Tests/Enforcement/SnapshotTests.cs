using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Enforcement;
using CoEPortal.Enforcement.Snapshots;
using CoEPortal.Evidence.Log;
using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Enforcement;

[Collection(typeof(PortalCollection))]
public sealed class SnapshotTests(RunningPortal portal)
{
    [Fact]
    public async Task A_gateway_that_holds_the_snapshot_denies_what_the_portal_denies()
    {
        var key = await GivenAnApprovedAsync();
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        var enforcer = new LocalEnforcer("test", await CertificateAsync(gateway));

        Assert.Null(await FetchAsync(gateway, enforcer));
        Assert.Equal((true, ""), enforcer.Decide(key, 0));
        await StopAsync(key);
        Assert.Null(await FetchAsync(gateway, enforcer));
        Assert.Equal((false, Verdict.KillManual), enforcer.Decide(key, 0));
    }

    [Fact]
    public async Task The_snapshot_carries_a_checkpoint_of_the_audit_log_that_the_logs_own_key_signed()
    {
        var log = await portal.GetAsync<LogKey>();
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        string? note = null;
        // A new generation each time, until the log that has just begun is signed for the first time.
        for (var attempt = 0; note is null && attempt < 100; attempt++)
        {
            await portal.TokenAsync("gates.write");
            note = (string?)(await DocumentAsync())["log_checkpoint"];
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        var checkpoint = SignedCheckpoint.Open(note!, [PinnedKey.Parse(log.Public)]);
        Assert.Equal(log.Origin, checkpoint.Origin);
        Assert.Null(await FetchAsync(gateway, new LocalEnforcer("test", await CertificateAsync(gateway))));
    }

    [Fact]
    public async Task The_same_generation_is_answered_304_and_a_new_one_is_not()
    {
        var key = await GivenAnApprovedAsync();
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        using var first = await gateway.GetAsync("/gov/v1/snapshot");
        gateway.DefaultRequestHeaders.IfNoneMatch.Add(first.Headers.ETag!);

        using var same = await gateway.GetAsync("/gov/v1/snapshot");
        Assert.Equal((HttpStatusCode.NotModified, "0"), (same.StatusCode, same.Headers.GetValues("X-Gov-Age").Single()));
        await StopAsync(key);
        using var changed = await gateway.GetAsync("/gov/v1/snapshot");
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Fact]
    public async Task Without_a_token_for_enforcement_there_is_neither_snapshot_nor_stream_nor_ack()
    {
        using var stranger = await portal.WithTokenAsync("telemetry.write");

        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/gov/v1/snapshot")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/gov/v1/stream")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.PostAsJsonAsync("/gov/v1/acks", new { })).StatusCode);
    }

    [Theory]
    [InlineData("state", null)]
    [InlineData("state", "")]
    [InlineData("state", "Allow")]
    [InlineData("state", "something-new")]
    [InlineData("approved", null)]
    [InlineData("use_case", "UC-9998")]
    public async Task A_blank_missing_or_unknown_field_of_an_entry_reads_as_deny(string field, string? value)
    {
        var key = await GivenAnApprovedAsync();
        var document = await DocumentAsync();
        var entry = document["use_cases"]!.AsArray().Single(e => e!["use_case"]!.GetValue<string>() == key)!.AsObject();
        if (value is null)
        {
            entry.Remove(field);
        }
        else
        {
            entry[field] = value;
        }

        var enforcer = new LocalEnforcer("test");
        Assert.Null(enforcer.Apply(Encoding.UTF8.GetBytes(document.ToJsonString()), "", 0));
        Assert.False(enforcer.Decide(key, 0).Allowed);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("everything")]
    [InlineData("models")]
    [InlineData("gateways")]
    [InlineData("use_cases")]
    [InlineData("generation")]
    [InlineData("format")]
    public async Task A_document_with_a_part_missing_is_refused_whole_and_what_is_held_stays(string part)
    {
        var key = await GivenAnApprovedAsync();
        var document = await DocumentAsync();
        var enforcer = new LocalEnforcer("test");
        Assert.Null(enforcer.Apply(Encoding.UTF8.GetBytes(document.ToJsonString()), "", 0));
        document.AsObject().Remove(part);

        Assert.Equal("unreadable", enforcer.Apply(Encoding.UTF8.GetBytes(document.ToJsonString()), "", 0));
        Assert.True(enforcer.Decide(key, 0).Allowed);
    }

    [Fact]
    public async Task A_changed_byte_another_key_and_an_older_generation_are_refused()
    {
        var key = await GivenAnApprovedAsync();
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        using var answer = await gateway.GetAsync("/gov/v1/snapshot");
        var (body, signature) = (await answer.Content.ReadAsByteArrayAsync(), answer.Headers.GetValues("X-Gov-Signature").Single());
        var enforcer = new LocalEnforcer("test", await CertificateAsync(gateway));
        using var another = CoEPortal.Evidence.Pdf.SigningCertificate.CreateEcdsa("Mallory", TimeProvider.System.GetUtcNow());

        var forged = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace("\"deny\"", "\"Deny\"", StringComparison.Ordinal));
        Assert.Equal("bad-signature", enforcer.Apply(forged, signature, 0));
        Assert.Equal("bad-signature", enforcer.Apply(body, new SnapshotSigner(() => another).Sign(body), 0));
        Assert.Equal("bad-signature", enforcer.Apply(body, "", 0));
        Assert.Null(new LocalEnforcer("test", another).Apply(body, new SnapshotSigner(() => another).Sign(body), 0));

        await StopAsync(key);
        Assert.Null(await FetchAsync(gateway, enforcer));
        Assert.Equal("older", enforcer.Apply(body, signature, 0));
        Assert.False(enforcer.Decide(key, 0).Allowed);
    }

    [Fact]
    public async Task A_key_is_in_the_snapshot_as_a_hash_only_and_no_token_at_all()
    {
        var key = await GivenAnApprovedAsync();
        using var lead = await portal.AsAsync("coe-lead");
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        (await lead.PostAsJsonAsync($"/api/v1/use-cases/{key}/bindings", new { kind = "keyHash", value = hash, gateway = "nginx-test" })).EnsureSuccessStatusCode();
        await (await portal.GetAsync<SwitchBoard>()).RefreshAsync();

        var text = (await DocumentAsync()).ToJsonString();
        Assert.Contains(hash, text, StringComparison.Ordinal);
        Assert.DoesNotContain("coe_", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_max_stale_each_tier_does_what_its_fail_mode_says_and_what_was_stopped_stays_stopped()
    {
        var (low, stopped) = (await GivenAnApprovedAsync(), await GivenAnApprovedAsync());
        var high = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Pre-Effectuation Review / Targeted Denial Review Models"));
        await StopAsync(stopped);
        var enforcer = new LocalEnforcer("test");
        Assert.Null(enforcer.Apply(Encoding.UTF8.GetBytes((await DocumentAsync()).ToJsonString()), "", 0));

        Assert.Equal((true, ""), enforcer.Decide(high, 59_000));
        Assert.Equal((false, Verdict.Stale), enforcer.Decide(high, 61_000));
        Assert.Equal((true, Verdict.FailOpen), enforcer.Decide(low, 3_601_000));
        Assert.Equal((false, Verdict.KillManual), enforcer.Decide(stopped, 3_601_000));
    }

    private Task<string> GivenAnApprovedAsync() => portal.GivenAnApprovedAsync(TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot"));

    private async Task StopAsync(string key)
    {
        using var lead = await portal.AsAsync("coe-lead");
        (await lead.PostAsJsonAsync($"/api/v1/switches/use-case/{key}/engage", new { mode = "stop", reason = "Wrong answers." })).EnsureSuccessStatusCode();
        await (await portal.GetAsync<SwitchBoard>()).RefreshAsync();
    }

    private async Task<JsonNode> DocumentAsync()
    {
        await (await portal.GetAsync<SwitchBoard>()).RefreshAsync();
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        return JsonNode.Parse(await gateway.GetStringAsync("/gov/v1/snapshot"))!;
    }

    private static async Task<X509Certificate2> CertificateAsync(HttpClient gateway) => X509Certificate2.CreateFromPem(await gateway.GetStringAsync("/gov/v1/certificate"));

    private static async Task<string?> FetchAsync(HttpClient gateway, LocalEnforcer enforcer)
    {
        using var answer = await gateway.GetAsync("/gov/v1/snapshot");
        return enforcer.Apply(await answer.Content.ReadAsByteArrayAsync(), answer.Headers.GetValues("X-Gov-Signature").Single(), 0);
    }
}
