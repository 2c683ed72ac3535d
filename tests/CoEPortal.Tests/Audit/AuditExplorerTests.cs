using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Audit;

public sealed class AuditExplorerTests(TestPostgres postgres) : AuditLogTest(postgres)
{
    [Fact]
    public async Task The_log_is_found_by_person_kind_subject_day_and_words()
    {
        await GivenALogAsync(2);
        Clock.Advance(TimeSpan.FromDays(3));
        var task = (await OpenTaskAsync("UC-0002", Role.Legal))!;
        await DecideAsync(task, "legal", DecisionKind.Approve);
        var today = Get<Organisation>().DayOf(Clock.GetUtcNow());

        Assert.All(await FindAsync(new AuditFilter(Actor: "legal@demo")), r => Assert.Equal("legal@demo", r.Entry.ActorId));
        Assert.Equal(["DecisionRecorded"], (await FindAsync(new AuditFilter(Action: "DecisionRecorded"))).Select(r => r.Entry.Action));
        Assert.All(await FindAsync(new AuditFilter(About: "UC-0001")), r => Assert.Equal("UC-0001", r.UseCaseKey));
        Assert.All(await FindAsync(new AuditFilter(From: today)), r => Assert.Equal("legal@demo", r.Entry.ActorId));
        Assert.DoesNotContain(await FindAsync(new AuditFilter(Until: today.AddDays(-1))), r => r.Entry.Action == "DecisionRecorded");
        Assert.NotEmpty(await FindAsync(new AuditFilter(Text: "nils")));
        Assert.Empty(await FindAsync(new AuditFilter(Text: "100%")));
    }

    [Fact]
    public async Task An_entry_has_its_number_once_it_is_in_the_log()
    {
        await GivenALogAsync(1);
        await GivenASubmittedAsync(ClaimsProposal);

        var rows = await FindAsync(new AuditFilter());

        Assert.All(rows, r => Assert.Equal(r.UseCaseKey == "UC-0002", r.Index is null));
    }

    [Fact]
    public async Task Each_entry_is_proven_in_a_file_of_its_own()
    {
        await GivenALogAsync();
        for (var index = 0; index < await ScalarAsync<long>("select count(*) from audit.leaf"); index++)
        {
            var proof = EntryProof.Read((await Get<ProveEntry>().RunAsync(index, Key.Public, Who("auditor"))).Write());

            Assert.Equal(index, proof.Entry.Index);
            Assert.Equal(4, EntryCheck.Verify(proof, [Pin]).Note.Split('\n').TakeWhile(l => l.Length > 0).Count());
            Assert.Throws<CheckFailedException>(() => EntryCheck.Verify(proof with { Entry = proof.Entry with { Data = proof.Entry.Data + " " } }, [Pin]));
        }
    }

    [Fact]
    public async Task What_is_not_signed_yet_is_not_proven()
    {
        await GivenALogAsync(1);
        await GivenASubmittedAsync(ClaimsProposal);
        await Get<IntegrateEvents>().RunAsync();
        var last = await ScalarAsync<long>("select max(index) from audit.leaf");

        await Assert.ThrowsAsync<NotFoundException>(() => Get<ProveEntry>().RunAsync(last, Key.Public, Who("auditor")));
    }

    [Fact]
    public async Task Submitters_read_no_log_and_only_auditors_and_the_lead_take_it_away()
    {
        await GivenALogAsync(1);

        Assert.Equal("not-permitted", await RuleAsync(() => Get<AuditExplorer>().SearchAsync(new AuditFilter(), Who("submitter"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<AuditExplorer>().FiguresAsync(Who("operator"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<ProveEntry>().RunAsync(0, Key.Public, Who("submitter"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<ExportLog>().RunAsync(Stream.Null, Key.Origin, Who("legal"))));
        await Get<ExportLog>().RunAsync(Stream.Null, Key.Origin, Who("coe-lead"));
    }

    private async Task<IReadOnlyList<AuditRow>> FindAsync(AuditFilter filter) => (await Get<AuditExplorer>().SearchAsync(filter, Who("auditor"), size: 200)).Items;
}
