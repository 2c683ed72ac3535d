using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>
/// Judges what was counted by the kill criteria of their use cases and engages their switches: the one hook of ingest. Runs in
/// the transaction that stores the calls, so what is counted is stored, and who sees the calls sees the switch.
/// </summary>
public sealed class WatchCriteria(Organisation organisation, TimeProvider clock)
{
    private const decimal AlertLimit = 0.5m;

    private readonly BudgetWatch _budgets = new(organisation, clock);
    private readonly RateWatch _rates = new(clock);

    /// <param name="db">With a transaction open; the caller saves and commits.</param>
    /// <param name="usage">What the caller counts at the same time; without a use case it is nobody's.</param>
    /// <param name="cancellation">Gives up.</param>
    internal async Task RunAsync(GovernanceDb db, IReadOnlyList<CountedUsage> usage, CancellationToken cancellation)
    {
        if (usage.Count == 0)
        {
            return;
        }

        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var useCases = usage.Select(u => u.UseCase).Distinct().Order(StringComparer.Ordinal).ToList();
        var ordered = usage.OrderBy(u => u.At).ThenBy(u => u.Id, StringComparer.Ordinal).ToList();
        var criteria = await WatchedCriterion.OfAsync(db, useCases, cancellation);
        await _budgets.RunAsync(db, connection, criteria, ordered, cancellation);
        await _rates.RunAsync(db, criteria, ordered, cancellation);
    }

    /// <summary>After opinions on a use case were stored.</summary>
    internal async Task FeedbackAsync(GovernanceDb db, string useCase, IReadOnlyCollection<DateTimeOffset> given, CancellationToken cancellation)
    {
        var criteria = (await WatchedCriterion.OfAsync(db, [useCase], cancellation)).Where(c => c.Criterion.Kind is KillCriterionKind.NegativeFeedback).ToList();
        if (criteria.Count > 0 && given.Count > 0)
        {
            await _rates.RunOnFeedbackAsync(db, useCase, criteria, given, cancellation);
        }
    }

    /// <summary>After the score of an evaluation was stored, if it is the newest.</summary>
    internal async Task EvaluationAsync(GovernanceDb db, string useCase, string suite, decimal score, long examples, DateTimeOffset at, CancellationToken cancellation)
    {
        foreach (var criterion in (await WatchedCriterion.OfAsync(db, [useCase], cancellation)).Where(c => c.Criterion.Kind is KillCriterionKind.EvaluationScore))
        {
            var state = await CriterionState.OfAsync(db, criterion, cancellation);
            var trigger = new CriterionTrigger(criterion.Criterion, criterion.Limit, state.IsOver, state.EngagedAt);
            if (trigger.Observe(at, score, examples) is { } breach)
            {
                await CriterionState.StopAsync(
                    db, criterion, FormattableString.Invariant($"{suite} scored {breach.Value:0.######} on {breach.Sample} examples at {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC, at least {criterion.Limit:0.######} was agreed"),
                    clock.GetUtcNow(), cancellation);
            }

            await state.KeepAsync(db, criterion, trigger, cancellation);
        }
    }

    /// <summary>After an incident of the use case was triaged, resolved or opened again.</summary>
    /// <param name="incident">By its key.</param>
    /// <param name="isOpen">Whether any severe incident of the use case is open now.</param>
    /// <param name="isNew">This one has just become severe: it stops again what was released in spite of another.</param>
    /// <returns>The switch that it engaged; null when it engaged none.</returns>
    internal async Task<KillSwitch?> IncidentAsync(GovernanceDb db, string useCase, string incident, bool isOpen, bool isNew, CancellationToken cancellation)
    {
        KillSwitch? stopped = null;
        var now = clock.GetUtcNow();
        foreach (var criterion in (await WatchedCriterion.OfAsync(db, [useCase], cancellation)).Where(c => c.Criterion.Kind is KillCriterionKind.SevereIncident))
        {
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"criteria/" + useCase}, 0))", cancellation);
            var state = await CriterionState.OfAsync(db, criterion, cancellation);
            // No figure either, and no pause: a second incident within the hour is a second incident.
            var trigger = new CriterionTrigger(
                criterion.Criterion with { ClearBelow = null, MinimumSample = 0, CooldownMinutes = 0 }, AlertLimit, state.IsOver && isOpen && !isNew, state.EngagedAt);
            if (isOpen && trigger.Observe(now, 1, 1) is not null)
            {
                await CriterionState.StopAsync(db, criterion, $"{criterion.Criterion.InWords()}: {incident}", now, cancellation);
                var engaged = db.KillSwitches.Local.SingleOrDefault(s => s.Scope == SwitchScope.UseCase && s.Target == useCase);
                stopped = engaged is { EngagedByRule: true } && engaged.EngagedAt == now ? engaged : stopped;
            }

            await state.KeepAsync(db, criterion, trigger, cancellation);
        }

        return stopped;
    }

    /// <summary>After alerts began to fire or ended; each names its use case.</summary>
    internal async Task AlertsAsync(GovernanceDb db, IReadOnlyList<FiringAlert> alerts, CancellationToken cancellation)
    {
        var useCases = alerts.Select(a => a.UseCase).Distinct().Order(StringComparer.Ordinal).ToList();
        foreach (var criterion in (await WatchedCriterion.OfAsync(db, useCases, cancellation)).Where(c => c.Criterion.Kind is KillCriterionKind.Alert))
        {
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"criteria/" + criterion.UseCaseKey}, 0))", cancellation);
            foreach (var alert in alerts.Where(a => a.UseCase == criterion.UseCaseKey && a.Name == criterion.Criterion.AlertName).OrderBy(a => a.At))
            {
                var state = await CriterionState.OfAsync(db, criterion, cancellation);
                // An alert has no figure: firing is above every limit, resolved below.
                var trigger = new CriterionTrigger(criterion.Criterion with { ClearBelow = null, MinimumSample = 0 }, AlertLimit, state.IsOver && alert.IsFiring, state.EngagedAt);
                if (alert.IsFiring && trigger.Observe(alert.At, 1, 1) is not null)
                {
                    await CriterionState.StopAsync(
                        db, criterion, FormattableString.Invariant($"{criterion.Criterion.InWords()} since {alert.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {alert.Summary}").TrimEnd(' ', ':'),
                        clock.GetUtcNow(), cancellation);
                }

                await state.KeepAsync(db, criterion, trigger, cancellation);
            }
        }
    }
}
