using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Reports;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Reports;

/// <summary>An incident with its deadlines, its stop and what was learnt.</summary>
public sealed class IncidentPackTests(TestPostgres postgres) : AuditPackTest(postgres)
{
    [Fact]
    public async Task The_evidence_of_an_incident_proves_every_event_of_it_and_of_its_switches()
    {
        var key = await GivenAnIncidentAsync();
        await NewLog().BringUpToDateAsync(TestContext.Current.CancellationToken);

        var pack = await PackAsync<IncidentPack>(new IncidentSubject(key));
        var bundle = EvidenceBundle.Read(pack.ToBundle("test", LogKey.Public).Write());

        Assert.Empty(BundleCheck.Verify(bundle));
        Assert.Empty(BundleLogCheck.Verify(bundle, [PinnedKey.Parse(LogKey.Public)], out _));
        Assert.Single(pack.Switches);
        Assert.Equal(pack.EntryCount, pack.Entries.Count);
        Assert.Contains(bundle.Events, e => e.Action == "KillSwitchEngaged");
        Assert.Contains(bundle.Events, e => e.Action == "EvidenceLocked");
        Assert.Equal(new IncidentSubject(key), PackSubject.Of(PackKind.Incident, key));
    }

    [Fact]
    public async Task Who_may_not_know_of_an_incident_gets_no_report_of_it()
    {
        var key = await GivenAnIncidentAsync();

        Assert.Equal("not-permitted", await RuleAsync(() => Get<RequestAuditPack>().RunAsync(new IncidentSubject(key), Paper.A4, Who("submitter"))));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<RequestAuditPack>().RunAsync(new IncidentSubject("INC-9999"), Paper.A4, Who("auditor")));
    }

    [Fact]
    public async Task It_is_printed_with_deadlines_timeline_stops_and_actions()
    {
        SkipWithoutBrowser();
        var text = Squeezed(await TextAsync(await PrintedAsync(new IncidentSubject(await GivenAnIncidentAsync()))));

        foreach (var expected in new[] { "It quotes other people's claims", "Article 33(1)", "72", "Cache emptied", "No filter on the tenant", "A1", "How to verify", "Locked evidence" })
        {
            Assert.Contains(Squeezed(expected), text, StringComparison.Ordinal);
        }
    }

    private async Task<string> GivenAnIncidentAsync()
    {
        var useCase = await GivenAnApprovedAsync(HelpBotProposal);
        await Get<PublishClockRules>().RunAsync();
        var key = (await Get<ReportIncident>().RunAsync(new IncidentReport("It quotes other people's claims", "Seen in 72 answers.", IncidentCategory.DataBreach, [useCase], null, true), Who("submitter"))).Key;
        await Get<TriageIncident>().RunAsync(key, new IncidentTriage(IncidentSeverity.Serious, IncidentCategory.DataBreach, [HarmKind.Rights], [useCase], true, RiskToPeople.Likely), Who("privacy"));
        await Get<StopFromIncident>().RunAsync(key, SwitchScope.UseCase, useCase, new Engagement(SwitchMode.Stop, "It leaks."), Who("security"));
        await Get<HandleIncident>().NoteAsync(key, EntryKind.Mitigation, null, "Cache emptied", "", null, Who("security"));
        await Get<HandleIncident>().WritePostMortemAsync(key, "One index for two tenants.", "No filter on the tenant.", "", Who("security"));
        await Get<SeeToIncidentAction>().OpenAsync(key, "Filter by tenant", Who("submitter").Id, Get<Organisation>().DayOf(Clock.GetUtcNow()).AddDays(3), Who("security"));
        return key;
    }
}
