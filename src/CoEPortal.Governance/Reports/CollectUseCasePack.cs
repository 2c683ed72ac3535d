using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Governance.Scoring;
using CoEPortal.Governance.StageGates;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Workflows;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>One use case, with all that ever concerned it.</summary>
internal sealed class CollectUseCasePack(OpenEntries open, TriageRules rules, VersionedFiles<GateRules> gates, PublishedDefinitions definitions, Organisation organisation, TimeProvider clock)
{
    // Each takes a page or two.
    private const int MostLanes = 30;

    private const int MostFollowUps = 500;

    // What fits across a page as columns, and still reads as a table beneath.
    private const int MostDays = 62;

    public async Task<UseCasePack> OfAsync(GovernanceDb db, UseCaseSubject subject, CancellationToken cancellation)
    {
        var useCaseKey = subject.Key;
        var useCase = await db.UseCases.Include(u => u.Revisions).AsSplitQuery().SingleOrDefaultAsync(u => u.Key == useCaseKey, cancellation)
            ?? throw new NotFoundException("use case", useCaseKey);
        Refuse.If(useCase.LatestRevision == 0, "nothing-submitted", $"{useCaseKey} is still a draft. There is nothing to prove before it is submitted.");
        var rounds = await db.ApprovalRounds.Include(r => r.Decisions).AsSplitQuery().Where(r => r.UseCaseId == useCase.Id)
            .OrderBy(r => r.Number).ToListAsync(cancellation);
        var bindings = await db.CredentialBindings.Where(b => b.UseCaseKey == useCaseKey).OrderBy(b => b.BoundAt).ToListAsync(cancellation);
        var usage = await UsageAsync(db, useCaseKey, cancellation);
        var timeline = await CollectAuditPack.EntriesAsync(db, open, db.AuditEvents.Where(e => e.UseCaseKey == useCaseKey)
            .OrderByDescending(e => e.OccurredAt).ThenByDescending(e => e.EventId).Take(CollectAuditPack.MostTimelineEntries), cancellation);
        var events = await CollectAuditPack.EventsAsync(db, open, [.. SubjectsOf(timeline, useCase, bindings, usage)], cancellation);
        var log = await ProveEvents.OfAsync(db, open, subject, events, timeline, cancellation);
        var switches = SwitchPeriod.Of(events).Where(p => p.Released is null || p.Released.OccurredAt >= useCase.CreatedAt).ToList();
        var now = clock.GetUtcNow();
        var shown = useCase.Revisions.Single(r => r.Number == (useCase.ApprovedRevision ?? useCase.LatestRevision));
        return new UseCasePack(
            now, useCase, ArticlesOf(useCase), rounds, bindings, usage, await BudgetsAsync(db, useCase, cancellation),
            await SwitchPeriod.WithEffectsAsync(db, switches, cancellation), timeline,
            timeline.Count < CollectAuditPack.MostTimelineEntries ? timeline.Count : await db.AuditEvents.CountAsync(e => e.UseCaseKey == useCaseKey, cancellation),
            events)
        {
            Lanes = await LanesAsync(db, rounds, cancellation),
            FollowUps = await db.ConditionFollowUps.Where(f => f.UseCaseKey == useCaseKey).OrderBy(f => f.RoundNumber).ThenBy(f => f.Number)
                .Take(MostFollowUps).ToListAsync(cancellation),
            Overrides = await db.JudgementOverrides.AsNoTracking().Where(o => o.UseCaseKey == useCaseKey).OrderBy(o => o.Number).ToListAsync(cancellation),
            StageGates = [.. (await StageGateSheets.GivenAsync(db, useCaseKey, cancellation)).OrderBy(a => a.Gate).ThenBy(a => a.Number)],
            Assurance = await PackAssurance.OfAsync(db, useCase, shown, gates.InForce(now), organisation, now, cancellation),
            Effect = await MeasuredEffect.InAsync(db, useCaseKey, cancellation),
            Log = log,
        };
    }

    private async Task<IReadOnlyDictionary<Guid, PackLane>> LanesAsync(GovernanceDb db, List<ApprovalRound> rounds, CancellationToken cancellation)
    {
        var newest = rounds.TakeLast(MostLanes).Select(r => r.Id).ToList();
        var lanes = new Dictionary<Guid, PackLane>();
        foreach (var instance in await db.LaneInstances.Where(i => newest.Contains(i.RoundId)).ToListAsync(cancellation))
        {
            var definition = await definitions.OfAsync(db, instance.DefinitionId, instance.DefinitionVersion, cancellation);
            var journal = await db.Set<LaneJournalEntry>().Where(e => e.InstanceId == instance.Id)
                .OrderBy(e => e.Sequence).Take(LaneList.JournalLimit).ToListAsync(cancellation);
            lanes[instance.RoundId] = new PackLane(
                definition,
                LaneSheet.ViewOf(instance, definition, WorkflowState.FromJson(instance.State), journal),
                await db.ReviewTasks.Where(t => t.InstanceId == instance.Id).OrderBy(t => t.OpenedAt).ThenBy(t => t.Id).ToListAsync(cancellation));
        }

        return lanes;
    }

