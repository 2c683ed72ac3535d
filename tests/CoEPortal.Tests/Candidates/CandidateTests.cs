using System.Net;
using System.Net.Http.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Candidates;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Candidates;

/// <summary>Candidates are ranked by rules, each point explained; one becomes one use case or is set aside with a reason.</summary>
public sealed class CandidateTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static readonly CandidateDraft Letters = new("Sort incoming claims letters", "Claims", "Two people open each letter and lay it into one of eleven trays.", 5200, 3, 2, 4, 4);

    private KeepCandidates Keep => Get<KeepCandidates>();

    private CandidateList List => Get<CandidateList>();

    [Fact]
    public async Task Candidates_are_ranked_by_points_that_add_up_and_are_explained_and_each_unit_sees_its_own()
    {
        var letters = await Keep.AddAsync(Letters, Who("submitter"));
        await Keep.AddAsync(Letters with { Name = "Draft the risk report", PerMonth = 1, Minutes = 60, People = 1, Value = 1, Feasibility = 1 }, Who("submitter"));
        await Keep.AddAsync(Letters with { Name = "Summarise calls", Department = "Customer Service", PerMonth = 9000, Feasibility = 5, Value = 5 }, Who("submitter2"));

        var all = await List.PageAsync(new(), Who("coe-lead"));
        Assert.Equal([("Summarise calls", 100), ("Sort incoming claims letters", 90), ("Draft the risk report", 3)], all.Items.Select(r => (r.Candidate.Name, r.Score)));
        Assert.All(all.Items, r => Assert.Equal(r.Score, List.Rules.ScoreOf(r.Candidate)));
        Assert.Contains(List.Rules.PointsOf(letters), p => p is { Rule: "hours", Points: 30, Sentence: "520 hours a month: more than two people do nothing else." });
        Assert.Equal(["Draft the risk report", "Sort incoming claims letters"], (await List.PageAsync(new(), Who("submitter"), CandidateOrder.Name)).Items.Select(r => r.Candidate.Name));
        var second = await List.PageAsync(new(), Who("auditor"), page: 2, size: 2);
        Assert.Equal((3, "Draft the risk report"), (second.Total, Assert.Single(second.Items).Candidate.Name));
        Assert.Equal("Summarise calls", Assert.Single((await List.PageAsync(new(Search: "customer s"), Who("coe-lead"))).Items).Candidate.Name);
        Assert.Empty((await List.PageAsync(new(Search: "100 %"), Who("coe-lead"))).Items);
        await Assert.ThrowsAsync<NotFoundException>(() => List.OneAsync(letters.Key, Who("submitter2")));
    }

    [Fact]
    public async Task A_candidate_becomes_one_one_pager_with_what_is_known_and_both_lead_to_each_other()
    {
        var candidate = await Keep.AddAsync(Letters, Who("submitter"));

        candidate = await Keep.ProposeAsync(candidate.Key, Who("submitter"));

        var useCase = await UseCaseAsync(candidate.UseCaseKey!);
        Assert.Equal((Letters.Name, Letters.Description, "Claims", "2 people of Claims each time"), (useCase.Draft.Title, useCase.Draft.Problem, useCase.BusinessUnit, useCase.Draft.Users));
        Assert.Equal((5200, 3m), (useCase.Draft.CasesPerMonth!.Value, useCase.Draft.Kpi.Baseline!.Value));
        Assert.Equal(["UseCaseStarted", "CandidateProposed"], await ActionsAsync(useCase.Key));
        Assert.Equal(candidate.Key, (await List.OfUseCaseAsync(useCase.Key, Who("submitter")))!.Key);
        Assert.Equal("proposed-already", await RuleAsync(() => Keep.ProposeAsync(candidate.Key, Who("coe-lead"))));
        Assert.Equal("proposed-already", await RuleAsync(() => Keep.SetAsideAsync(candidate.Key, "No.", Who("submitter"))));
        Assert.Equal(0, (await List.PageAsync(new(), Who("submitter"))).Total);
        Assert.Equal(1, (await List.PageAsync(new(CandidateState.Proposed), Who("submitter"))).Total);
        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update candidate set use_case_key = null"));

        // Of two who click at once one makes a use case, the other is told.
        var other = await Keep.AddAsync(Letters with { Name = "Check invoices" }, Who("submitter"));
        var outcomes = await Task.WhenAll(AttemptAsync(() => Keep.ProposeAsync(other.Key, Who("submitter"))), AttemptAsync(() => Keep.ProposeAsync(other.Key, Who("coe-lead"))));
        Assert.Single(outcomes, o => o is null);
    }

    [Fact]
    public async Task What_is_alike_is_pointed_out_and_a_use_case_elsewhere_is_only_hinted_at()
    {
        await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal with { Title = "Sort incoming claims letter" });
        var candidate = await Keep.AddAsync(Letters, Who("submitter"));

        var alike = await List.AlikeAsync("Sort claims letters", "", null, Who("coe-lead"));
        Assert.Equal((candidate.Key, "UC-0001"), (Assert.Single(alike.Candidates).Key, Assert.Single(alike.UseCases.Found).Key));
        Assert.Empty((await List.AlikeAsync(Letters.Name, "", candidate.Key, Who("coe-lead"))).Candidates);
        var foreign = await List.AlikeAsync(Letters.Name, "", null, Who("submitter2"));
        Assert.Equal((0, 0, true), (foreign.Candidates.Count, foreign.UseCases.Found.Count, foreign.UseCases.Elsewhere));
    }

    [Fact]
    public async Task A_candidate_is_changed_set_aside_with_a_reason_and_opened_again_and_what_cannot_be_is_refused()
    {
        var candidate = await Keep.AddAsync(Letters, Who("submitter"));
        var key = candidate.Key;
        await Keep.ChangeAsync(key, Letters with { Value = 5 }, candidate.Version, Who("submitter"));
        Assert.Equal("changed-meanwhile", await RuleAsync(() => Keep.ChangeAsync(key, Letters, candidate.Version, Who("coe-lead"))));
        Assert.Equal("reason-required", await RuleAsync(() => Keep.SetAsideAsync(key, " ", Who("submitter"))));
        Assert.Equal("not-set-aside", await RuleAsync(() => Keep.ReopenAsync(key, Who("submitter"))));
        await Keep.SetAsideAsync(key, "A new tool comes.", Who("submitter"));
        Assert.Equal("set-aside", await RuleAsync(() => Keep.ProposeAsync(key, Who("submitter"))));
        Assert.Equal("A new tool comes.", Assert.Single((await List.PageAsync(new(CandidateState.SetAside), Who("coe-lead"))).Items).Candidate.SetAsideReason);
        await Keep.ReopenAsync(key, Who("coe-lead"));
        Assert.Equal(CandidateState.Open, (await List.OneAsync(key, Who("risk"))).State);

        Assert.Equal("not-permitted", await RuleAsync(() => Keep.AddAsync(Letters, Who("auditor"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Keep.SetAsideAsync(key, "No.", Who("legal"))));
        await Assert.ThrowsAsync<NotFoundException>(() => Keep.SetAsideAsync(key, "No.", Who("operator")));
        var wrong = await Assert.ThrowsAsync<InvalidFieldsException>(() => Keep.AddAsync(new("<b>x</b>", "", new string('x', 4001), 0, 0, 0, 6, 0), Who("submitter")));
        Assert.Equal(["department", "description", "feasibility", "minutes", "name", "people", "perMonth", "value"], wrong.Errors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["CandidateAdded", "CandidateChanged", "CandidateReopened", "CandidateSetAside"], (await EntriesAsync(e => e.SubjectKey == key)).Select(e => e.Action).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("  - fact: hours\n    title: Work it takes", "  - fact: hours\n    title: ''")]
    [InlineData("    - Nobody would notice\n", "")]
    [InlineData("fact: value", "fact: luck")]
    [InlineData("atLeast: 0, points: 2", "atLeast: 1, points: 2")]
    [InlineData("atLeast: 400, points: 30", "atLeast: 400, points: 31")]
    [InlineData("atLeast: 160", "atLeast: 1600")]
    public void Rules_that_leave_a_figure_unexplained_are_refused(string from, string to)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "templates", "rules", "candidates.yaml");
        Assert.Equal(4, CandidateRules.Read(path).Points.Count);
        var text = File.ReadAllText(path);
        Assert.Contains(from, text, StringComparison.Ordinal);
        var broken = Path.GetTempFileName();
        File.WriteAllText(broken, text.Replace(from, to, StringComparison.Ordinal));

        Assert.Throws<InvalidDataException>(() => CandidateRules.Read(broken));
        File.Delete(broken);
    }
}

