using CoEPortal.Evidence;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Pdf;
using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Cards;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.Dpia;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Reports;
using CoEPortal.Tests.Gates;
using CoEPortal.Tests.Persistence;
using CoEPortal.Web.Reports;

namespace CoEPortal.Tests.Reports;

/// <summary>One use case: everything, and in agreement with itself.</summary>
public sealed class UseCasePackTests(TestPostgres postgres) : AuditPackTest(postgres)
{
    [Fact]
    public async Task The_evidence_of_a_use_case_with_a_history_agrees_with_itself()
    {
        var key = await GivenAHistoryAsync();

        var pack = await PackAsync(key);
        var bundle = EvidenceBundle.Read(pack.ToBundle("test", "").Write());

        Assert.Empty(BundleCheck.Verify(bundle));
        Assert.Equal(4, bundle.Decisions.Count);
        Assert.Equal(["engaged", "released"], bundle.Switches.Select(s => s.Change));
        Assert.Equal(["security@demo", "coe-lead@demo"], bundle.Switches[1].ActorIds);
        Assert.Equal((2, 1000, 0.5m), (bundle.Usage!.Calls, bundle.Usage.InputTokens, bundle.Usage.Cost));
        Assert.Contains(bundle.Events, e => e.Action == "CredentialBound");
        Assert.Equal((await ActionsAsync(key)).Count, pack.TimelineLength);
    }

    [Fact]
    public async Task What_the_board_decided_on_an_artefact_contradicts_no_revision()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        await Get<RecordGateResult>().RunAsync(key, GateTests.Result(), null, "ci");
        await Get<RequestPromotion>().RunAsync(key, GateTests.Prompt, GateTests.Hash, "Shorter.", null, "ci");
        await DecideAsync((await OpenTaskAsync(key, Role.Security))!, "security", DecisionKind.Approve);

        var bundle = (await PackAsync(key)).ToBundle("test", "");

