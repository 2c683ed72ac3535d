using System.Security.Cryptography;
using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Gates;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Gates;

public sealed class PipelineKeyTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private readonly ECDsa _pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public override async ValueTask DisposeAsync()
    {
        _pair.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Once_a_key_was_added_a_result_counts_only_when_it_is_signed_and_an_older_one_no_more()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        Assert.True((await PushAsync(key, GateTests.Result())).Check.Passes);

        var signer = await AddAsync(key);

        Assert.Equal("gate-not-signed", (await HeldAsync(key)).Rule);
        Assert.Equal("signature-required", await RuleAsync(() => PushAsync(key, GateTests.Result("build-2"))));
        Assert.Equal("run-reused", await RuleAsync(() => PushAsync(key, Signed(key, GateTests.Result()))));
        Assert.True((await PushAsync(key, Signed(key, GateTests.Result("build-2")))).Check.Passes);
        Assert.False((await PushAsync(key, Signed(key, GateTests.Result("build-2")))).IsNew);
        Assert.Equal(PromotionState.Open, (await AskAsync(key)).State);
        var newest = (await Get<GateBoard>().ResultsAsync(key, Who("auditor"))).Items[0];
        var (signature, by) = await Get<GateBoard>().SignatureAsync(key, newest.Id, Who("auditor"));
        Assert.Equal((signer.Id, signer.Id), (newest.KeyId!.Value, by.Id));
        Assert.True(_pair.VerifyData(signature.Body, signature.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<GateBoard>().SignatureAsync(key, newest.Id, Who("submitter2")));
    }

    [Fact]
    public async Task A_signature_is_of_these_very_bytes_for_this_use_case_by_a_key_in_force()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        var signer = await AddAsync(key);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var good = Signed(key, GateTests.Result()).Proof!;
        Task<string> Rule(SignedReport proof) => RuleAsync(() => PushAsync(key, GateTests.Result() with { Proof = proof }));

        Assert.Equal("signature-invalid", await Rule(good with { Body = [.. good.Body, (byte)' '] }));
        Assert.Equal("signature-invalid", await Rule(good with { Signature = [.. good.Signature[..^1], (byte)(good.Signature[^1] ^ 1)] }));
        Assert.Equal("signature-invalid", await Rule(good with { Signature = new byte[71] }));
        Assert.Equal("signature-invalid", await Rule(good with { Signature = stranger.SignData(good.Body, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence) }));
        Assert.Equal("signed-for-another", await Rule(good with { UseCaseKey = "UC-9999" }));
        Assert.Equal("signed-for-another", await Rule(good with { UseCaseKey = null }));
        Clock.Advance(signer.GoodUntil - Clock.GetUtcNow());
        Assert.Equal("signature-invalid", await Rule(good));
        Assert.Empty((await Get<GateBoard>().ResultsAsync(key, Who("auditor"))).Items);
    }

    [Fact]
    public async Task What_a_lost_key_signed_since_it_was_lost_counts_no_more_and_what_it_signed_before_does()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        var signer = await AddAsync(null);
        await PushAsync(key, Signed(key, GateTests.Result("build-1")));
        Clock.Advance(TimeSpan.FromDays(1));
        var lost = Clock.GetUtcNow();
        Clock.Advance(TimeSpan.FromDays(1));
        await PushAsync(key, Signed(key, GateTests.Result("build-2", figures: [("accuracy", 1m), ("hallucination-rate", 0m)], daysAgo: -2)));

        await Get<ManagePipelineKeys>().RevokeAsync(signer.Id, "Found in a public repository.", lost, Who("admin"));

        var check = (await Get<GateBoard>().OfAsync(key, Who("auditor"))).Artefacts.Single();
        Assert.Equal(("build-1", true), (check.Gates[0].Result!.RunId, check.Passes));
        Assert.Equal("signature-invalid", await RuleAsync(() => PushAsync(key, Signed(key, GateTests.Result("build-3")))));
        Assert.Equal("signature-required", await RuleAsync(() => PushAsync(key, GateTests.Result("build-3"))));
        Assert.Equal("already-revoked", await RuleAsync(() => Get<ManagePipelineKeys>().RevokeAsync(signer.Id, "Again.", null, Who("admin"))));
        Assert.Equal("key-known", await RuleAsync(() => AddAsync(null)));
        var back = await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update pipeline_key set revoked_at = null, revoked_by = null, reason = '', distrusted_from = null"));
        Assert.Equal("a_revoked_key_stays_revoked", back.ConstraintName);
        var rewritten = await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update gate_signature set body = '\\x00'"));
        Assert.Equal("only_added_to", rewritten.ConstraintName);
    }

    [Fact]
    public async Task A_key_that_was_distrusted_from_its_first_day_leaves_its_results_without_weight()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        var signer = await AddAsync(key);
        await PushAsync(key, Signed(key, GateTests.Result()));

        await Get<ManagePipelineKeys>().RevokeAsync(signer.Id, "Never ours.", signer.AddedAt, Who("coe-lead"));

        var held = await HeldAsync(key);
        Assert.Equal("gate-not-signed", held.Rule);
        Assert.Contains("not trusted any more", held.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_public_halves_on_one_curve_added_by_those_who_manage_tokens()
    {
        using var rsa = RSA.Create(2048);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Task<string> Rule(string pem, string? useCase = null, int days = 365, string by = "admin", string name = "ci") =>
            RuleAsync(() => Get<ManagePipelineKeys>().AddAsync(name, pem, useCase, Clock.GetUtcNow().AddDays(days), Who(by)));

        Assert.Equal("private-key-sent", await Rule(_pair.ExportECPrivateKeyPem()));
        Assert.Equal("private-key-sent", await Rule(_pair.ExportPkcs8PrivateKeyPem()));
        Assert.Equal("key-unusable", await Rule(rsa.ExportSubjectPublicKeyInfoPem()));
        Assert.Equal("key-unusable", await Rule(other.ExportSubjectPublicKeyInfoPem()));
        Assert.Equal("key-unusable", await Rule("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"));
        Assert.Equal("key-unusable", await Rule(""));
        var pem = _pair.ExportSubjectPublicKeyInfoPem();
        Assert.Equal("name-required", await Rule(pem, name: " "));
        Assert.Equal("validity-out-of-range", await Rule(pem, days: 0));
        Assert.Equal("validity-out-of-range", await Rule(pem, days: 732));
        Assert.Equal("not-permitted", await Rule(pem, by: "security"));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<ManagePipelineKeys>().AddAsync("ci", pem, "UC-9999", Clock.GetUtcNow().AddDays(1), Who("admin")));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<GateBoard>().KeysAsync(Who("submitter"))));
        var added = await AddAsync(null);
        Assert.Equal("reason-required", await RuleAsync(() => Get<ManagePipelineKeys>().RevokeAsync(added.Id, " ", null, Who("admin"))));
        Assert.Equal("moment-unusable", await RuleAsync(() => Get<ManagePipelineKeys>().RevokeAsync(added.Id, "Lost.", Clock.GetUtcNow().AddDays(1), Who("admin"))));
        Assert.Equal(pem.Trim(), Assert.Single((await Get<GateBoard>().KeysAsync(Who("auditor"))).Items).ToPem().Trim());
    }

    private Task<PipelineKey> AddAsync(string? useCaseKey) =>
        Get<ManagePipelineKeys>().AddAsync("ci", _pair.ExportSubjectPublicKeyInfoPem(), useCaseKey, Clock.GetUtcNow().AddDays(365), Who("admin"));

    private ReportedResult Signed(string useCaseKey, ReportedResult result)
    {
        var body = Encoding.UTF8.GetBytes($"{useCaseKey} {result.RunId} {result.ArtefactHash}");
        return result with { Proof = new SignedReport(useCaseKey, body, _pair.SignData(body, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)) };
    }

    private Task<RecordedResult> PushAsync(string key, ReportedResult result) => Get<RecordGateResult>().RunAsync(key, result, null, "ci");

    private Task<Promotion> AskAsync(string key) => Get<RequestPromotion>().RunAsync(key, GateTests.Prompt, GateTests.Hash, "Shorter letters.", null, "ci");

    private Task<GateNotPassedException> HeldAsync(string key) => Assert.ThrowsAsync<GateNotPassedException>(() => AskAsync(key));
}
