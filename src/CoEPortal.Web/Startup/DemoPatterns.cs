using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Clearances;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Scoring;
using CoEPortal.Governance.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>Pre-cleared patterns of the demo organisation, and what they cleared: one confirmed, one that waits, one that left its pattern.</summary>
public sealed class DemoPatterns(
    IDbContextFactory<GovernanceDb> databases, ProposalValidator validator, TriageRules rules, LaneRuntime lanes, PriceBooks prices, Notices notices, Organisation organisation,
    TimeProvider realClock, ILogger<SweepClearances> log)
{
    internal async Task MakeAsync(CancellationToken cancellation)
    {
        await PatternAsync(
            80,
            new PatternContent
            {
                Title = "Answers from internal manuals",
                Summary = "A chat that answers from manuals which anybody inside may read. Nobody outside sees it, and a person reads each answer.",
                Models = ["gpt-4.1-mini", "gpt-4.1-nano"],
                DataClasses = [DataClass.Public, DataClass.Internal],
                Residencies = [Residency.EuOnly, Residency.EuAndUk],
                DataSources = ["Product manuals", "Tool documentation", "Intranet"],
                Disclosures = ["Written by AI from our manuals. Check before you rely on it.", "The sources stand below each answer."],
                Architecture = "Retrieval over the manuals in the search index of the region; one call to the model through the gateway; the sources beside the answer; nothing is kept but figures.",
                ArchitectureLink = "https://wiki.nordhaven.example/patterns/manuals",
                SampleEvery = 3,
            },
            270, cancellation);
        await PatternAsync(
            30,
            new PatternContent
            {
                Title = "Drafts of internal announcements",
                Summary = "A draft that a person edits before anybody reads it.",
                Models = ["gpt-4.1"],
                DataClasses = [DataClass.Internal],
                Residencies = [Residency.EuOnly],
                DataSources = ["Intranet"],
                Disclosures = ["Drafted with AI."],
                Architecture = "One call to the model through the gateway, no retrieval.",
            },
            10, cancellation);
        await new WritePattern(databases, new DemoClock(Ago(3))).StartAsync(new PatternContent { Title = "Code review comments", Summary = "Comments on changes, read by who wrote them." }, Who("coe-lead2"), cancellation);

        // Rules that ask for a pattern hold from a day on: nothing was cleared by one before.
        var start = organisation.StartOf(rules.InForce(realClock.GetUtcNow()).EffectiveOn);
        var from = start > Ago(20) ? start : Ago(20);
        var step = (realClock.GetUtcNow() - from) / 12;
        var first = await ClearAsync("Help with the travel tool", "Tool documentation", from + step, cancellation);
        await ClearAsync("Answers about the coffee machines", "Intranet", from + step * 2, cancellation);
        var left = await ClearAsync("Answers about tariffs for new colleagues", "Product manuals", from + step * 3, cancellation);
        await ClearAsync("Questions about the intranet search", "Intranet", from + step * 5, cancellation);

        var end = new EndClearance(notices);
        await new ReviewClearance(databases, end, new DemoClock(from + step * 6)).RunAsync(first, 1, SampleOutcome.Confirmed, "Uses what the pattern says; both sentences are shown.", Who("risk"), cancellation);
        var at = from + step * 8;
        await new RecordCalls(databases, prices, organisation, new DemoClock(at)).RunAsync(
            [.. Enumerable.Range(0, 40).Select(i => new ReportedCall
            {
                Source = "demo", SourceEventId = FormattableString.Invariant($"left/{i}"), Account = Account.GatewayLog, StartedAt = at.AddSeconds(-40 + i), Duration = TimeSpan.FromMilliseconds(900),
                Provider = "openai", Operation = "chat", RequestModel = i < 30 ? "gpt-4.1-mini" : "gpt-4.1", InputTokens = 1200, OutputTokens = 200,
            })],
            left, "kong-eu-1", cancellation);
        await new SweepClearances(databases, end, notices, new DemoClock(from + step * 9), log).RunAsync(cancellation);
    }

    private async Task PatternAsync(double daysAgo, PatternContent content, int goodFor, CancellationToken cancellation)
    {
        var written = await new WritePattern(databases, new DemoClock(Ago(daysAgo))).StartAsync(content, Who("coe-lead"), cancellation);
        await new PublishPattern(databases, organisation, new DemoClock(Ago(daysAgo - 2)))
            .RunAsync(written.Key, written.ContentHash, organisation.DayOf(realClock.GetUtcNow()).AddDays(goodFor), Who("coe-lead2"), cancellation);
    }

    private async Task<string> ClearAsync(string title, string source, DateTimeOffset at, CancellationToken cancellation)
    {
        var clock = new DemoClock(at);
        var proposal = new Proposal
        {
            Title = title,
            Problem = "People look it up in three places and ask a colleague in the end.",
            Users = "Everybody in the unit",
            BusinessUnit = "Customer Service",
            BusinessOwner = "Ines Carvalho",
            OperationalOwner = "Sofia Klein",
            Kpi = new Kpi { Metric = "Questions to colleagues", Unit = "questions a week", Baseline = 120, Target = 60, Deadline = organisation.DayOf(at).AddMonths(6), Guard = "Share of answers marked wrong at most 5 %" },
            CasesPerMonth = 500,
            DataClass = DataClass.Internal,
            PersonalData = PersonalData.None,
            Residency = Residency.EuOnly,
            Endpoints = ["gpt-4.1-mini"],
            DataSources = [source],
            Autonomy = Autonomy.Assists,
            Audience = Audience.Team,
            PeopleAffectedPerMonth = 0,
            AnnexArea = AnnexArea.None,
            InteractsWithPeople = true,
            FailSafe = FailSafe.TodaysWay,
            DataReadiness = DataReadiness.Ready,
            KillCriteria = [new KillCriterion { Kind = KillCriterionKind.Budget, Limit = 100, Window = KillCriterionWindow.Month, Description = "Spend in a calendar month" }],
        };
        var useCase = await new StartUseCase(databases, validator, clock).RunAsync(Who("submitter2"), proposal, cancellation);
        await new SubmitProposal(databases, validator, rules, lanes, clock).RunAsync(useCase.Key, null, Who("submitter2"), cancellation);
        await new BindCredential(databases, clock).RunAsync(useCase.Key, CredentialKind.Team, $"cs-{useCase.Key.ToLowerInvariant()}", "kong-eu-1", Who("coe-lead"), cancellation);
        return useCase.Key;
    }

    private DateTimeOffset Ago(double days) => realClock.GetUtcNow().AddDays(-days);

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
