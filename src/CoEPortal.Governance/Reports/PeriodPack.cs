using CoEPortal.Evidence.Bundle;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Governance.Reports;

/// <summary>What happened in the whole organisation between two days.</summary>
/// <param name="From">The first instant.</param>
/// <param name="To">The first instant after it.</param>
/// <param name="Usage">Null when no call was reported in it.</param>
/// <param name="ByUseCase">The dearest first; the key is empty for traffic of no use case.</param>
/// <param name="Decisions">Newest first.</param>
/// <param name="Classes">Each revision whose class or lane is not that of the one before, newest first.</param>
/// <param name="Switches">Each time that a switch was engaged for at least a moment of it, oldest first.</param>
/// <param name="Breaches">Budgets that were reached in it.</param>
/// <param name="Actions">How often what happened in it, the most frequent first.</param>
public sealed record PeriodPack(
    PeriodSubject Period,
    DateTimeOffset From,
    DateTimeOffset To,
    DateTimeOffset CollectedAt,
    PackUsage? Usage,
    IReadOnlyList<UseCaseCost> ByUseCase,
    Shortened<PeriodDecision> Decisions,
    Shortened<ClassChange> Classes,
    IReadOnlyList<SwitchPeriod> Switches,
    PeriodDrills Drills,
    IReadOnlyList<BudgetBreach> Breaches,
    IReadOnlyList<ActionCount> Actions,
    LogInPeriod Audit,
    IReadOnlyList<TimelineEntry> Timeline,
    int TimelineLength)
    : AuditPack(Period, CollectedAt, Timeline, TimelineLength, [])
{
    /// <summary>What is printed of <see cref="ByUseCase"/> and <see cref="Breaches"/>.</summary>
    public const int MostRows = 100;

    public override EvidenceBundle ToBundle(string generator, string logKey) => base.ToBundle(generator, logKey) with
    {
        Usage = Usage is null ? null : Entry(Usage),
    };
}

/// <summary>The first of a list, and how long it is.</summary>
public sealed record Shortened<T>(IReadOnlyList<T> Items, int Total);

public sealed record UseCaseCost(string Key, string Title, string BusinessUnit, long Calls, long UnpricedCalls, decimal Cost);

public sealed record PeriodDecision(
    string UseCase, int Revision, Role Function, string PersonName, string PersonId, string? OnBehalfOfName, DecisionKind Kind, string Comment,
    IReadOnlyList<string> Conditions, string ContentHash, DateTimeOffset DecidedAt)
{
    public bool Approves => Kind is DecisionKind.Approve or DecisionKind.ApproveWithConditions;
}

/// <param name="WasClass">Null for the first revision, as <paramref name="WasLane"/>.</param>
public sealed record ClassChange(
    string Key, string Title, int Revision, DateTimeOffset At, string ContentHash, string RulesVersion, string RiskClass, string Lane, string? WasClass,
    string? WasLane, string[] Articles);

/// <param name="Real">Newest first.</param>
/// <param name="LateCanaries">Rehearsals of the canary that did not hold everywhere in time, newest first.</param>
public sealed record PeriodDrills(IReadOnlyList<Drill> Real, long Canaries, long CanariesMet, Shortened<Drill> LateCanaries);

public sealed record BudgetBreach(string Key, string Title, int Revision, int Criterion, decimal Limit, decimal Spent, DateTimeOffset At);

public sealed record ActionCount(string Action, long Count);

/// <summary>The audit log in the period. <paramref name="First"/> and <paramref name="Last"/> count from 0; null when it holds nothing of it.</summary>
public sealed record LogInPeriod(long? First, long? Last, long Events, long People, long Checkpoints);
