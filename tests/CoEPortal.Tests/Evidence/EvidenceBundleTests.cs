using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Evidence;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Pdf;

namespace CoEPortal.Tests.Evidence;

public sealed class EvidenceBundleTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 30, 0, 123, 456, TimeSpan.Zero);

    [Fact]
    public void A_bundle_that_agrees_with_itself_has_no_findings()
    {
        Assert.Empty(BundleCheck.Verify(Bundle()));
        Assert.Empty(BundleCheck.Verify(EvidenceBundle.Read(Bundle().Write())));
    }

    [Fact]
    public void A_bundle_is_written_in_canonical_bytes_and_reads_back_to_the_same()
    {
        var written = Bundle().Write();

        Assert.Equal(CanonicalJson.Write(CanonicalJson.Parse(written)), written);
        Assert.Equal(written, EvidenceBundle.Read(written).Write());
        Assert.Equal(written, EvidenceBundle.Read(Encoding.UTF8.GetBytes(JsonNode.Parse(written)!.ToString())).Write());
    }

    [Fact]
    public void Money_and_instants_are_strings_of_one_form()
    {
        var written = JsonNode.Parse(Bundle().Write())!;

        Assert.Equal("12.5", (string?)written["usage"]!["cost"]);
        Assert.Equal("2026-03-01T09:30:00.123456Z", (string?)written["generatedAt"]);
        Assert.Null(written["usage"]!["byModel"]![1]!["cost"]);
    }

    [Fact]
    public void A_bundle_travels_in_a_certified_PDF()
    {
        using var certificate = SigningCertificate.CreateEcdsa("Example", Now);
        var attachment = new Attachment(EvidenceBundle.FileName, EvidenceBundle.MediaType, Bundle().Write(), "The record, for machines");
        var pdf = PdfEvidence.Attach(PlainPdf.OnePage(), [attachment], new PdfSignature(certificate, Now, "Audit pack for UC-0001"));

        Assert.True(PdfSignatureCheck.Verify(pdf).Holds);
        Assert.Empty(BundleCheck.Verify(EvidenceBundle.Read(Assert.Single(PdfEvidence.Extract(pdf)).Data)));
    }

    [Theory]
    [InlineData("riskTier", "low")]
    [InlineData("title", "Claims triage ")]
    [InlineData("added", "x")]
    public void An_edited_revision_no_longer_has_its_hash(string field, string value)
    {
        var bundle = Bundle();
        bundle.Content.Revisions[1].Canonical[field] = value;

        var finding = Assert.Single(BundleCheck.Verify(bundle));

        Assert.Equal("content-hash", finding.Rule);
        Assert.StartsWith("What revision 2 says does not have the hash stated for it", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_revision_without_canonical_form_is_a_finding_and_not_a_crash()
    {
        var bundle = Bundle();
        bundle.Content.Revisions[0].Canonical["title"] = "\ud800";

        Assert.Equal(["content-hash"], Rules(bundle));
    }

    [Fact]
    public void A_decision_on_content_that_is_not_in_the_bundle_is_found()
    {
        var bundle = Bundle();
        var other = bundle.Decisions[0] with { ContentHash = ContentHash.OfBytes("other"u8) };

        Assert.Equal(["decision-content"], Rules(bundle with { Decisions = [other] }));
        Assert.Equal(["decision-content"], Rules(bundle with { Content = new BundleContent([bundle.Content.Revisions[0]]) }));
    }

    [Fact]
    public void A_decision_carried_over_to_another_revision_is_found()
    {
        var bundle = Bundle();

        Assert.Equal(["decision-revision"], Rules(bundle with { Decisions = [bundle.Decisions[0] with { Revision = 1 }] }));
    }

    [Fact]
    public void A_revision_twice_or_out_of_order_is_found()
    {
        var bundle = Bundle();
        var revisions = bundle.Content.Revisions;

        Assert.Equal(["revision-order"], Rules(bundle with { Content = new BundleContent([revisions[1], revisions[0]]) }));
        Assert.Equal(["revision-order"], Rules(bundle with { Content = new BundleContent([revisions[0], revisions[1], revisions[1]]) }));
    }

    [Fact]
    public void An_event_left_out_is_found_unless_it_was_the_newest()
    {
        var bundle = Bundle();
        var events = bundle.Events;

        for (var left = 0; left < events.Count; left++)
        {
            var without = bundle with { Events = [.. events.Where((_, i) => i != left)] };
            var newest = events.Skip(left + 1).All(e => e.SubjectKey != events[left].SubjectKey);
            // The newest can only be missed with a checkpoint, which a bundle does not carry yet.
            Assert.Equal(newest ? [] : ["event-version"], Rules(without));
        }
    }

    [Fact]
    public void An_event_repeated_or_out_of_order_is_found()
    {
        var bundle = Bundle();
        var events = bundle.Events;

        Assert.Contains("event-id", Rules(bundle with { Events = [.. events, events[0]] }));
        Assert.Contains("event-version", Rules(bundle with { Events = [.. events, events[0] with { EventId = Guid.CreateVersion7(Now) }] }));
        Assert.Contains("event-version", Rules(bundle with { Events = [.. events.Reverse()] }));
        Assert.Contains("event-version", Rules(bundle with { Events = [events[0] with { SubjectVersion = int.MaxValue }] }));
    }

    [Fact]
    public void A_bundle_that_was_handed_out_before_there_was_a_log_is_still_read()
    {
        var first = Bundle() with { Schema = "coeportal/evidence-bundle/1" };

        Assert.Empty(Rules(EvidenceBundle.Read(first.Write())));
        Assert.Equal(["unknown-schema"], Rules(first with { Log = new BundleLog("", "", [], []) }));
    }

    [Fact]
    public void A_bundle_from_when_there_were_only_use_cases_is_still_read()
    {
        var second = Bundle() with { Schema = "coeportal/evidence-bundle/2", Log = new BundleLog("", "", [], []) };

        Assert.Empty(Rules(EvidenceBundle.Read(second.Write())));
        Assert.Equal(["unknown-schema"], Rules(second with { Portfolio = [] }));
        Assert.Equal(["unknown-schema"], Rules(second with { Log = second.Log! with { Range = new BundleRange(0, [], []) } }));
    }

    [Fact]
    public void An_unknown_schema_is_refused()
    {
        var newer = Bundle() with { Schema = "coeportal/evidence-bundle/5" };

        Assert.Equal(["unknown-schema"], Rules(newer));
        var refusal = Assert.Throws<BundleFormatException>(() => EvidenceBundle.Read(newer.Write()));
        Assert.Contains("schema is unknown", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"schema":1}""")]
    [InlineData("""{"schema":"coeportal/evidence-bundle/1"}""")]
    [InlineData("""{"schema":"coeportal/evidence-bundle/1","schema":"coeportal/evidence-bundle/1"}""")]
    public void What_is_no_bundle_is_refused(string json)
    {
        Assert.Throws<BundleFormatException>(() => EvidenceBundle.Read(Encoding.UTF8.GetBytes(json)));
    }

    [Theory]
    [InlineData("\"generator\":", "\"generatorr\":")]
    [InlineData("\"generator\":\"coe/1.0\"", "\"generator\":null")]
    [InlineData("\"generator\":\"coe/1.0\"", "\"generator\":\"coe/1.0\",\"note\":\"unchecked\"")]
    [InlineData("\"cost\":\"12.5\"", "\"cost\":12.5")]
    [InlineData("\"cost\":\"12.5\"", "\"cost\":\"12.50\"")]
    [InlineData("\"calls\":3", "\"calls\":\"3\"")]
    [InlineData("2026-03-01T09:30:00.123456Z", "2026-03-01T09:30:00+00:00")]
    [InlineData("\"contentHash\":\"sha256:", "\"contentHash\":\"SHA256:")]
    [InlineData("\"conditions\":[", "\"conditions\":[null,")]
    [InlineData("\"revisions\":[", "\"revisions\":[null,")]
    [InlineData("\"decisions\":[", "\"decisions\":[null,")]
    [InlineData("\"switches\":[", "\"switches\":[null,")]
    [InlineData("\"actorIds\":[", "\"actorIds\":[null,")]
    [InlineData("\"body\":{\"note\":\"as recorded\"}", "\"body\":[1]")]
    [InlineData("\"body\":{\"note\":\"as recorded\"}", "\"body\":\"text\"")]
    [InlineData("\"revision\":1", "\"revision\":1.5")]
    [InlineData("\"eventId\":\"", "\"eventId\":\"x")]
    public void A_field_that_is_not_as_the_schema_says_is_refused(string found, string replacement)
    {
        var written = Encoding.UTF8.GetString(Bundle().Write());
        var changed = written.Replace(found, replacement, StringComparison.Ordinal);

        Assert.NotEqual(written, changed);
        Assert.Throws<BundleFormatException>(() => EvidenceBundle.Read(Encoding.UTF8.GetBytes(changed)));
    }

    private static IEnumerable<string> Rules(EvidenceBundle bundle) => BundleCheck.Verify(bundle).Select(f => f.Rule);

    private static EvidenceBundle Bundle()
    {
        var first = Revision(1, "medium");
        var second = Revision(2, "high");
        return new EvidenceBundle(
            EvidenceBundle.CurrentSchema,
            "UC-0001",
            Now,
            "coe/1.0",
            new BundleContent([first, second]),
            [
                Event("use-case", "UC-0001", 1, "ProposalSubmitted", first.ContentHash),
                Event("switch", "UC-0001/stop", 1, "SwitchEngaged", null),
                Event("use-case", "UC-0001", 2, "ProposalRevised", second.ContentHash),
                Event("use-case", "UC-0001", 3, "ReviewDecided", second.ContentHash),
                Event("switch", "UC-0001/stop", 2, "SwitchReleased", null),
            ],
            [new BundleDecision(2, second.ContentHash, "legal", "legal@demo", "approve-with-conditions", Now, "Fine.", ["Log prompts"])],
            new BundleUsage(
                Now.AddDays(-30), Now, 3, 1, 1000, 200, 12.50m, "USD",
                [new BundleModelUsage("gpt-4o", 2, 0, 900, 150, 12.50m), new BundleModelUsage("local", 1, 1, 100, 50, null)]),
            [new BundleSwitchChange("use-case", "UC-0001", 7, "engaged", "stop", Now, ["operator@demo"], "Wrong answers")]);
    }

    private static BundleRevision Revision(int number, string tier)
    {
        var canonical = new JsonObject
        {
            ["title"] = "Claims triage",
            ["riskTier"] = tier,
            ["budget"] = CanonicalJson.Text(1500.00m),
            ["attachments"] = new JsonArray(ContentHash.OfBytes("dpia"u8).ToString()),
        };
        return new BundleRevision(number, ContentHash.Of(canonical), canonical);
    }

    private static BundleEvent Event(string type, string key, int version, string action, ContentHash? content) => new(
        Guid.CreateVersion7(Now.AddSeconds(version)), type, key, version, Now.AddDays(-1), Now, "submitter@demo", action, content,
        new JsonObject { ["note"] = "as recorded" });
}
