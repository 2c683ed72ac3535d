using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Clearances;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Scoring;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.Patterns;

/// <summary>The fast lane is for what follows a current pattern, is looked at afterwards, and ends when it leaves the pattern.</summary>
public sealed class PatternTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    protected override bool BeginsWithAPattern => true;

    private const string First = "PAT-0001";

    [Fact]
    public async Task What_follows_a_current_pattern_is_cleared_by_rule_with_the_facts_and_the_promise_printed()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);

        var revision = (await UseCaseAsync(key)).Revisions.Single();
        Assert.Equal((Lane.Fast, First, 1), (revision.Assessment.Lane, revision.Assessment.ClearedAs!.Pattern, revision.Assessment.ClearedAs.Version));
        Assert.Equal(["Models: gpt-4o-mini.", "Data: internal.", "Kept in: the EU.", "Sources: Tool documentation."], revision.Assessment.ClearedAs.Facts);
        Assert.Equal(HelpPattern.Disclosures, revision.Assessment.ClearedAs.Disclosures);
        Assert.Contains(revision.Assessment.ClearedAs.ContentHash, revision.Content, StringComparison.Ordinal);
        Assert.Equal(["UseCaseStarted", "ProposalSubmitted", "ReviewOpened", "ReviewSettled", "UseCaseApproved", "UseCaseCleared"], (await ActionsAsync(key)).Order(StringComparer.Ordinal).OrderBy(a => a != "UseCaseStarted"));
    }

    [Fact]
    public async Task Without_a_current_pattern_nothing_takes_the_fast_lane_and_older_rules_judge_as_they_did()
    {
        await Get<PublishPattern>().WithdrawAsync(First, "No longer offered.", Who("coe-lead2"));
        var revision = await GivenASubmittedAsync(HelpBotProposal);

        Assert.Equal((Lane.Standard, null), (revision.Assessment.Lane, revision.Assessment.OneChangeFromFast));
        var older = Get<TriageRules>().OfVersion("2026.11")!;
        Assert.Equal((Lane.Fast, null), (Triage.Assess(HelpBotProposal, older).Lane, Triage.Assess(HelpBotProposal, older, [new(First, 1, "sha256:x", HelpPattern)]).ClearedAs));
    }

    [Fact]
    public async Task A_pattern_never_opens_the_fast_lane_to_what_the_rules_keep_out_of_it()
    {
        await GivenAPatternAsync(HelpPattern with { Title = "Anything", DataClasses = [.. Enum.GetValues<DataClass>()], Residencies = [.. Enum.GetValues<Residency>()] });

        foreach (var proposal in new[]
        {
            HelpBotProposal with { PersonalData = PersonalData.Ordinary }, HelpBotProposal with { DataClass = DataClass.Restricted }, HelpBotProposal with { Autonomy = Autonomy.ActsAlone },
            HelpBotProposal with { Audience = Audience.Public }, HelpBotProposal with { AnnexArea = AnnexArea.Employment }, HelpBotProposal with { Practices = [ProhibitedPractice.SocialScoring] },
        })
        {
            Assert.NotEqual(Lane.Fast, (await GivenASubmittedAsync(proposal)).Assessment.Lane);
        }
    }

    [Fact]
    public async Task Who_wrote_a_pattern_does_not_publish_it_and_nobody_publishes_what_they_did_not_see()
    {
        var write = Get<WritePattern>();
        var publish = Get<PublishPattern>();
        var pattern = await write.StartAsync(HelpPattern with { Title = "Letters" }, Who("coe-lead"));
        Assert.Equal("own-pattern", await RuleAsync(() => publish.RunAsync(pattern.Key, pattern.ContentHash, null, Who("coe-lead"))));
        Assert.Equal("not-permitted", await RuleAsync(() => publish.RunAsync(pattern.Key, pattern.ContentHash, null, Who("legal"))));
        Assert.Equal("not-permitted", await RuleAsync(() => write.StartAsync(HelpPattern, Who("submitter"))));
        Assert.Equal("not-permitted", await RuleAsync(() => write.SaveAsync(pattern.Key, HelpPattern, 1, Who("admin"))));
        var changed = await write.SaveAsync(pattern.Key, pattern.Draft with { Models = ["another"] }, pattern.Version, Who("coe-lead"));
        Assert.Equal("changed-meanwhile", await RuleAsync(() => write.SaveAsync(pattern.Key, HelpPattern, pattern.Version, Who("coe-lead2"))));
        Assert.Equal("content-changed", await RuleAsync(() => publish.RunAsync(pattern.Key, pattern.ContentHash, null, Who("coe-lead2"))));
        Assert.Equal("expiry-unusable", await RuleAsync(() => publish.RunAsync(pattern.Key, changed.ContentHash, new DateOnly(2026, 11, 23), Who("coe-lead2"))));
        Assert.Equal("expiry-unusable", await RuleAsync(() => publish.RunAsync(pattern.Key, changed.ContentHash, new DateOnly(2027, 11, 25), Who("coe-lead2"))));

        var published = await publish.RunAsync(pattern.Key, changed.ContentHash, new DateOnly(2026, 11, 24), Who("coe-lead2"));

        Assert.True(published.IsCurrent(Clock.GetUtcNow()));
        Assert.Equal("nothing-changed", await RuleAsync(() => publish.RunAsync(pattern.Key, changed.ContentHash, new DateOnly(2026, 11, 24), Who("coe-lead2"))));
        Assert.Contains("AttemptRefused", (await EntriesAsync(e => e.SubjectType == "refusals")).Select(e => e.Action));
        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("insert into pattern_version select pattern_id, 9, content, content_hash, array[published_by], published_by, published_by_name, published_at, expires_on from pattern_version"));
        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update pattern_version set number = 7"));
    }

    [Fact]
    public async Task What_a_pattern_cannot_say_is_refused()
    {
        foreach (var (rule, content) in new (string, PatternContent)[]
        {
            ("name-required", HelpPattern with { Title = " " }),
            ("link-unusable", HelpPattern with { ArchitectureLink = "javascript:alert(1)" }),
            ("sample-unusable", HelpPattern with { SampleEvery = 0 }),
            ("names-unusable", HelpPattern with { Models = [.. Enumerable.Range(0, 51).Select(i => $"m{i}")] }),
            ("text-too-long", HelpPattern with { Architecture = new string('x', PatternContent.TextLength + 1) }),
        })
        {
            Assert.Equal(rule, await RuleAsync(() => Get<WritePattern>().StartAsync(content, Who("coe-lead"))));
        }

        var empty = await Get<WritePattern>().StartAsync(new PatternContent { Title = "Empty" }, Who("coe-lead"));
        Assert.Equal("pattern-incomplete", await RuleAsync(() => Get<PublishPattern>().RunAsync(empty.Key, empty.ContentHash, null, Who("coe-lead2"))));
    }

    [Fact]
    public async Task The_first_case_and_every_so_manieth_after_it_is_a_sample_and_reviewers_are_told_once()
    {
        for (var i = 0; i < 4; i++)
        {
            await GivenAnApprovedAsync(HelpBotProposal);
        }

        var all = (await Get<ClearanceList>().PageAsync(ClearanceShow.All, First, Who("auditor"))).Items.Select(c => c.Clearance).OrderBy(c => c.Number).ToList();
        Assert.Equal([(1, true), (2, false), (3, true), (4, false)], all.Select(c => (c.Number, c.IsSampled)));
        await SweepAsync();
        await SweepAsync();
        await using var db = await DbAsync();
        Assert.Equal(4, await db.Notifications.CountAsync(n => n.Kind == "sample-waits"));
        Assert.Empty((await Get<ClearanceList>().PageAsync(ClearanceShow.All, null, Who("submitter2"))).Items);
    }

    [Fact]
    public async Task A_sample_is_confirmed_by_somebody_who_did_not_write_it_and_once()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var second = await GivenAnApprovedAsync(HelpBotProposal);
        var review = Get<ReviewClearance>();
        var author = Who("submitter") with { Roles = new HashSet<Role> { Role.Submitter, Role.Risk } };
        Assert.Equal("own-use-case", await RuleAsync(() => review.RunAsync(key, 1, SampleOutcome.Confirmed, "", author)));
        Assert.Equal("not-permitted", await RuleAsync(() => review.RunAsync(key, 1, SampleOutcome.Confirmed, "", Who("operator"))));
        Assert.Equal("not-sampled", await RuleAsync(() => review.RunAsync(second, 1, SampleOutcome.Confirmed, "", Who("risk"))));
        Assert.Equal("reason-required", await RuleAsync(() => review.RunAsync(key, 1, SampleOutcome.Objected, " ", Who("risk"))));
        await Assert.ThrowsAsync<NotFoundException>(() => review.RunAsync(key, 2, SampleOutcome.Confirmed, "", Who("risk")));
        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update clearance set outcome = 'Confirmed', reviewed_by = 'submitter@demo', reviewed_by_name = 'x', reviewed_at = now() where number = 1"));

        await review.RunAsync(key, 1, SampleOutcome.Confirmed, "As it should be.", Who("risk"));

        Assert.Equal("reviewed-already", await RuleAsync(() => review.RunAsync(key, 1, SampleOutcome.Objected, "No.", Who("legal"))));
        Assert.Equal("ClearanceReviewed", (await ActionsAsync(key))[^1]);
        Assert.True((await AskAsync(key)).Allowed);
    }

    [Fact]
    public async Task An_objection_to_a_sample_ends_its_approval_at_once()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var before = await Get<EnforcementSnapshots>().LoadAsync();

        await Get<ReviewClearance>().RunAsync(key, 1, SampleOutcome.Objected, "It reads tickets with names in them.", Who("privacy"));

        Assert.Equal((false, Verdict.NotApproved), await AskAsync(key));
        Assert.True((await Get<EnforcementSnapshots>().LoadAsync()).Generation > before.Generation);
        Assert.Equal((Stage.ChangesAsked, null), ((await UseCaseAsync(key)).Stage, (await UseCaseAsync(key)).ApprovedRevision));
        Assert.Empty(await SweepAsync());
    }

    [Fact]
    public async Task Traffic_that_calls_another_model_is_cleared_no_more_and_everybody_concerned_is_told()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var other = await GivenAnApprovedAsync(HelpBotProposal);
        Clock.Advance(TimeSpan.FromMinutes(5));
        await CallAsync(key, "openai/gpt-4o-mini-2024-07-18", "a");
        await CallAsync(other, "gpt-4o-mini", "b");
        Assert.Empty(await SweepAsync());
        await CallAsync(key, "gpt-4.1", "c");

        Assert.Equal([key], await SweepAsync());

        Assert.Equal(((false, Verdict.NotApproved), true), (await AskAsync(key), (await AskAsync(other)).Allowed));
        var cleared = (await Get<ClearanceList>().OfAsync(key, Who("auditor")))!;
        Assert.Equal((ClearanceEnd.ModelOutside, "It called gpt-4.1, which is no model of its pattern PAT-0001."), (cleared.EndedBecause, cleared.Detail));
        Assert.Equal("ApprovalEnded", (await ActionsAsync(key))[^1]);
        await using var db = await DbAsync();
        Assert.Equal(["coe-lead2@demo", "coe-lead@demo", "submitter@demo"], (await db.Notifications.Where(n => n.Kind == "clearance-ended").Select(n => n.PersonId).ToListAsync()).Order(StringComparer.Ordinal));
        Assert.Empty(await SweepAsync());

        // The same text would be cleared again at once: people decide first.
        Assert.Equal(Lane.Standard, (await Get<SubmitProposal>().RunAsync(key, null, Who("submitter"))).Assessment.Lane);
        Assert.False((await AskAsync(key)).Allowed);
        while (await OpenTaskAsync(key) is { } task)
        {
            await DecideAsync(task, PersonaOf(task.Function), DecisionKind.Approve);
        }

        Assert.True((await AskAsync(key)).Allowed);
        Assert.Empty(await SweepAsync());
        await Get<SaveDraft>().RunAsync(key, HelpBotProposal with { Problem = "Another." }, (await UseCaseAsync(key)).Version, Who("submitter"));
        Assert.Equal(Lane.Fast, (await Get<SubmitProposal>().RunAsync(key, null, Who("submitter"))).Assessment.Lane);
    }

    [Fact]
    public async Task A_pattern_that_expires_or_is_narrowed_takes_what_it_cleared_with_it()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        Clock.Advance(TimeSpan.FromMinutes(5));
        await CallAsync(key, "gpt-4o-mini", "a");
        var pattern = await Get<PatternLibrary>().OneAsync(First, Who("auditor"));
        pattern = await Get<WritePattern>().SaveAsync(First, pattern.Draft with { Models = ["gpt-5-mini"] }, pattern.Version, Who("coe-lead"));
        Assert.Empty(await SweepAsync());
        await Get<PublishPattern>().RunAsync(First, pattern.ContentHash, new DateOnly(2026, 12, 1), Who("coe-lead2"));
        Assert.Equal([key], await SweepAsync());

        var next = await GivenAnApprovedAsync(HelpBotProposal with { Endpoints = ["gpt-5-mini"] });
        Assert.Equal(2, (await UseCaseAsync(next)).Revisions.Single().Assessment.ClearedAs!.Version);
        Clock.Advance(TimeSpan.FromDays(9));
        Assert.Equal([next], await SweepAsync());
        Assert.Equal(ClearanceEnd.PatternExpired, (await Get<ClearanceList>().OfAsync(next, Who("auditor")))!.EndedBecause);
        Assert.Equal(Lane.Standard, (await GivenASubmittedAsync(HelpBotProposal with { Endpoints = ["gpt-5-mini"] })).Assessment.Lane);
    }

    [Fact]
    public async Task What_people_approved_stays_approved_when_a_pattern_is_withdrawn_and_its_owner_is_warned_before_it_expires()
    {
        var byPeople = await GivenAnApprovedAsync(ClaimsProposal);
        var byRule = await GivenAnApprovedAsync(HelpBotProposal);
        Clock.Advance(TimeSpan.FromDays(360));
        await SweepAsync();
        await using var db = await DbAsync();
        Assert.Equal("coe-lead@demo", await db.Notifications.Where(n => n.Kind == "pattern-expires").Select(n => n.PersonId).SingleAsync());
        Assert.Equal("reason-required", await RuleAsync(() => Get<PublishPattern>().WithdrawAsync(First, "", Who("coe-lead"))));

        await Get<PublishPattern>().WithdrawAsync(First, "The contract ended.", Who("coe-lead"));

        Assert.Equal([byRule], await SweepAsync());
        Assert.Equal(1, (await UseCaseAsync(byPeople)).ApprovedRevision);
        Assert.Equal("withdrawn", await RuleAsync(() => Get<WritePattern>().SaveAsync(First, HelpPattern, 3, Who("coe-lead"))));
    }

    [Fact]
    public async Task Two_cases_at_once_have_numbers_of_their_own()
    {
        var keys = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            keys.Add((await Get<StartUseCase>().RunAsync(Who("submitter"), HelpBotProposal)).Key);
        }

        await Task.WhenAll(keys.Select(key => Get<SubmitProposal>().RunAsync(key, null, Who("submitter"))));

        await using var db = await DbAsync();
        Assert.Equal([1, 2, 3, 4], await db.Clearances.OrderBy(c => c.Number).Select(c => c.Number).ToListAsync());
    }

    private Task<IReadOnlyList<string>> SweepAsync() => Get<SweepClearances>().RunAsync();

    private async Task<(bool Allowed, string Reason)> AskAsync(string key)
    {
        var verdict = Verdict.Of(await Get<EnforcementSnapshots>().LoadAsync(), new VerdictRequest(key, null, null, null, null, null), TimeSpan.Zero);
        return (verdict.Allowed, verdict.Reason);
    }

    private Task CallAsync(string key, string model, string id) => Get<RecordCalls>().RunAsync(
        [
            new ReportedCall
            {
                Source = "test", SourceEventId = id, Account = Account.GatewayLog, StartedAt = Clock.GetUtcNow(), Duration = TimeSpan.FromSeconds(1), Provider = "openai", Operation = "chat",
                RequestModel = model, InputTokens = 10, OutputTokens = 10,
            },
        ],
        key, "gw");
}
