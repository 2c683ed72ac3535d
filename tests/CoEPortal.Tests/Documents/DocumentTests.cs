using CoEPortal.Governance.Access;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Privacy;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Documents;

/// <summary>Papers of a use case: kept by their hash, read by whoever reads the use case, and gone only while nobody can have relied on them.</summary>
public sealed class DocumentTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private const string Key = "UC-0001";

    private static readonly UploadedFile Report = UploadedFile.Read("../pentest\u202E.pdf", "%PDF-1.7\nfound nothing"u8.ToArray());

    [Fact]
    public async Task A_document_is_read_by_whoever_reads_the_use_case_and_its_hash_is_in_the_log()
    {
        await GivenASubmittedAsync(ClaimsProposal);

        var added = await Keep.AddAsync(Key, "  Penetration test,\nOctober ", Report, Who("security"));

        Assert.Equal((1, "Penetration test, October", "pentest.pdf", "application/pdf", Report.Hash), (added.Number, added.Title, added.FileName, added.MediaType, added.ContentHash));
        Assert.Equal(Report.Content, (await Keep.FetchAsync(Key, 1, Who("auditor"))).Content);
        Assert.Equal(Report.Content, (await Keep.FetchAsync(Key, 1, Who("submitter"))).Content);
        Assert.Equal("DocumentAdded", (await ActionsAsync(Key))[^1]);
        await Assert.ThrowsAsync<NotFoundException>(() => Keep.FetchAsync(Key, 1, Who("submitter2")));
        await Assert.ThrowsAsync<NotFoundException>(() => Keep.OfAsync(Key, Who("submitter2")));
        await Assert.ThrowsAsync<NotFoundException>(() => Keep.FetchAsync(Key, 2, Who("auditor")));
    }

    [Fact]
    public async Task Who_may_not_add_what_has_no_title_and_what_is_there_already_is_refused()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        await Keep.AddAsync(Key, "Test", Report, Who("submitter"));

        Assert.Equal("not-permitted", await RuleAsync(() => Keep.AddAsync(Key, "Test", Text("x"), Who("auditor"))));
        Assert.Equal("title-required", await RuleAsync(() => Keep.AddAsync(Key, " \n", Text("x"), Who("submitter"))));
        Assert.Equal("title-required", await RuleAsync(() => Keep.AddAsync(Key, new string('x', 201), Text("x"), Who("submitter"))));
        Assert.Equal("document-known", await RuleAsync(() => Keep.AddAsync(Key, "The same again", Report, Who("legal"))));
        await Assert.ThrowsAsync<NotFoundException>(() => Keep.AddAsync(Key, "Test", Text("x"), Who("submitter2")));
        await Assert.ThrowsAsync<NotFoundException>(() => Keep.AddAsync("UC-9999", "Test", Text("x"), Who("coe-lead")));
        Assert.Single((await Keep.OfAsync(Key, Who("auditor"))).Documents);
    }

    [Fact]
    public async Task Withdrawn_before_anything_was_submitted_with_it_its_content_goes_and_its_hash_stays()
    {
        await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        await Keep.AddAsync(Key, "Wrong file", Report, Who("submitter"));

        var withdrawn = await Keep.WithdrawAsync(Key, 1, "Meant for another", Who("submitter"));

        Assert.False(withdrawn.IsKept);
        Assert.Equal(Report.Hash, Assert.Single((await Keep.OfAsync(Key, Who("submitter"))).Documents).ContentHash);
        await Assert.ThrowsAsync<NotFoundException>(() => Keep.FetchAsync(Key, 1, Who("submitter")));
        Assert.Equal("already-withdrawn", await RuleAsync(() => Keep.WithdrawAsync(Key, 1, "Again", Who("submitter"))));
        // The number is not given again, and the same content may come back.
        Assert.Equal(2, (await Keep.AddAsync(Key, "Right after all", Report, Who("submitter"))).Number);
    }

    [Fact]
    public async Task What_a_review_is_decided_with_is_signed_with_it_and_withdrawing_it_ends_that_review_and_leaves_it_readable()
    {
        await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        await Keep.AddAsync(Key, "Opinion", Report, Who("submitter"));
        await Get<Governance.Approvals.SubmitProposal>().RunAsync(Key, null, Who("submitter"));

        Assert.Equal([new ReviewedRecord($"{Key}/D1", Report.Hash)], (await UseCaseAsync(Key)).Revisions.Single().Records);
        Assert.Equal("reason-required", await RuleAsync(() => Keep.WithdrawAsync(Key, 1, " ", Who("submitter"))));
        Assert.Equal("in-review", await RuleAsync(() => Keep.WithdrawAsync(Key, 1, "A newer one is there", Who("submitter"))));
        Assert.Equal(Stage.InReview, (await UseCaseAsync(Key)).Stage);
        Assert.Equal("a_record_under_review_does_not_change", await BrokenAsync("update use_case_document set withdrawn_by = 'x', withdrawn_by_name = 'x', withdrawn_at = now(), reason = 'x'"));

        Assert.True((await Keep.WithdrawAsync(Key, 1, "A newer one is there", Who("submitter"), endsReviews: true)).IsKept);
        Assert.NotEqual(Stage.InReview, (await UseCaseAsync(Key)).Stage);
        Assert.Equal(Report.Content, (await Keep.FetchAsync(Key, 1, Who("auditor"))).Content);
    }

    [Fact]
    public async Task What_came_during_a_review_stays_once_somebody_has_decided()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await Keep.AddAsync(Key, "Read by nobody", Text("one"), Who("submitter"));
        Assert.False((await Keep.WithdrawAsync(Key, 1, "Wrong file", Who("submitter"))).IsKept);

        await Keep.AddAsync(Key, "Read by Security", Report, Who("submitter"));
        await DecideAsync((await OpenTaskAsync(Key, Role.Security))!, "security", Governance.Approvals.DecisionKind.Approve);
        Assert.True((await Keep.WithdrawAsync(Key, 2, "A newer one is there", Who("submitter"))).IsKept);
    }

    [Fact]
    public async Task A_reason_is_judged_as_it_is_kept()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        await Keep.AddAsync(Key, "Test", Report, Who("submitter"));

        Assert.Equal("reason-required", await RuleAsync(() => Keep.WithdrawAsync(Key, 1, "\u0007", Who("submitter"))));
        Assert.Equal("reason-required", await RuleAsync(() => Keep.WithdrawAsync(Key, 1, string.Concat(Enumerable.Repeat("a@b.c ", 166)), Who("submitter"))));
    }

    [Fact]
    public async Task While_evidence_of_the_use_case_is_locked_no_content_goes()
    {
        await GivenAnApprovedAsync(HelpBotProposal);
        await Keep.AddAsync(Key, "After the approval", Report, Who("submitter"));
        var incident = (await Get<ReportIncident>().RunAsync(new IncidentReport("Wrong answers", UseCaseKeys: [Key]), Who("security"))).Key;
        await Get<HandleIncident>().LockAsync(incident, Key, Clock.GetUtcNow().AddHours(-1), null, Who("security"));

        Assert.True((await Keep.WithdrawAsync(Key, 1, "No longer right", Who("submitter"))).IsKept);
    }

    [Fact]
    public async Task Of_a_use_case_that_is_held_no_content_goes()
    {
        await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        await Keep.AddAsync(Key, "Letter", Report, Who("submitter"));
        await Get<SetLegalHold>().RunAsync(HoldKind.UseCase, Key, "Claim 4711", Who("legal"));

        Assert.True((await Keep.WithdrawAsync(Key, 1, "No longer right", Who("submitter"))).IsKept);
        Assert.Equal(Report.Content, (await Keep.FetchAsync(Key, 1, Who("auditor"))).Content);
    }

    [Fact]
    public async Task Only_privacy_and_the_centre_withdraw_what_another_added()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        await Keep.AddAsync(Key, "One", Text("one"), Who("submitter"));
        await Keep.AddAsync(Key, "Two", Text("two"), Who("submitter"));

        Assert.Equal("not-permitted", await RuleAsync(() => Keep.WithdrawAsync(Key, 1, "Mine is better", Who("legal"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Keep.WithdrawAsync(Key, 1, "x", Who("auditor"))));
        Assert.NotNull((await Keep.WithdrawAsync(Key, 1, "Names a patient", Who("privacy"))).WithdrawnAt);
        Assert.NotNull((await Keep.WithdrawAsync(Key, 2, "Of last year", Who("coe-lead"))).WithdrawnAt);
    }

    [Fact]
    public async Task Of_two_who_add_the_same_at_once_one_is_told_and_numbers_are_given_once()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        var people = new[] { "submitter", "legal", "security", "privacy" };

        var said = await Task.WhenAll(people.Select(p => TriedAsync(() => Keep.AddAsync(Key, p, Report, Who(p)))).Concat(people.Select(p => TriedAsync(() => Keep.AddAsync(Key, p, Text(p), Who(p))))));

        Assert.Equal(3, said.Count(s => s == "document-known"));
        Assert.Equal([5, 4, 3, 2, 1], (await Keep.OfAsync(Key, Who("auditor"))).Documents.Select(d => d.Number));
    }

    [Fact]
    public async Task The_database_takes_no_other_content_gives_none_up_that_was_relied_on_and_brings_none_back()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        await Keep.AddAsync(Key, "Test", Report, Who("submitter"));

        Assert.Equal("only_added_to", await BrokenAsync("update use_case_document_file set content = '\\x00'"));
        Assert.Equal("what_was_relied_on_stays", await BrokenAsync("delete from use_case_document_file"));
        await Keep.WithdrawAsync(Key, 1, "Old", Who("submitter"));
        Assert.Equal("a_withdrawn_document_stays_withdrawn", await BrokenAsync("update use_case_document set withdrawn_at = null, withdrawn_by = null, withdrawn_by_name = null, reason = ''"));
        Assert.Equal("a_document_is_what_it_says", await BrokenAsync(
            "insert into use_case_document_file (document_id, content) select id, '\\x00' from use_case_document"));
    }

    [Fact]
    public async Task There_are_as_many_documents_as_can_be_read_and_no_more()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        await AsOwnerAsync(
            $"""
            insert into use_case_document (id, use_case_key, number, title, file_name, media_type, length, content_hash, keys_taken, added_by, added_by_name, added_at,
                    withdrawn_by, withdrawn_by_name, withdrawn_at, reason, is_kept, version, event_count)
                select gen_random_uuid(), '{Key}', n, 'x', 'x', 'text/plain', 1, 'sha256:' || encode(sha256(n::text::bytea), 'hex'), false, 'x', 'x', now(), 'x', 'x', now(), 'x', false, 1, 0
                from generate_series(1, {UseCaseDocument.Most}) n
            """);

        Assert.Equal("too-many-documents", await RuleAsync(() => Keep.AddAsync(Key, "One more", Report, Who("submitter"))));
    }

    private KeepDocuments Keep => Get<KeepDocuments>();

    private static UploadedFile Text(string text) => UploadedFile.Read("a.txt", System.Text.Encoding.UTF8.GetBytes(text));

    private static async Task<string> TriedAsync(Func<Task> act)
    {
        try
        {
            await act();
            return "";
        }
        catch (RuleViolationException refusal)
        {
            return refusal.Rule;
        }
    }

    private async Task<string?> BrokenAsync(string sql) => (await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync(sql))).ConstraintName;
}
