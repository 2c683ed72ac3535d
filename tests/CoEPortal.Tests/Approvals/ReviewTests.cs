using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Tests.Persistence;
using CoEPortal.Tests.Reliability;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.Approvals;

public sealed class ReviewTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    protected override bool BeginsWithAPattern => true;

    [Fact]
    public async Task The_last_required_function_approves_the_use_case()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);

        var useCase = await UseCaseAsync(key);
        Assert.Equal((Stage.Approved, 1), (useCase.Stage, useCase.ApprovedRevision));
        Assert.Equal(
            [
                "UseCaseStarted", "ProposalSubmitted", "ReviewOpened", "DecisionRecorded", "DecisionRecorded", "DecisionRecorded", "DecisionRecorded",
                "ReviewSettled", "UseCaseApproved",
            ],
            await ActionsAsync(key));
    }

    [Fact]
    public async Task Gateways_get_a_new_generation_with_the_approval_and_none_with_the_votes_before_it()
    {
        var revision = await GivenASubmittedAsync(BenefitsProposal);
        await using var db = await DbAsync();
        var key = await db.UseCases.Where(u => u.Id == revision.UseCaseId).Select(u => u.Key).SingleAsync();
        var before = await GenerationAsync(db);
        var generations = new List<long>();
        while (await OpenTaskAsync(key) is { } task)
        {
            await DecideAsync(task, PersonaOf(task.Function), DecisionKind.Approve);
            generations.Add(await GenerationAsync(db) - before);
        }

        Assert.Equal(Stage.Approved, (await UseCaseAsync(key)).Stage);
        Assert.Equal([.. Enumerable.Repeat(0L, generations.Count - 1), 1L], generations);
        Assert.True(generations.Count > 4);
    }

    [Fact]
    public async Task Decisions_that_hang_in_one_review_hold_up_no_other()
    {
        var held = await GivenASubmittedAsync(BenefitsProposal);
        var other = await GivenASubmittedAsync(ClaimsProposal);
        await using var db = await DbAsync();
        var keys = await db.UseCases.ToDictionaryAsync(u => u.Id, u => u.Key);
        var (task, free) = ((await OpenTaskAsync(keys[held.UseCaseId], Role.Legal))!, (await OpenTaskAsync(keys[other.UseCaseId]))!);
        await using var lockingTransaction = await db.Database.BeginTransactionAsync();
        await db.Database.ExecuteSqlAsync($"select from wf.lane_instance where id = {task.InstanceId} for update");
        // More than have a turn at once, on any machine; one of them decides in the end, the others come too late.
        var waiting = 4 * Environment.ProcessorCount + 1;
        await using var node = Node.Start($"{Database.RuntimeConnectionString};Maximum Pool Size={waiting + 5}", Clock);
        var hanging = Enumerable.Range(0, waiting).Select(_ => AttemptAsync(() => ApproveAsync(task, held.ContentHash))).ToList();

        await ApproveAsync(free, other.ContentHash);

        Assert.DoesNotContain(hanging, h => h.IsCompleted);
        await lockingTransaction.RollbackAsync();
        Assert.Single(await Task.WhenAll(hanging), refused => refused is null);

        Task ApproveAsync(ReviewTask asked, string hash) =>
            node.Get<DecideReview>().RunAsync(asked.Id, new DecisionDraft(DecisionKind.Approve, "", [], hash), Confirmed(PersonaOf(asked.Function)));
    }

    [Fact]
    public async Task A_fast_lane_proposal_is_cleared_by_rule_and_puts_nothing_into_an_inbox()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), HelpBotProposal);
        await Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter"));

        Assert.Equal(Stage.Approved, (await UseCaseAsync(useCase.Key)).Stage);
        Assert.Null(await OpenTaskAsync(useCase.Key));
    }

    [Fact]
    public async Task A_prohibited_practice_is_frozen_refused_and_reviewed_by_nobody()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal with { Practices = [ProhibitedPractice.SocialScoring] });
        await Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter"));

        Assert.Equal(Stage.NotAllowed, (await UseCaseAsync(useCase.Key)).Stage);
        Assert.Null(await OpenTaskAsync(useCase.Key));
        Assert.Contains("ProposalNotAllowed", await ActionsAsync(useCase.Key));
    }

    [Theory]
    [InlineData(DecisionKind.Veto, Stage.Declined)]
    [InlineData(DecisionKind.RequestChanges, Stage.ChangesAsked)]
    public async Task One_veto_or_one_wish_for_changes_ends_the_review_at_once(DecisionKind kind, Stage stage)
    {
        var revision = await GivenASubmittedAsync(BenefitsProposal);
        await using var db = await DbAsync();
        var key = await db.UseCases.Where(u => u.Id == revision.UseCaseId).Select(u => u.Key).SingleAsync();
        await DecideAsync((await OpenTaskAsync(key, Role.Legal))!, "legal", DecisionKind.Approve);

        await DecideAsync((await OpenTaskAsync(key, Role.Risk))!, "risk", kind, "The difference between age groups is not measured.");

        Assert.Equal(stage, (await UseCaseAsync(key)).Stage);
        Assert.Null(await OpenTaskAsync(key));
    }

    [Fact]
    public async Task The_author_cannot_approve_even_with_every_role()
    {
        var everything = new Actor(PersonId.Of("boss", "demo"), "The Boss", Enum.GetValues<Role>().ToHashSet(), "Claims");
        var useCase = await Get<StartUseCase>().RunAsync(everything, ClaimsProposal);
        await Get<SubmitProposal>().RunAsync(useCase.Key, null, everything);
        var task = (await OpenTaskAsync(useCase.Key, Role.Legal))!;
        var hash = (await UseCaseAsync(useCase.Key)).Revisions[0].ContentHash;

        Assert.Equal("own-proposal", await RuleAsync(() => Get<DecideReview>().RunAsync(task.Id, new(DecisionKind.Approve, "", [], hash), everything)));
        Assert.DoesNotContain("DecisionRecorded", await ActionsAsync(useCase.Key));
    }

    [Fact]
    public async Task Somebody_who_only_edited_the_draft_cannot_approve_it()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        var lead = Who("coe-lead");
        await Get<SaveDraft>().RunAsync(useCase.Key, ClaimsProposal with { Tone = "Plain and short." }, useCase.Version, lead);
        await Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter"));
        foreach (var function in new[] { Role.Legal, Role.Security, Role.Privacy })
        {
            await DecideAsync((await OpenTaskAsync(useCase.Key, function))!, PersonaOf(function), DecisionKind.Approve);
        }

        var task = (await OpenTaskAsync(useCase.Key, Role.CoeLead))!;

        Assert.Equal("own-proposal", await RuleAsync(() => DecideAsync(task, "coe-lead", DecisionKind.Approve)));
        Assert.Equal(RoundStatus.Approved, (await DecideAsync(task, "coe-lead2", DecisionKind.Approve)).Status);
    }

    [Fact]
    public async Task A_decision_for_another_hash_is_refused_and_leaves_no_trace()
    {
        var key = await SubmittedKeyAsync();
        var task = (await OpenTaskAsync(key, Role.Legal))!;

        Assert.Equal("content-changed", await RuleAsync(() => DecideAsync(task, "legal", DecisionKind.Approve, hash: "sha256:" + new string('0', 64))));
        Assert.DoesNotContain("DecisionRecorded", await ActionsAsync(key));
    }

    [Fact]
    public async Task A_decision_on_the_old_revision_is_refused_after_a_new_one_was_submitted()
    {
        var key = await SubmittedKeyAsync();
        var old = (await OpenTaskAsync(key, Role.Legal))!;
        var oldHash = (await UseCaseAsync(key)).Revisions[0].ContentHash;
        await Get<WithdrawProposal>().RunAsync(key, "A data source was missing.", Who("submitter"));
        var draft = await UseCaseAsync(key);
        await Get<SaveDraft>().RunAsync(key, draft.Draft with { DataSources = ["Claims archive"] }, draft.Version, Who("submitter"));
        var revision = await Get<SubmitProposal>().RunAsync(key, null, Who("submitter"));

        Assert.Equal(2, revision.Number);
        Assert.NotEqual(oldHash, revision.ContentHash);
        Assert.Equal("review-closed", await RuleAsync(() => DecideAsync(old, "legal", DecisionKind.Approve, hash: oldHash)));
        Assert.Equal("content-changed", await RuleAsync(async () => await DecideAsync((await OpenTaskAsync(key, Role.Legal))!, "legal", DecisionKind.Approve, hash: oldHash)));
    }

    [Theory]
    [InlineData(DecisionKind.Veto, "comment-required")]
    [InlineData(DecisionKind.RequestChanges, "comment-required")]
    [InlineData(DecisionKind.ApproveWithConditions, "comment-required")]
    public async Task Everything_but_a_plain_approval_needs_a_reason(DecisionKind kind, string rule)
    {
        var task = (await OpenTaskAsync(await SubmittedKeyAsync(), Role.Legal))!;

        Assert.Equal(rule, await RuleAsync(() => DecideAsync(task, "legal", kind)));
    }

    [Fact]
    public async Task Conditions_travel_with_the_round_and_the_last_function_signs_the_whole_list()
    {
        var key = await SubmittedKeyAsync();
        await DecideAsync((await OpenTaskAsync(key, Role.Legal))!, "legal", DecisionKind.ApproveWithConditions, "Mark what AI wrote.", null, "Each summary carries the line 'drafted with AI'.");
        await DecideAsync((await OpenTaskAsync(key, Role.Security))!, "security", DecisionKind.Approve);
        await DecideAsync((await OpenTaskAsync(key, Role.Privacy))!, "privacy", DecisionKind.ApproveWithConditions, "Keep less.", null, "Delete prompts after 30 days.");

        var round = await DecideAsync((await OpenTaskAsync(key, Role.CoeLead))!, "coe-lead", DecisionKind.Approve);

        Assert.Equal(
            ["Each summary carries the line 'drafted with AI'.", "Delete prompts after 30 days."],
            round.Decisions.Single(d => d.Function is Role.CoeLead).SeenConditions);
    }

    [Theory]
    [InlineData("submitter")]
    [InlineData("auditor")]
    [InlineData("admin")]
    [InlineData("operator")]
    public async Task Who_holds_no_function_decides_nothing(string persona)
    {
        var task = (await OpenTaskAsync(await SubmittedKeyAsync(), Role.Legal))!;

        Assert.Equal("not-permitted", await RuleAsync(() => DecideAsync(task, persona, DecisionKind.Approve)));
    }

    [Fact]
    public async Task One_function_cannot_sign_for_another()
    {
        var task = (await OpenTaskAsync(await SubmittedKeyAsync(), Role.Legal))!;

        Assert.Equal("not-your-function", await RuleAsync(() => DecideAsync(task, "security", DecisionKind.Approve)));
    }

    [Fact]
    public async Task One_person_with_two_functions_counts_once()
    {
        var key = await SubmittedKeyAsync();
        var both = new Actor(PersonId.Of("two-hats", "demo"), "Two Hats", new HashSet<Role> { Role.Legal, Role.Security }, "Legal");
        var hash = (await UseCaseAsync(key)).Revisions[0].ContentHash;
        await Get<DecideReview>().RunAsync((await OpenTaskAsync(key, Role.Legal))!.Id, new(DecisionKind.Approve, "", [], hash), both);

        var second = (await OpenTaskAsync(key, Role.Security))!;

        Assert.Equal("already-decided", await RuleAsync(() => Get<DecideReview>().RunAsync(second.Id, new(DecisionKind.Approve, "", [], hash), both)));
    }

    [Fact]
    public async Task Two_people_who_decide_at_the_same_moment_are_both_counted()
    {
        for (var round = 0; round < 10; round++)
        {
            var key = await SubmittedKeyAsync();
            var tasks = new[] { Role.Legal, Role.Security, Role.Privacy };

            await Task.WhenAll(tasks.Select(async f => await DecideAsync((await OpenTaskAsync(key, f))!, PersonaOf(f), DecisionKind.Approve)));

            await using var db = await DbAsync();
            var decided = await db.ApprovalRounds.Include(r => r.Decisions).SingleAsync(r => r.UseCaseKey == key);
            Assert.Equal(3, decided.Decisions.Count);
            Assert.NotNull(await OpenTaskAsync(key, Role.CoeLead));
        }
    }

    [Fact]
    public async Task An_approval_and_a_veto_at_the_same_moment_never_approve()
    {
        for (var round = 0; round < 10; round++)
        {
            var key = await SubmittedKeyAsync();
            var legal = (await OpenTaskAsync(key, Role.Legal))!;
            var security = (await OpenTaskAsync(key, Role.Security))!;

            await Task.WhenAll(
                AttemptAsync(() => DecideAsync(legal, "legal", DecisionKind.Approve)),
                AttemptAsync(() => DecideAsync(security, "security", DecisionKind.Veto, "The archive is not patched.")));

            Assert.Equal(Stage.Declined, (await UseCaseAsync(key)).Stage);
        }
    }

    [Fact]
    public async Task A_withdrawal_and_a_decision_at_the_same_moment_leave_one_consistent_state()
    {
        for (var round = 0; round < 10; round++)
        {
            var key = await SubmittedKeyAsync();
            var legal = (await OpenTaskAsync(key, Role.Legal))!;

            await Task.WhenAll(
                AttemptAsync(() => DecideAsync(legal, "legal", DecisionKind.Approve)),
                Get<WithdrawProposal>().RunAsync(key, "We have to think again.", Who("submitter")));

            Assert.Equal(Stage.Draft, (await UseCaseAsync(key)).Stage);
            Assert.Null(await OpenTaskAsync(key));
        }
    }

    [Fact]
    public async Task The_database_itself_refuses_what_the_rules_refuse()
    {
        var key = await SubmittedKeyAsync();
        await using var db = await DbAsync();
        var round = await db.ApprovalRounds.AsNoTracking().SingleAsync(r => r.UseCaseKey == key);
        string Insert(string person, string hash) =>
            $"""
            insert into decision (id, round_id, function, person_id, person_name, kind, comment, conditions, seen_conditions, content_hash, decided_at)
            values (gen_random_uuid(), '{round.Id}', 'Legal', '{person}', 'x', 'Approve', '', array[]::text[], array[]::text[], '{hash}', now())
            """;

        Assert.Equal("authors_do_not_decide", await ConstraintAsync(Insert("submitter@demo", round.ContentHash)));
        Assert.Equal("decision_is_for_the_content_of_its_round", await ConstraintAsync(Insert("legal@demo", "sha256:" + new string('0', 64))));
        Assert.Equal(
            "approved_means_every_required_function_approved",
            await ConstraintAsync($"update approval_round set status = 'Approved', closed_at = now() where id = '{round.Id}'"));
        Assert.Contains("frozen", (await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update use_case_revision set content = content"))).MessageText, StringComparison.Ordinal);
    }

    private async Task<string?> ConstraintAsync(string sql) =>
        (await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync(sql))).ConstraintName;

    private async Task<string> SubmittedKeyAsync()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        await Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter"));
        return useCase.Key;
    }

    [Fact]
    public async Task Conditions_that_somebody_was_not_shown_are_not_signed_unseen()
    {
        var revision = await GivenASubmittedAsync(ClaimsProposal);
        var key = await KeyOfAsync(revision);
        var privacy = (await OpenTaskAsync(key, Role.Privacy))!;
        await DecideAsync(
            (await OpenTaskAsync(key, Role.Legal))!, "legal", DecisionKind.ApproveWithConditions, "Customers must know.", null, "Say that AI helped.");

        Task<ApprovalRound> Approve(int conditionsShown) => Get<DecideReview>().RunAsync(
            privacy.Id, new(DecisionKind.Approve, "", [], revision.ContentHash), Who("privacy"), conditionsShown);

        Assert.Equal("conditions-added", await RuleAsync(() => Approve(0)));
        Assert.Single(await ActionsAsync(key), a => a == "DecisionRecorded");
        Assert.Equal(["Say that AI helped."], (await Approve(1)).Decisions.Single(d => d.Function == Role.Privacy).SeenConditions);
    }

    [Fact]
    public async Task An_inbox_leads_from_task_to_task_and_past_ones_own_work()
    {
        var first = await KeyOfAsync(await GivenASubmittedAsync(ClaimsProposal));
        Clock.Advance(TimeSpan.FromDays(1));
        var second = await KeyOfAsync(await GivenASubmittedAsync(ClaimsProposal));
        var (one, two) = ((await OpenTaskAsync(first, Role.Legal))!.Id, (await OpenTaskAsync(second, Role.Legal))!.Id);
        var author = Who("submitter") with { Roles = new HashSet<Role> { Role.Legal } };

        Assert.Equal(new InboxPlace(1, 2, null, two, two), await Get<ReviewInbox>().PlaceAsync(one, Who("legal")));
        Assert.Equal(new InboxPlace(2, 2, one, null, one), await Get<ReviewInbox>().PlaceAsync(two, Who("legal")));
        Assert.Null((await Get<ReviewInbox>().PlaceAsync(one, author)).NextToDecide);
        Assert.Equal(2, (await Get<ReviewInbox>().ForAsync(author, new InboxFilter())).Total);
        Assert.Equal(0, (await Get<ReviewInbox>().ForAsync(author, new InboxFilter(MayDecide: true))).Total);
    }

    private async Task<string> KeyOfAsync(UseCaseRevision revision)
    {
        await using var db = await DbAsync();
        return await db.UseCases.Where(u => u.Id == revision.UseCaseId).Select(u => u.Key).SingleAsync();
    }

    private static async Task<long> GenerationAsync(GovernanceDb db) =>
        (await db.Database.SqlQuery<long>($"select value as \"Value\" from enforcement_generation").ToListAsync())[0];
}