    /// <summary>The subjects of the timeline, and the wider switches that stopped this use case with others.</summary>
    private static IEnumerable<(string Type, string Key)> SubjectsOf(
        List<TimelineEntry> timeline, UseCase useCase, List<CredentialBinding> bindings, PackUsage? usage)
    {
        var models = useCase.Revisions.SelectMany(r => r.Proposal.Endpoints).Concat(usage?.Total.ByModel.Select(m => m.Model) ?? []);
        return timeline.Select(e => (e.SubjectType, e.SubjectKey))
            .Concat(models.Select(model => Switch(SwitchScope.Model, model)))
            .Concat(bindings.Select(binding => Switch(SwitchScope.Gateway, binding.Gateway)))
            .Append(Switch(SwitchScope.All, KillSwitch.Everything))
            .Distinct();

        static (string, string) Switch(SwitchScope scope, string target) => ("kill-switch", $"{scope}/{target}");
    }

    private Dictionary<(string, string), Article> ArticlesOf(UseCase useCase) =>
        (from assessment in useCase.Revisions.Select(r => r.Assessment).DistinctBy(a => a.RulesVersion)
         from article in rules.OfVersion(assessment.RulesVersion)?.Articles ?? []
         select (assessment.RulesVersion, article)).ToDictionary(a => (a.RulesVersion, a.article.Ref), a => a.article);

    private async Task<PackUsage?> UsageAsync(GovernanceDb db, string useCaseKey, CancellationToken cancellation)
    {
        var models = await db.Database.SqlQuery<ModelUsage>(
            $"""
            select model, sum(calls)::bigint calls, sum(unmetered_calls)::bigint "UnmeteredCalls", sum(unpriced_calls)::bigint "UnpricedCalls",
              sum(failed_calls)::bigint "FailedCalls", sum(input_tokens)::bigint "InputTokens", sum(output_tokens)::bigint "OutputTokens", sum(cost) cost
            from telemetry.usage_minute where use_case_key = {useCaseKey} group by model order by sum(cost) desc, model
            """).ToListAsync(cancellation);
        if (models.Count == 0)
        {
            return null;
        }

        var span = await db.Database.SqlQuery<Span>(
            $"""select min(minute) "First", max(minute) "Last" from telemetry.usage_minute where use_case_key = {useCaseKey}""").SingleAsync(cancellation);
        var unit = (span.Last - span.First).TotalDays <= MostDays ? "day" : "month";
        var points = await db.Database.SqlQuery<UsagePoint>(
            $"""
            select date_trunc({unit}, minute, {organisation.TimeZone}) start, sum(calls)::bigint calls, sum(cost) cost
            from telemetry.usage_minute where use_case_key = {useCaseKey} group by 1 order by 1
            """).ToListAsync(cancellation);
        var total = new Usage(
            models.Sum(m => m.Calls), models.Sum(m => m.UnmeteredCalls), models.Sum(m => m.UnpricedCalls), models.Sum(m => m.FailedCalls),
            models.Sum(m => m.InputTokens), models.Sum(m => m.OutputTokens), models.Sum(m => m.Cost), organisation.Currency, models);
        return new PackUsage(span.First, span.Last, total, unit, points);
    }

    private static async Task<IReadOnlyList<PackBudget>> BudgetsAsync(GovernanceDb db, UseCase useCase, CancellationToken cancellation)
    {
        var spends = await db.Database.SqlQuery<Spend>(
            $"""
            select revision, criterion, window_start "WindowStart", cost, breached_at "BreachedAt", breached_by "BreachedBy" from telemetry.spend
            where use_case_key = {useCase.Key} order by window_start desc, revision desc, criterion
            """).ToListAsync(cancellation);
        return [.. from spend in spends
                   let criteria = useCase.Revisions.Single(r => r.Number == spend.Revision).Proposal.KillCriteria
                   select new PackBudget(
                       spend.Revision, spend.Criterion, criteria[spend.Criterion - 1], spend.WindowStart, spend.Cost, spend.BreachedAt, spend.BreachedBy)];
    }

    private sealed record Span(DateTimeOffset First, DateTimeOffset Last);

    private sealed record Spend(int Revision, int Criterion, DateTimeOffset WindowStart, decimal Cost, DateTimeOffset? BreachedAt, string? BreachedBy);
}
