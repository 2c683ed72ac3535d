using CoEPortal.Governance.DataSources;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.DataSources;

/// <summary>Sources are known by name, with flows that have a ground and a lineage without circles; use cases show where they promise less.</summary>
public sealed class DataSourceTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static readonly DataSourceDraft Archive = new("Tool documentation", "", "Vault", DataClass.Internal, PersonalData.None, Residency.EuOnly, [], []);

    [Fact]
    public async Task A_source_shows_which_use_cases_read_from_it_and_where_they_promise_less()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal with { DataSources = ["tool documentation"] });
        var source = await Get<KeepRegister>().RegisterAsync(Archive with { DataClass = DataClass.Confidential, PersonalData = PersonalData.Ordinary }, Who("privacy"));

        var sheet = await Get<SourceRegister>().OneAsync(source.Key, Who("auditor"));

        Assert.Equal(key, Assert.Single(sheet.UsedBy).Key);
        Assert.Equal(
            ["Tool documentation is confidential; the one-pager says at most internal.", "Tool documentation holds personal data; the one-pager says none."], sheet.UsedBy[0].Conflicts);
        Assert.Empty((await Get<SourceRegister>().OneAsync(source.Key, Who("submitter2"))).UsedBy);
    }

    [Fact]
    public void A_wider_place_conflicts_what_is_not_registered_is_named_and_an_open_answer_conflicts_with_nothing()
    {
        var named = SourceCheck.Of(HelpBotProposal with { DataSources = ["Elsewhere"], Residency = Residency.Anywhere }, []);

        Assert.Equal(("Elsewhere", null), (named[0].Name, named[0].Source));
    }

    [Fact]
    public async Task One_name_is_one_source_and_nothing_fills_itself_by_a_detour()
    {
        var keep = Get<KeepRegister>();
        var first = await keep.RegisterAsync(Archive, Who("privacy"));
        var second = await keep.RegisterAsync(Archive with { Name = "Index", FeedsOn = [first.Key] }, Who("security"));
        Assert.Equal("name-taken", await RuleAsync(() => keep.RegisterAsync(Archive with { Name = "TOOL documentation " }, Who("privacy"))));
        Assert.Equal("circle", await RuleAsync(() => keep.ChangeAsync(first.Key, Archive with { FeedsOn = [second.Key] }, first.Version, Who("privacy"))));
        Assert.Equal("unknown-source", await RuleAsync(() => keep.RegisterAsync(Archive with { Name = "New", FeedsOn = ["DS-9999"] }, Who("privacy"))));
        Assert.Equal("feeds-another", await RuleAsync(() => keep.RetireAsync(first.Key, Who("privacy"))));
        Assert.Equal("changed-meanwhile", await RuleAsync(() => keep.ChangeAsync(second.Key, Archive, second.Version + 1, Who("privacy"))));
        Assert.Equal([first.Key], (await Get<SourceRegister>().OneAsync(second.Key, Who("submitter"))).FeedsOn.Select(s => s.Key));

        await keep.RetireAsync(second.Key, Who("privacy"));
        await keep.RetireAsync(first.Key, Who("privacy"));

        Assert.Equal("retired", await RuleAsync(() => keep.RetireAsync(first.Key, Who("privacy"))));
        Assert.Equal("DS-0003", (await keep.RegisterAsync(Archive, Who("privacy"))).Key);
        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update data_source set feeds_on = array[key]"));
    }

    [Fact]
    public async Task A_flow_across_a_border_names_its_ground_or_says_that_there_is_none_and_only_those_who_may_keep_the_register()
    {
        var keep = Get<KeepRegister>();
        DataSourceDraft With(params BorderFlow[] flows) => Archive with { Flows = flows };
        Assert.Equal("reference-required", await RuleAsync(() => keep.RegisterAsync(With(new BorderFlow("Germany", "India", Safeguard.StandardClauses, "")), Who("privacy"))));
        Assert.Equal("flow-unusable", await RuleAsync(() => keep.RegisterAsync(With(new BorderFlow("", "India", Safeguard.None, "")), Who("privacy"))));
        Assert.Equal("too-many", await RuleAsync(() => keep.RegisterAsync(With([.. Enumerable.Repeat(new BorderFlow("A", "B", Safeguard.None, ""), 51)]), Who("privacy"))));
        Assert.Equal("name-required", await RuleAsync(() => keep.RegisterAsync(Archive with { Name = " " }, Who("privacy"))));
        Assert.Equal("not-permitted", await RuleAsync(() => keep.RegisterAsync(Archive, Who("submitter"))));
        Assert.Equal("not-permitted", await RuleAsync(() => keep.RegisterAsync(Archive, Who("auditor"))));

        var source = await keep.RegisterAsync(With(new("Germany", "United Kingdom", Safeguard.Adequacy, "Decision (EU) 2021/1772"), new("Germany", "India", Safeguard.None, "")), Who("privacy"));

        Assert.True(source.HasWeakFlow);
        var register = Get<SourceRegister>();
        Assert.Equal(1, (await register.PageAsync(new(Flows: true), Who("submitter"))).Total);
        Assert.Equal(0, (await register.PageAsync(new(DataClass.Public), Who("submitter"))).Total);
        Assert.Equal(1, (await register.PageAsync(new(Search: "vau"), Who("submitter"))).Total);
    }
}
