using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>Every use case that a filter finds, in a fixed number of questions to the database.</summary>
internal sealed class CollectPortfolioPack(OpenEntries open, Organisation organisation, TimeProvider clock)
{
    /// <summary>About 200 pages; with more, a filter makes several reports of it.</summary>
    public const int MostUseCases = 500;

    public async Task<PortfolioPack> OfAsync(GovernanceDb db, PortfolioSubject filter, CancellationToken cancellation)
    {
        var wanted = db.UseCases.Where(u => u.LatestRevision > 0 && (filter.BusinessUnit == null || u.BusinessUnit == filter.BusinessUnit)
            && (filter.Stage == null || u.Stage == filter.Stage) && (filter.Lane == null || u.Lane == filter.Lane));
        var found = await wanted.OrderBy(u => u.Key.Length).ThenBy(u => u.Key).Take(MostUseCases + 1).ToListAsync(cancellation);
        Refuse.If(found.Count > MostUseCases, "portfolio-too-large", $"More than {MostUseCases} use cases match. Choose a business unit, a stage or a lane.");
        Refuse.If(found.Count == 0, "portfolio-empty", "No use case that was submitted matches. Choose another business unit, stage or lane.");
        var keys = found.ConvertAll(u => u.Key).ToArray();

        var revisions = await (
            from useCase in wanted
            join revision in db.Set<UseCaseRevision>() on useCase.Id equals revision.UseCaseId
            where revision.Number == (useCase.ApprovedRevision ?? useCase.LatestRevision)
            select revision).ToDictionaryAsync(r => r.UseCaseId, cancellation);
        var rounds = (await db.ApprovalRounds.Include(r => r.Decisions).AsSplitQuery()
            .Where(r => keys.Contains(r.UseCaseKey) && r.Topic == ReviewTopic.Proposal && r.Status == RoundStatus.Approved).ToListAsync(cancellation)).ToLookup(r => r.UseCaseKey);
        var conditions = await db.ConditionFollowUps.Where(f => keys.Contains(f.UseCaseKey) && (f.State == FollowUpState.Open || f.State == FollowUpState.Reported))
            .GroupBy(f => f.UseCaseKey).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellation);
        var stopped = await db.KillSwitches.Where(s => s.Scope == SwitchScope.UseCase && s.State != SwitchState.Released && keys.Contains(s.Target))
            .ToDictionaryAsync(s => s.Target, s => s.Mode!.Value.ToString(), cancellation);
        var costs = await db.Database.SqlQuery<Cost>(
            $"""
            select use_case_key "Key", sum(calls)::bigint "Calls", sum(unpriced_calls)::bigint "Unpriced", sum(cost) "Amount" from telemetry.usage_day
            where use_case_key = any ({keys}) group by use_case_key
            """).ToDictionaryAsync(c => c.Key, cancellation);
        var spent = await NewestSpend.OfAsync(db, keys, cancellation);
        var drills = await db.Drills.Where(d => keys.Contains(d.Target)).GroupBy(d => d.Target)
            .Select(g => new { g.Key, Last = g.Max(d => d.ClickedAt) }).ToDictionaryAsync(g => g.Key, g => g.Last, cancellation);

        var assurance = await PortfolioAssurance.OfAllAsync(db, keys, organisation.DayOf(clock.GetUtcNow()), cancellation);

        var entries = found.ConvertAll(u =>
        {
            var shown = revisions[u.Id];
            var cost = costs.GetValueOrDefault(u.Key);
            var number = shown.Proposal.KillCriteria.Select((c, i) => (c, i)).FirstOrDefault(c => c.c.Kind is KillCriterionKind.Budget).i + 1;
            return new PortfolioEntry(
                u, shown, rounds[u.Key].Where(r => r.RevisionNumber == u.ApprovedRevision).MaxBy(r => r.Number), conditions.GetValueOrDefault(u.Key),
                stopped.GetValueOrDefault(u.Key), cost?.Calls ?? 0, cost?.Unpriced ?? 0, cost?.Amount ?? 0,
                spent.GetValueOrDefault((u.Key, shown.Number, number))?.Cost, drills.TryGetValue(u.Key, out var last) ? last : null, assurance(u.Key));
        });

        var events = await CollectAuditPack.EventsAsync(db, open, [.. keys.Select(key => ("use-case", key))], cancellation);
        var log = await ProveEvents.OfAsync(db, open, filter, events, null, cancellation);
        return new PortfolioPack(filter, clock.GetUtcNow(), entries, events) { Log = log };
    }

    private sealed record Cost(string Key, long Calls, long Unpriced, decimal Amount);
}
