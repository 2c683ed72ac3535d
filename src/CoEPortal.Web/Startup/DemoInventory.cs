using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Import;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Governance.Scoring;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>What Nordhaven had before it had the portal: a small spreadsheet, taken over, and one of its rows ended since.</summary>
public sealed class DemoInventory(IDbContextFactory<GovernanceDb> databases, ProposalValidator validator, TriageRules rules, Organisation organisation, TimeProvider realClock)
{
    private const string Mapping = """
        name: nordhaven-2025
        title: Nordhaven spreadsheet of 2025
        fields:
          title: { column: What }
          businessUnit: { column: Unit }
          problem: { column: Why }
          phase: { column: State, words: { production: [running], pilot: [trial], idea: [idea] }, blank: unknown }
          impact: { column: Affects rights or safety, words: { neither: ["no"], rights: [rights], safety: [safety] }, blank: undecided, otherwise: undecided }
        """;

    private const string Rows = """
        What,Unit,Why,State,Affects rights or safety
        Scoring of sick leave,Human Resources,"Long absences are noticed late, and nobody knows how a case will go.",running,rights
        Photo check of roof damage,Claims,"Surveyors drive two hours for damage that a picture shows.",trial,no
        Sorting of the post,Customer Service,"4,000 letters a day are read only to find out who should read them.",running,no
        Sorting of post,Claims,"Letters to Claims wait a day for the post room.",idea,
        ,Underwriting,"Nobody wrote down what this is.",running,not yet looked at
        """;

    public async Task MakeAsync(CancellationToken cancellation)
    {
        var day = realClock.GetUtcNow().AddDays(-2);
        var clock = new DemoClock(new DateTimeOffset(day.Year, day.Month, day.Day, 9, 10, 0, TimeSpan.Zero));
        var lead = DemoPersonas.Find("coe-lead")!.Actor;
        var made = await new ImportUseCases(databases, validator, rules, clock).RunAsync(Encoding.UTF8.GetBytes(Rows), ImportMappings.Given(Mapping), false, lead, cancellation);
        var keys = made.Rows.Select(r => r.Key).OfType<string>().ToList();
        clock.GoTo(clock.GetUtcNow().AddHours(3));
        await new GrantGrace(databases, organisation, clock).RunAsync(
            keys[2], organisation.DayOf(clock.GetUtcNow()).AddDays(45), "The post room cannot do without it; its one-pager is being written.", lead, cancellation);
        clock.GoTo(clock.GetUtcNow().AddHours(18));
        await new StopUseCase(databases, clock).RunAsync(
            keys[1], "Three months of trial: a surveyor had to drive out for 7 of 10 all the same.", "Pictures show tiles, not what is beneath. Ask surveyors what decides before choosing a model.", lead, cancellation);
    }
}
