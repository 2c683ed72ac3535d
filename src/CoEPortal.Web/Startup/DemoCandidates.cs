using CoEPortal.Governance.Access;
using CoEPortal.Governance.Candidates;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>What a walk through the departments of the demo organisation found. Invented.</summary>
public sealed class DemoCandidates(IDbContextFactory<GovernanceDb> databases, CandidateValidator validator, StartUseCase startUseCase, TimeProvider realClock)
{
    private static readonly (string By, CandidateDraft Draft)[] Found =
    [
        ("submitter", new("Sort incoming claims letters", "Claims", "Two people open each letter, read the first page, look up the claim number and lay it into one of eleven trays. A third of the letters has no number and is searched by name.", 5200, 3, 2, 4, 4)),
        ("submitter", new("Write the first answer to a household claim", "Claims", "The handler reads the notice, picks one of thirty text blocks, changes names and sums by hand and has it read by a colleague.", 900, 14, 2, 4, 3)),
        ("submitter", new("Check repair invoices against the contract", "Claims", "Each line of the invoice is compared with the list of what is insured; one in twenty is cut, mostly for the same five reasons.", 1400, 9, 1, 5, 3)),
        ("submitter2", new("Summarise a call for the file", "Customer Service", "After each call the agent writes five to ten lines into the file while the next customer waits.", 7600, 4, 1, 4, 5)),
        ("submitter2", new("Answer questions about the status of a claim", "Customer Service", "The agent opens three systems, reads the last entries and tells the customer in their own words.", 3100, 6, 1, 3, 3)),
        ("operator", new("Translate complaints from French and Italian", "Customer Service", "A colleague who speaks the language is asked by chat and writes half a page back, mostly the next day.", 120, 25, 1, 3, 5)),
        ("coe-lead", new("Draft the monthly risk report", "Risk", "Figures come from four spreadsheets; the comments are copied from last month and changed where somebody remembers why.", 1, 960, 3, 2, 2)),
        ("coe-lead", new("Decide on goodwill payments", "Claims", "A team lead weighs the history of the customer against the reason, by experience; no two do it alike.", 60, 35, 1, 3, 1)),
    ];

    internal async Task MakeAsync(CancellationToken cancellation)
    {
        var start = realClock.GetUtcNow().AddDays(-40);
        Candidate? last = null;
        foreach (var (at, (by, draft)) in Found.Index())
        {
            last = await KeepAt(start.AddDays(at)).AddAsync(draft, Who(by), cancellation);
        }

        await KeepAt(start.AddDays(20)).SetAsideAsync(last!.Key, "Nobody has written down how it is weighed, and the law asks for a person here. Write the criteria first.", Who("coe-lead"), cancellation);
    }

    private KeepCandidates KeepAt(DateTimeOffset at) => new(databases, validator, startUseCase, new DemoClock(at));

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
