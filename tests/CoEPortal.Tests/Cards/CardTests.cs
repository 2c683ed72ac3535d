using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Cards;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Policies;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Cards;

public sealed class CardTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    [Fact]
    public async Task A_card_is_published_by_somebody_who_did_not_write_it_once_its_sections_are_filled()
    {
        var card = await StartAsync(CardKind.Model, new CardContent());
        Assert.Equal("card-incomplete", await RuleAsync(() => PublishAsync(card, "risk")));
        card = await SaveAsync(card, CardMarkdownTests.Complete(CardKind.Model));
        Assert.Equal("own-card", await RuleAsync(() => PublishAsync(card, "security")));
        Assert.Equal("not-permitted", await RuleAsync(() => PublishAsync(card, "submitter")));
        Assert.Equal("content-changed", await RuleAsync(() => Get<PublishCard>().RunAsync(card.Key, "sha256:x", null, Who("risk"))));
        Assert.Equal("expiry-unusable", await RuleAsync(() => Get<PublishCard>().RunAsync(card.Key, card.ContentHash, new(2030, 1, 1), Who("risk"))));

        var published = await PublishAsync(card, "risk");
        Assert.Equal((1, new DateOnly(2027, 11, 23), true), (published.LatestVersion, published.ExpiresOn, published.IsCurrent(new(2027, 11, 23))));
        Assert.False(published.IsCurrent(new(2027, 11, 24)));
        Assert.Equal("nothing-changed", await RuleAsync(() => PublishAsync(published, "risk")));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => AsOwnerAsync("update card_version set content_hash = content_hash"));
    }

    [Fact]
    public async Task Two_editors_of_one_card_the_second_is_told_and_nothing_is_lost()
    {
        var card = await StartAsync(CardKind.Model, new CardContent());
        await SaveAsync(card, CardMarkdownTests.Complete(CardKind.Model));

        Assert.Equal("changed-meanwhile", await RuleAsync(() => Get<WriteCard>().SaveAsync(card.Key, card.Name, "1", new CardContent(), card.Version, Who("risk"))));
        Assert.Equal("Details of it.", (await Get<CardLibrary>().OneAsync(card.Key, Who("auditor"))).Draft.Section("details"));
        Assert.Equal("unknown-section", await RuleAsync(() => StartAsync(CardKind.Model, new CardContent { Sections = new Dictionary<string, string> { ["architecture"] = "x" } })));
    }

    [Fact]
    public async Task A_model_card_says_which_use_cases_rely_on_that_version()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal with { Endpoints = ["Letters-7B", "other"] });
        await Get<StartUseCase>().RunAsync(Who("submitter"), HelpBotProposal with { Endpoints = ["letters-7b"] });
        var card = await StartAsync(CardKind.Model, new CardContent());

        Assert.Equal((key, true), (await Get<CardLibrary>().DependentsAsync(card, Who("auditor"))).Select(d => (d.Key, d.IsInForce)).Single());
        Assert.Empty(await Get<CardLibrary>().DependentsAsync(card, Who("submitter2")));
    }

    [Fact]
    public async Task A_system_card_is_part_of_what_is_decided_on_and_changing_it_ends_the_review()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        var card = await StartAsync(CardKind.System, new CardContent(), useCase.Key, "submitter");
        var first = await Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter"));
        Assert.Equal(new ReviewedRecord(card.Key, card.ContentHash), Assert.Single(first.Records));
        Assert.Contains(card.ContentHash, first.Content, StringComparison.Ordinal);
        await DecideAsync((await OpenTaskAsync(useCase.Key, Role.Legal))!, "legal", DecisionKind.Approve);

        Assert.Equal("in-review", await RuleAsync(() => SaveAsync(card, CardMarkdownTests.Complete(CardKind.System), "submitter")));
        var changed = await Get<WriteCard>().SaveAsync(card.Key, card.Name, "", CardMarkdownTests.Complete(CardKind.System), card.Version, Who("submitter"), endsReviews: true);
        Assert.Null(await OpenTaskAsync(useCase.Key));
        var second = await Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter"));

        Assert.NotEqual(first.ContentHash, second.ContentHash);
        Assert.Equal(changed.ContentHash, Assert.Single(second.Records).Hash);
        await using var db = await DbAsync();
        var rounds = await db.ApprovalRounds.Include(r => r.Decisions).OrderBy(r => r.Number).ToListAsync();
        Assert.Equal([RoundStatus.Cancelled, RoundStatus.Open], rounds.Select(r => r.Status));
        Assert.Empty(rounds[1].Decisions);
        Assert.Contains("ReviewCancelled", await ActionsAsync(useCase.Key));
    }

    [Fact]
    public async Task The_database_itself_lets_no_card_change_under_a_review()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        await StartAsync(CardKind.System, new CardContent(), useCase.Key, "submitter");
        await Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter"));

        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => AsOwnerAsync($"update card set content_hash = 'sha256:{new string('0', 64)}'"));
        Assert.Equal("a_record_under_review_does_not_change", refused.ConstraintName);
    }

    [Fact]
    public async Task Publishing_a_model_anew_ends_the_reviews_that_were_opened_with_the_older_card()
    {
        var card = await SaveAsync(await StartAsync(CardKind.Model, new CardContent()), CardMarkdownTests.Complete(CardKind.Model));
        await PublishAsync(card, "risk");
        var revision = await GivenASubmittedAsync(ClaimsProposal with { Endpoints = ["letters-7b"] });
        Assert.Equal(card.Key, Assert.Single(revision.Records).Key);

        card = await SaveAsync(await Get<CardLibrary>().OneAsync(card.Key, Who("security")), CardMarkdownTests.Complete(CardKind.Model) with { Licence = "mit" });
        Assert.NotNull(await OpenTaskAsync("UC-0001"));
        await PublishAsync(card, "risk");
        Assert.Null(await OpenTaskAsync("UC-0001"));
    }

    [Fact]
    public async Task What_promised_a_fresh_card_stops_once_it_is_stale_and_a_newer_card_arms_it_again()
    {
        var useCase = await GivenAnApprovedAsync(HelpBotProposal with { KillCriteria = [.. HelpBotProposal.KillCriteria, new KillCriterion { Kind = KillCriterionKind.StaleCard, Limit = 90 }] });
        Assert.Empty(await Get<SweepStaleCards>().RunAsync());
        var card = await StartAsync(CardKind.System, CardMarkdownTests.Complete(CardKind.System), useCase, "submitter");
        await PublishAsync(card, "risk");
        Clock.Advance(TimeSpan.FromDays(89));
        Assert.Empty(await Get<SweepStaleCards>().RunAsync());
        Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal([useCase], await Get<SweepStaleCards>().RunAsync());
        Assert.Empty(await Get<SweepStaleCards>().RunAsync());
        await using (var db = await DbAsync())
        {
            Assert.Contains("The card of 2026-11-23 is older than 90 days.", (await db.KillSwitches.SingleAsync()).Reason, StringComparison.Ordinal);
        }

        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, useCase, "Renewed.", Who("risk"));
        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, useCase, "Renewed.", Who("coe-lead"));
        await PublishAsync(await Get<CardLibrary>().OneAsync(card.Key, Who("risk")), "risk");
        Clock.Advance(TimeSpan.FromDays(91));
        Assert.Equal([useCase], await Get<SweepStaleCards>().RunAsync());
    }

    [Fact]
    public async Task A_card_leaves_as_Markdown_JSON_and_a_bill_of_materials_and_comes_back_the_same()
    {
        var card = await Get<WriteCard>().ImportAsync(Encoding.UTF8.GetBytes("---\nlicense: mit\nx: 1\n---\n# letters-7b\n\n## Uses\n\nLetters.\n\n## Their own\n\n<b>x</b>\n"), CardKind.Model, null, "2", null, Who("security"));
        var content = card.Draft with { Sections = card.Draft.Sections.Concat(CardMarkdownTests.Complete(CardKind.Model).Sections.Where(s => s.Key != "intended-use")).ToDictionary(s => s.Key, s => s.Value) };
        var published = await PublishAsync(await Get<WriteCard>().SaveAsync(card.Key, card.Name, "2", content, card.Version, Who("security")), "risk");
        var version = published.Versions.Single();

        var markdown = CardMarkdown.Write(published, version.Content, Get<VersionedFiles<CardTemplate>>().InForce(Clock.GetUtcNow()));
        var again = CardMarkdown.Parse(Encoding.UTF8.GetBytes(markdown), Get<VersionedFiles<CardTemplate>>().InForce(Clock.GetUtcNow()), CardKind.Model).Content;
        Assert.Equal(version.Content.Sections.OrderBy(s => s.Key), again.Sections.OrderBy(s => s.Key));
        Assert.Equal((version.Content.FrontMatter, version.Content.Foreign.Single()), (again.FrontMatter, again.Foreign.Single()));
        var bom = CardExport.CycloneDx(published, version, [], "Nordhaven");
        var component = bom["metadata"]!["component"]!;
        Assert.Equal(("CycloneDX", "1.6", "machine-learning-model", "letters-7b"), ((string?)bom["bomFormat"], (string?)bom["specVersion"], (string?)component["type"], (string?)component["name"]));
        Assert.Equal("Letters.", (string?)component["modelCard"]!["considerations"]!["useCases"]![0]);
        Assert.Equal(version.ContentHash, (string?)CardExport.Json(published, version)["contentHash"]);
    }

    [Fact]
    public async Task A_system_card_is_known_only_to_those_who_may_read_its_use_case()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        var card = await StartAsync(CardKind.System, new CardContent(), useCase.Key, "submitter");

        await Assert.ThrowsAsync<NotFoundException>(() => Get<CardLibrary>().OneAsync(card.Key, Who("submitter2")));
        await Assert.ThrowsAsync<NotFoundException>(() => SaveAsync(card, new CardContent(), "submitter2"));
        Assert.Equal("card-exists", await RuleAsync(() => StartAsync(CardKind.System, new CardContent(), useCase.Key, "submitter")));
        Assert.Equal("use-case-required", await RuleAsync(() => StartAsync(CardKind.System, new CardContent())));
        Assert.Equal("not-permitted", await RuleAsync(() => StartAsync(CardKind.Model, new CardContent(), null, "auditor")));
        await Get<WriteCard>().GiveAsync(card.Key, Who("risk").Id, Who("submitter"));
        Assert.Equal(["CardStarted", "CardGiven"], (await ActionsAsync(useCase.Key)).Where(a => a.StartsWith("Card", StringComparison.Ordinal)));
    }

    private Task<Card> StartAsync(CardKind kind, CardContent content, string? useCase = null, string persona = "security") =>
        Get<WriteCard>().StartAsync(new CardDraft(kind, "letters-7b", "1", useCase, content), Who(persona));

    private Task<Card> SaveAsync(Card card, CardContent content, string persona = "security") => Get<WriteCard>().SaveAsync(card.Key, card.Name, card.ModelVersion, content, card.Version, Who(persona));

    private Task<Card> PublishAsync(Card card, string persona) => Get<PublishCard>().RunAsync(card.Key, card.ContentHash, null, Who(persona));
}
