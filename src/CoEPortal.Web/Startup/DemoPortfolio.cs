using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Scoring;
using CoEPortal.Governance.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>
/// The past of the demo organisation: the real use-case classes, run with a clock of their own. Every hash, decision and
/// total in it is therefore as real as one made by hand; only the people and the figures are invented.
/// </summary>
public sealed class DemoPortfolio(
    IDbContextFactory<GovernanceDb> databases, ProposalValidator validator, TriageRules rules, LaneRuntime lanes, EndReviewOf reviews, PriceBooks prices,
    Organisation organisation, DemoReviewWork reviewWork, DemoFeedback feedback, DemoInventory inventory, DemoIncidents incidents, DemoExercises exercises, DemoCampaigns campaigns, DemoGates gates,
    DemoRecords records, DemoPatterns patterns, DemoPolicies policies, DemoSources sources, DemoChannels channels, DemoTraining training, DemoAdoption adoption, DemoStageGates stageGates, DemoReturns returns, DemoCandidates candidates, TimeProvider realClock, ILogger<DemoPortfolio> log)
{
    private DemoClock _clock = new(realClock.GetUtcNow());

    /// <summary>Makes the past once, on an empty database.</summary>
    public async Task MakeAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        if (await db.UseCases.AnyAsync(cancellation))
        {
            return;
        }

        foreach (var story in DemoStories.All)
        {
            await LiveAsync(story, cancellation);
        }

        await UseWithoutAnybodyAsync(cancellation);
        await reviewWork.MakeAsync(cancellation);
        await feedback.MakeAsync(cancellation);
        await inventory.MakeAsync(cancellation);
        await incidents.MakeAsync(cancellation);
        await exercises.MakeAsync(cancellation);
        await campaigns.MakeAsync(cancellation);
        await gates.MakeAsync(cancellation);
        await records.MakeAsync(cancellation);
        await patterns.MakeAsync(cancellation);
        await policies.MakeAsync(cancellation);
        await sources.MakeAsync(cancellation);
        await channels.MakeAsync(cancellation);
        await training.MakeAsync(cancellation);
        await candidates.MakeAsync(cancellation);
        await stageGates.MakeAsync(cancellation);
        await returns.MakeAsync(cancellation);
        await adoption.MakeAsync(cancellation);

        log.LogInformation("The demo organisation has {Count} use cases", DemoStories.All.Count);
    }

    private async Task LiveAsync(DemoStory story, CancellationToken cancellation)
    {
        _clock = new DemoClock(DaysAgo(story.StartedDaysAgo));
        var author = Who(story.Author);
        var useCase = await new StartUseCase(databases, validator, _clock).RunAsync(author, story.Proposal, cancellation);
        if (story.End is DemoEnd.Draft)
        {
            return;
        }

        if (story.End is DemoEnd.Approved or DemoEnd.InService or DemoEnd.Stopped)
        {
            await stageGates.PassAsync(useCase.Key, author, _clock, cancellation);
        }

        if (story.Paper is { } paper)
        {
            await new KeepDocuments(databases, reviews, _clock).AddAsync(useCase.Key, paper.Title, UploadedFile.Read(paper.File, Encoding.UTF8.GetBytes(paper.Text)), Who(paper.Persona), cancellation);
        }

        _clock.Pass(4);
        await new SubmitProposal(databases, validator, rules, lanes, _clock, [new ReviewedDocuments()]).RunAsync(useCase.Key, null, author, cancellation);
        await DecideAsync(story, useCase.Key, cancellation);
        if (story.End is not (DemoEnd.InService or DemoEnd.Stopped))
        {
            return;
        }

        _clock.Pass(20);
        var slug = story.Proposal.Title.Split(' ')[0].ToLowerInvariant();
        await new BindCredential(databases, _clock).RunAsync(
            useCase.Key, CredentialKind.Route, $"/{slug}-{useCase.Key.ToLowerInvariant()}", story.Gateway, Who("coe-lead"), cancellation);
        await stageGates.MoveAsync(useCase.Key, Phase.Pilot, "Approved, and its users are asked every week.", _clock, cancellation);
        await UseAsync(story, useCase.Key, cancellation);
        if (story.End is DemoEnd.Stopped)
        {
            _clock.GoTo(realClock.GetUtcNow().AddHours(-14));
            await new EngageKillSwitch(databases, _clock).RunAsync(
                SwitchScope.UseCase, useCase.Key, SwitchMode.Stop, story.StopReason, "Please write the summary by hand until further notice.",
                Who("security"), cancellation: cancellation);
        }
    }

    private async Task DecideAsync(DemoStory story, string key, CancellationToken cancellation)
    {
        var decide = new DecideReview(databases, lanes, organisation, _clock);
        foreach (var answer in story.Answers)
        {
            await using var db = await databases.CreateDbContextAsync(cancellation);
            var task = await db.ReviewTasks.AsNoTracking()
                .SingleOrDefaultAsync(t => t.UseCaseKey == key && t.State == TaskState.Open && t.Function == answer.Function, cancellation);
            if (task is null)
            {
                continue;
            }

            var hash = await db.ApprovalRounds.Where(r => r.Id == task.RoundId).Select(r => r.ContentHash).SingleAsync(cancellation);
            _clock.Pass(answer.AfterHours);
            var draft = new DecisionDraft(answer.Kind, answer.Comment, [.. answer.Conditions.Select(text => new ConditionDraft(text))], hash);
            await decide.RunAsync(task.Id, draft, Who(answer.Persona) with { ConfirmedAt = _clock.GetUtcNow() }, cancellation: cancellation);
        }
    }

    /// <summary>Calls of working days, with the lunch dip and quiet nights that real traffic has. The same on every machine.</summary>
    private async Task UseAsync(DemoStory story, string key, CancellationToken cancellation)
    {
        var random = new Random(story.Proposal.Title.Length * 7919);
        var record = new RecordCalls(databases, prices, organisation, _clock);
        var end = realClock.GetUtcNow().AddMinutes(-10);
        for (var day = _clock.GetUtcNow().Date; day < end.UtcDateTime; day = day.AddDays(1))
        {
            var weekend = day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
            var count = (int)(story.CallsADay * (weekend ? 0.12 : 0.8 + 0.4 * random.NextDouble()));
            var drifted = story.DriftsDaysAgo is { } ago && day >= end.UtcDateTime.Date.AddDays(-ago);
            var calls = Enumerable.Range(0, count).Select(i => CallOf(story, key, day, i, drifted, random)).Where(c => c.StartedAt < end).ToList();
            await record.RunAsync(calls, key, "demo", cancellation);
        }
    }

    /// <summary>What a gateway sees although nobody proposed it: a notebook of analysts, and a vendor's agent that calls itself something unknown.</summary>
    private async Task UseWithoutAnybodyAsync(CancellationToken cancellation)
    {
        var end = realClock.GetUtcNow();
        var random = new Random(7919);
        var calls = Enumerable.Range(0, 160).Select(i => new ReportedCall
        {
            Source = "demo",
            SourceEventId = FormattableString.Invariant($"nobody/{i}"),
            Account = Account.GatewayLog,
            Service = i % 4 == 0 ? "vendor-support-agent" : "pricing-notebook",
            ClaimedUseCase = i % 4 == 0 ? "support-copilot" : null,
            Route = i % 4 == 0 ? "/agents" : "/notebooks",
            StartedAt = end.AddHours(-i * 3).AddMinutes(-random.Next(60)),
            Duration = TimeSpan.FromMilliseconds(600 + random.Next(4000)),
            Provider = "openai",
            Operation = "chat",
            RequestModel = i % 4 == 0 ? "gpt-4.1-mini" : "gpt-4.1",
            InputTokens = 900 + random.Next(9000),
            OutputTokens = 100 + random.Next(900),
        }).ToList();
        await new RecordCalls(databases, prices, organisation, realClock).RunAsync(calls, null, "kong-eu-1", cancellation);
    }

    private static ReportedCall CallOf(DemoStory story, string key, DateTime day, int number, bool drifted, Random random)
    {
        var hour = 7 + 10 * (random.NextDouble() + random.NextDouble()) / 2;
        var unmetered = random.Next(60) == 0;
        var drift = drifted ? 1.5 : 1;
        return new ReportedCall
        {
            Source = "demo",
            SourceEventId = FormattableString.Invariant($"{key}/{day:yyyyMMdd}/{number}"),
            StartedAt = new DateTimeOffset(day.AddHours(hour), TimeSpan.Zero),
            Duration = TimeSpan.FromMilliseconds((400 + random.Next(3200)) * drift),
            Provider = "openai",
            Operation = "chat",
            RequestModel = story.Proposal.Endpoints[0],
            InputTokens = unmetered ? null : (int)((story.InputTokens / 2 + random.Next(story.InputTokens)) * drift),
            OutputTokens = unmetered ? null : 80 + random.Next(420),
            Failed = random.Next(90) == 0,
            Topic = story.Topics.Count == 0 || random.Next(5) == 0 ? null
                : story.Topics[drifted ? Math.Max(random.Next(story.Topics.Count), random.Next(story.Topics.Count)) : Math.Min(random.Next(story.Topics.Count), random.Next(story.Topics.Count))],
            EndUser = FormattableString.Invariant($"agent-{number * 7 % 83 % (day.Day + 40)}"),
            Cohort = story.Proposal.Title is "Policy question assistant" ? (number * 7 % 83 % (day.Day + 40)) switch { < 38 => "hotline", < 60 => "back-office", < 63 => "claims-desk", _ => null } : null,
            Guardrail = random.Next(70) == 0 ? GuardrailOutcome.Intervened : GuardrailOutcome.Passed,
        };
    }

    private DateTimeOffset DaysAgo(int days)
    {
        var day = realClock.GetUtcNow().AddDays(-days);
        return new DateTimeOffset(day.Year, day.Month, day.Day, 8, 20, 0, TimeSpan.Zero);
    }

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
