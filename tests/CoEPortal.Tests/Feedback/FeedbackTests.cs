using CoEPortal.Governance.Access;
using CoEPortal.Governance.Feedback;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Feedback;

public sealed class FeedbackTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Feedback_sent_twice_is_one_and_a_claim_counts_only_for_an_unbound_token()
    {
        var (key, other) = (await GivenAnApprovedAsync(HelpBotProposal), await GivenAnApprovedAsync(HelpBotProposal));
        var down = new ReportedFeedback("f1", other, FeedbackDraft.Of(false, 2, "Wrong tariff", "chatcmpl-1"), Noon);

        Assert.Equal(new RecordedFeedback(1, 1, 0), await Get<RecordFeedback>().RunAsync([down, down], key, "claims-ui"));
        Assert.Equal(new RecordedFeedback(0, 1, 0), await Get<RecordFeedback>().RunAsync([down], key, "claims-ui"));
        Assert.Equal(new RecordedFeedback(1, 0, 1), await Get<RecordFeedback>().RunAsync([down, down with { Id = "f2", ClaimedUseCase = "UC-9999" }], null, "hub"));

        var one = Assert.Single((await Get<FeedbackInbox>().PageAsync(new FeedbackFilter(UseCaseKey: key), Who("coe-lead"))).Items);
        Assert.Equal(("chatcmpl-1", Opinion.Negative, 2, "Wrong tariff", "claims-ui", FeedbackState.New), (one.CallId, one.Opinion, one.Score, one.Text, one.GivenByName, one.State));
    }

    [Theory]
    [InlineData("My key is sk-proj-abcdef123456 and it fails", "My key is [key] and it fails")]
    [InlineData("It showed -----BEGIN RSA PRIVATE KEY-----\nMIIEow+abc/=\n-----END RSA PRIVATE KEY----- to me", "It showed [key] to me")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMIIEow, cut off", "[key], cut off")]
    [InlineData("Ask ines.moreau@example.org about it", "Ask [e-mail] about it")]
    [InlineData("Paid from DE89 3704 0044 0532 0130 00 twice", "Paid from [account] twice")]
    [InlineData("Call +49 170 1234567 back", "Call [number] back")]
    [InlineData("It said 42 instead of 31, on page 12", "It said 42 instead of 31, on page 12")]
    [InlineData("a\u0000b", "ab")]
    public void What_must_not_be_stored_is_taken_out(string said, string kept) =>
        Assert.Equal(kept, FeedbackDraft.Of(true, null, said, null).Text);

    [Theory]
    [InlineData(null, null, "opinion-required")]
    [InlineData(true, 6, "score-out-of-range")]
    [InlineData(null, 0, "score-out-of-range")]
    public async Task An_opinion_is_thumbs_or_a_score_from_1_to_5(bool? isGood, int? score, string rule) =>
        Assert.Equal(rule, await RuleAsync(() => Task.FromResult(FeedbackDraft.Of(isGood, score, "", null))));

    [Fact]
    public async Task Whoever_may_not_read_use_cases_reads_no_feedback()
    {
        var nobody = new Actor(PersonId.Of("nobody", "example"), "Nobody", new HashSet<Role>(), "");

        Assert.Equal("not-permitted", await RuleAsync(() => Get<FeedbackInbox>().OneAsync(Guid.CreateVersion7(), nobody)));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<FeedbackInbox>().PageAsync(new FeedbackFilter(), nobody)));
    }

    [Fact]
    public async Task A_text_or_a_call_id_beyond_bounds_is_refused()
    {
        Assert.Equal("text-too-long", await RuleAsync(() => Task.FromResult(FeedbackDraft.Of(true, null, new string('a', 4001), null))));
        Assert.Equal("call-id-unusable", await RuleAsync(() => Task.FromResult(FeedbackDraft.Of(true, null, "", new string('a', 201)))));
        Assert.Equal("call-id-unusable", await RuleAsync(() => Task.FromResult(FeedbackDraft.Of(true, null, "", "a\nb"))));
    }

    [Theory]
    [InlineData(1, Opinion.Negative)]
    [InlineData(3, Opinion.Neutral)]
    [InlineData(4, Opinion.Positive)]
    public void Without_thumbs_the_score_says_what_the_opinion_is(int score, Opinion opinion) =>
        Assert.Equal(opinion, FeedbackDraft.Of(null, score, null, null).Opinion);

    [Fact]
    public async Task Feedback_is_triaged_to_a_person_done_and_opened_again_and_each_step_is_in_the_audit_log()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var feedback = await Get<EnterFeedback>().RunAsync(key, FeedbackDraft.Of(false, null, "Wrong tariff", null), Who("submitter"));

        var triaged = await Get<TriageFeedback>().RunAsync(feedback.Id, FeedbackFix.Retrieval, Who("submitter").Id, "Tariffs of 2025 are in the index.", Who("coe-lead"));
        Assert.Equal((FeedbackState.Triaged, FeedbackFix.Retrieval, Who("submitter").Name), (triaged.State, triaged.Fix, triaged.AssigneeName));
        Assert.Single((await Get<FeedbackInbox>().PageAsync(new FeedbackFilter(Mine: true), Who("submitter"))).Items);
        Assert.Equal("note-required", await RuleAsync(() => Get<TriageFeedback>().FinishAsync(feedback.Id, " ", Who("submitter"))));
        await Get<TriageFeedback>().FinishAsync(feedback.Id, "Index of November is in use.", Who("submitter"));
        Assert.Equal("feedback-done", await RuleAsync(() => Get<TriageFeedback>().FinishAsync(feedback.Id, "Again.", Who("submitter"))));
        await Get<TriageFeedback>().RunAsync(feedback.Id, FeedbackFix.Ui, null, "It came back.", Who("coe-lead"));

        Assert.Equal(["FeedbackEntered", "FeedbackTriaged", "FeedbackDone", "FeedbackTriaged"], (await ActionsAsync(key)).Where(a => a.StartsWith("Feedback", StringComparison.Ordinal)));
        Assert.Equal(new FeedbackCounts(0, 1, 0), await Get<FeedbackInbox>().CountsAsync(new FeedbackFilter(), Who("coe-lead")));
    }

    [Fact]
    public async Task Two_people_who_triage_at_once_do_not_overwrite_each_other()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var feedback = await Get<EnterFeedback>().RunAsync(key, FeedbackDraft.Of(false, null, "Wrong", null), Who("submitter"));
        await Get<TriageFeedback>().RunAsync(feedback.Id, FeedbackFix.Prompt, null, "", Who("coe-lead"), feedback.Version);

        Assert.Equal("changed-meanwhile", await RuleAsync(() => Get<TriageFeedback>().RunAsync(feedback.Id, FeedbackFix.Tool, null, "", Who("submitter"), feedback.Version)));
    }

    [Fact]
    public async Task Who_may_not_know_of_a_use_case_reads_triages_and_enters_nothing_of_it()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var feedback = await Get<EnterFeedback>().RunAsync(key, FeedbackDraft.Of(true, null, "Good", null), Who("submitter"));
        var stranger = Who("submitter2");

        Assert.Empty((await Get<FeedbackInbox>().PageAsync(new FeedbackFilter(), stranger)).Items);
        await Assert.ThrowsAsync<NotFoundException>(() => Get<TriageFeedback>().RunAsync(feedback.Id, FeedbackFix.Ui, null, "", stranger));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<EnterFeedback>().RunAsync(key, FeedbackDraft.Of(true, null, "", null), stranger));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<TriageFeedback>().RunAsync(feedback.Id, FeedbackFix.Ui, null, "", Who("auditor"))));
        Assert.Equal("assignee-cannot", await RuleAsync(() => Get<TriageFeedback>().RunAsync(feedback.Id, FeedbackFix.Ui, stranger.Id, "", Who("coe-lead"))));
    }

    [Fact]
    public async Task The_inbox_filters_counts_and_pages()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await Get<RecordFeedback>().RunAsync(
            [.. Enumerable.Range(0, 25).Select(i => new ReportedFeedback($"f{i}", null, FeedbackDraft.Of(i % 5 != 0, null, $"text {i} 100%", null), Noon.AddMinutes(i)))], key, "ui");
        Clock.Advance(TimeSpan.FromDays(1));

        var page = await Get<FeedbackInbox>().PageAsync(new FeedbackFilter(), Who("coe-lead"), 2, 20);
        Assert.Equal((25, 5, "text 4 100%"), (page.Total, page.Items.Count, page.Items[0].Text));
        Assert.Equal(5, (await Get<FeedbackInbox>().PageAsync(new FeedbackFilter(Opinion: Opinion.Negative), Who("coe-lead"))).Total);
        Assert.Equal(1, (await Get<FeedbackInbox>().PageAsync(new FeedbackFilter(Search: "24 100%"), Who("coe-lead"))).Total);
        Assert.Equal(0, (await Get<FeedbackInbox>().PageAsync(new FeedbackFilter(Search: "t_xt"), Who("coe-lead"))).Total);
        var summary = await Get<FeedbackInbox>().OfUseCaseAsync(key, Who("auditor"));
        Assert.Equal((25, 5, 25), (summary.Opinions, summary.Negative, summary.Waiting));
    }
}
