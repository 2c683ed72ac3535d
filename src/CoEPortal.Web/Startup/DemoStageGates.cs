using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using CoEPortal.Governance.StageGates;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>How ideas of Nordhaven went from gate to gate: most passed, one waits, one was killed.</summary>
public sealed class DemoStageGates(IDbContextFactory<GovernanceDb> databases, ProposalValidator validator, VersionedFiles<StageGateRules> rules, StageGateNotices notices, TimeProvider realClock)
{
    private static readonly Dictionary<string, string> Said = new()
    {
        ["who"] = "Two teams were watched for three days; everybody named it without being asked.",
        ["today"] = "The baseline of the one-pager, from the work-time records of one quarter.",
        ["without-ai"] = "Templates and a better search were tried in spring; they helped with a third of the cases.",
        ["sources"] = "Those named in the one-pager; each owner was asked.",
        ["permission"] = "The owners agreed in writing; the privacy office has seen the purpose.",
        ["quality"] = "200 records were read: 6 lacked a date, none was wrong.",
        ["operator"] = "The team of the operational owner, half a day a week; they agreed.",
        ["integration"] = "Only the gateway and the usual sign-in.",
        ["cost"] = "Three weeks to build; running costs within the budget of the one-pager.",
        ["decides"] = "The person who asked reads it, with the sources beside it, before anything is sent.",
        ["wrong"] = "They correct or reject it and say so with one click; samples are read every month.",
        ["fallback"] = "By hand, as before; tried for a day in the first week.",
    };

    /// <summary>All four gates, and the proof of concept after them.</summary>
    internal async Task PassAsync(string key, Actor author, DemoClock clock, CancellationToken cancellation)
    {
        foreach (var gate in Enum.GetValues<StageGate>())
        {
            var answer = await AnswerAsync(key, gate, author, clock, cancellation);
            await new DecideStageGate(databases, notices, clock).RunAsync(key, gate, StageGateOutcome.Passed, "The evidence is there.", null, answer.ContentHash, Who("risk"), cancellation);
        }

        await MoveAsync(key, Phase.ProofOfConcept, "All four gates passed.", clock, cancellation);
    }

    internal Task MoveAsync(string key, Phase to, string reason, DemoClock clock, CancellationToken cancellation) =>
        new MovePhase(databases, clock).RunAsync(key, to, reason, Who("risk"), cancellation);

    /// <summary>An idea whose second gate waits, and one that ended there.</summary>
    internal async Task MakeAsync(CancellationToken cancellation)
    {
        var clock = new DemoClock(realClock.GetUtcNow().AddDays(-8));
        var author = Who("submitter");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var draft = await db.UseCases.Where(u => u.Title == "Claims call summaries").Select(u => u.Key).SingleAsync(cancellation);
        var killed = (await new StartUseCase(databases, validator, clock).RunAsync(
            author,
            new()
            {
                Title = "Storm damage forecast",
                BusinessUnit = "Claims",
                Problem = "After a storm, nobody knows for two days how many claims will come.",
                BusinessOwner = "Petra Ahlgren",
                OperationalOwner = "Petra Ahlgren",
            },
            cancellation)).Key;
        foreach (var key in new[] { draft, killed })
        {
            var first = await AnswerAsync(key, StageGate.ProblemValidation, author, clock, cancellation);
            await new DecideStageGate(databases, notices, clock).RunAsync(key, StageGate.ProblemValidation, StageGateOutcome.Passed, "Both teams confirm it.", null, first.ContentHash, Who("risk"), cancellation);
        }

        await AnswerAsync(draft, StageGate.DataAvailability, author, clock, cancellation);
        var second = await AnswerAsync(killed, StageGate.DataAvailability, author, clock, cancellation);
        await new DecideStageGate(databases, notices, clock).RunAsync(
            killed, StageGate.DataAvailability, StageGateOutcome.Killed, "The weather service allows no use of its archive for this, and ours has four storms.",
            "Four storms teach a model nothing. Ask what the archive allows before anything is planned.", second.ContentHash, Who("risk"), cancellation);
    }

    private Task<StageGateAnswer> AnswerAsync(string key, StageGate gate, Actor author, DemoClock clock, CancellationToken cancellation)
    {
        clock.Pass(1);
        var form = rules.InForce(clock.GetUtcNow())[gate];
        return new AnswerStageGate(databases, rules, notices, clock).RunAsync(key, gate, new(form.Questions.ToDictionary(q => q.Id, q => Said[q.Id]), "Notes of the interviews and the sample, with the author."), author, cancellation);
    }

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