        Assert.Empty(BundleCheck.Verify(bundle));
        Assert.Contains(bundle.Events, e => e.Action == "DecisionRecorded" && e.ContentHash?.ToString() == GateTests.Hash);
        Assert.All(bundle.Decisions, d => Assert.Equal(bundle.Content.Revisions[0].ContentHash, d.ContentHash));
    }

    [Fact]
    public async Task One_changed_digit_in_the_hash_of_a_decision_is_found()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        LeavesTheDatabaseSound = false;
        await AsOwnerAsync(
            """
            alter table decision disable trigger all;
            update decision set content_hash = overlay(content_hash placing case substr(content_hash, 20, 1) when '0' then '1' else '0' end from 20)
            where function = 'Legal'
            """);

        var findings = BundleCheck.Verify((await PackAsync(key)).ToBundle("test", ""));

        Assert.Equal("decision-content", Assert.Single(findings).Rule);
    }

    [Fact]
    public async Task An_event_that_was_taken_away_is_found()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        LeavesTheDatabaseSound = false;
        await AsOwnerAsync(
            "alter table audit.event disable trigger all; delete from audit.event where action = 'DecisionRecorded' and subject_version = 2");

        var findings = BundleCheck.Verify((await PackAsync(key)).ToBundle("test", ""));

        Assert.Equal("event-version", Assert.Single(findings).Rule);
    }

    [Fact]
    public async Task Articles_are_those_of_the_rules_that_judged_the_revision()
    {
        var key = await GivenAnApprovedAsync(BenefitsProposal);

        var pack = await PackAsync(key);

        Assert.NotEmpty(pack.Shown.Assessment.Articles);
        Assert.All(pack.Shown.Assessment.Articles, a => Assert.NotEmpty(pack.Articles[(pack.Shown.Assessment.RulesVersion, a)].Source));
    }

    [Fact]
    public async Task A_draft_has_no_report()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);

        Assert.Equal("nothing-submitted", await RuleAsync(() => Get<RequestAuditPack>().RunAsync(useCase.Key, Who("coe-lead"))));
    }

    [Fact]
    public async Task The_printed_report_says_it_all_and_carries_evidence_that_verifies()
    {
        SkipWithoutBrowser();
        var key = await GivenAHistoryAsync();
        var id = await Get<RequestAuditPack>().RunAsync(key, Who("auditor"));

        Assert.True(await PrintAsync());
        Assert.False(await PrintAsync());

        var pdf = (await Get<AuditPackJobs>().OfAsync(id, Who("auditor"))).Pdf!;
        var signature = PdfSignatureCheck.Verify(pdf);
        Assert.True(signature.Holds, signature.Refusal);
        var attached = Assert.Single(PdfEvidence.Extract(pdf));
        Assert.Equal(EvidenceBundle.FileName, attached.Name);
        var evidence = EvidenceBundle.Read(attached.Data);
        Assert.Empty(BundleCheck.Verify(evidence));
        Assert.Empty(BundleLogCheck.Verify(evidence, [PinnedKey.Parse(LogKey.Public)], out _));

        var text = await TextAsync(pdf);
        var revision = (await UseCaseAsync(key)).Revisions.Single();
        foreach (var expected in new[]
        {
            "Audit report of UC-0001", "Claims summarisation with retrieval", revision.ContentHash, signature.Signer!.CertificateFingerprint,
            ContentHash.OfBytes(attached.Data.Span).ToString(), "coe audit verify FILE", "2 Proposal", "42 to 31", "3 Score, class and articles",
            "Regulation (EU) 2024/1689", "4 Decisions", "Aisha Rahman", "Keep the logs for six months", "6 Use and budgets", "gpt-4.1", "$0.50",
            "$1,200.00", "/claims", "7 Kill switches", "Wrong sums in letters", "2 h", "8 Timeline", "went into service", "page 1 of", "5 DPIA, cards, gates, incidents and documents", "1 Summary", "What stands out",
            "It does not prove that what was recorded is true",
        })
        {
            Assert.True(Squeezed(text).Contains(Squeezed(expected), StringComparison.Ordinal), $"Not printed: {expected}\n{text}");
        }

        Assert.DoesNotContain("contradicts itself", text, StringComparison.Ordinal);
        using var sameKey = NewKey();
        Assert.Equal(signature.Signer.CertificateFingerprint, SigningCertificate.Fingerprint(sameKey.Certificate));
    }

    [Fact]
    public async Task The_report_says_what_vouches_for_a_use_case_and_what_does_not()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);

        var bare = await HtmlAsync(key);
        foreach (var expected in new[] { "None is recorded in the portal", "No card of this system", "No result of an evaluation was reported", "No finding of a red team is recorded", "None names this use case", "None is kept with this use case" })
        {
            Assert.Contains(expected, bare, StringComparison.Ordinal);
        }

        var assessment = await Get<WriteDpia>().StartAsync(key, Who("submitter"));
        var card = await Get<WriteCard>().StartAsync(new CardDraft(CardKind.System, "Claims summaries", "", key, new CardContent()), Who("submitter"));
        await Get<RecordGateResult>().RunAsync(key, GateTests.Result(), null, "ci");
        var finding = await Get<FollowFinding>().ReportAsync(key, new FindingDraft("Tells its prompt <b>", "Asked twice.", Severity.High, OwaspRisk.SystemPromptLeakage, Who("submitter").Id, null), Who("security"));
        var incident = await Get<ReportIncident>().RunAsync(new Governance.Incidents.IncidentReport("Wrong sums", UseCaseKeys: [key]), Who("security"));
        var document = await Get<KeepDocuments>().AddAsync(key, "Penetration test", UploadedFile.Read("a.pdf", "%PDF-1.7"u8.ToArray()), Who("security"));

        var full = await HtmlAsync(key);
        foreach (var expected in new[] { assessment.Key, card.Key, GateTests.Hash, "not signed", finding.Key, "Tells its prompt &lt;b&gt;", "LLM07", incident.Key, "Penetration test", document.ContentHash, "1 incident is not resolved." })
        {
            Assert.Contains(expected, full, StringComparison.Ordinal);
        }

        var portfolio = await PackAsync<PortfolioPack>(new PortfolioSubject(null, null, null));
        Assert.Equal((assessment.Key, card.Key, 1, 1), Assert.Single(portfolio.UseCases).Assurance is var has ? (has.Assessment!.Key, has.Card!.Key, has.OpenFindings, has.OpenIncidents) : default);
    }

    [Fact]
    public async Task A_record_that_contradicts_itself_is_printed_and_says_so_on_the_cover()
    {
        SkipWithoutBrowser();
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        LeavesTheDatabaseSound = false;
        await AsOwnerAsync(
            "alter table audit.event disable trigger all; delete from audit.event where action = 'ReviewOpened'");
        var id = await Get<RequestAuditPack>().RunAsync(key, Who("auditor"));

        await PrintAsync();

        Assert.Contains("The record contradicts itself", await TextAsync((await Get<AuditPackJobs>().OfAsync(id, Who("auditor"))).Pdf!), StringComparison.Ordinal);
    }

    private async Task<string> HtmlAsync(string key) =>
        await NewHtml().OfAsync(await PackAsync(key), new AuditPackImprint(new Organisation(), "", Clock.GetUtcNow(), "", "", [], ""));
}