/// <summary>The same over HTTP.</summary>
[Collection<PortalCollection>]
public sealed class CandidateApiTests(RunningPortal portal)
{
    [Fact]
    public async Task A_candidate_is_added_ranked_changed_and_made_a_one_pager()
    {
        using var author = await portal.AsAsync("submitter");
        var draft = new { name = "Compare renewal offers by hand", department = "Claims", description = "Line by line.", perMonth = 300, minutes = 20, people = 1, value = 4, feasibility = 3 };
        using var added = await author.PostAsJsonAsync("/api/v1/candidates", draft);
        var candidate = await RunningPortal.JsonAsync(added);
        var address = added.Headers.Location!.ToString();
        using var blind = await author.PutAsJsonAsync(address, draft);
        using var wrong = await author.PostAsJsonAsync("/api/v1/candidates", draft with { value = 9 });
        using var proposed = await author.PostAsync($"{address}/one-pager", null);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (added.StatusCode, proposed.StatusCode));
        Assert.Equal(candidate["points"]!.AsArray().Sum(p => p!["points"]!.GetValue<int>()), candidate["score"]!.GetValue<int>());
        Assert.Equal("if-match-required", (await RunningPortal.JsonAsync(blind))["rule"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal("Compare renewal offers by hand", (await RunningPortal.JsonAsync(await author.GetAsync(proposed.Headers.Location)))["title"]!.GetValue<string>());
        Assert.Equal("proposed", (await RunningPortal.JsonAsync(await author.GetAsync($"/api/v1/candidates?state=proposed&search={candidate["key"]}")))["items"]![0]!["state"]!.GetValue<string>());
    }
}
