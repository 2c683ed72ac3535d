using CoEPortal.Evidence;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Reports;

/// <summary>Every use case that a filter finds: a table of all, and a summary of each.</summary>
/// <param name="UseCases">By key.</param>
public sealed record PortfolioPack(
    PortfolioSubject Filter,
    DateTimeOffset CollectedAt,
    IReadOnlyList<PortfolioEntry> UseCases,
    IReadOnlyList<TimelineEntry> Events)
    : AuditPack(Filter, CollectedAt, [], 0, Events)
{
    public override EvidenceBundle ToBundle(string generator, string logKey) => base.ToBundle(generator, logKey) with
    {
        Portfolio =
        [
            .. UseCases.Select(u => new BundlePortfolioEntry(
                u.UseCase.Key, Word(u.UseCase.Stage), u.Shown.Number, ContentHash.Parse(u.Shown.ContentHash), u.IsInForce,
                Word(u.Shown.Assessment.RiskClass), Word(u.Shown.Assessment.Lane), u.StoppedBy is not null, u.Calls, u.UnpricedCalls == u.Calls ? null : u.Cost)),
        ],
    };

    private static string Word(Enum value) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}

/// <summary>One use case, as far as a portfolio tells of it.</summary>
/// <param name="Shown">The revision in force, or the newest when none is.</param>
/// <param name="Round">The round that approved it; null when none did.</param>
/// <param name="OpenConditions">What decisions asked and nobody has agreed is met.</param>
/// <param name="StoppedBy">The use case's own switch, when it is engaged: what it does.</param>
/// <param name="Spent">Of the first budget of the revision in force, in its newest window.</param>
/// <param name="LastDrillAt">When it was last stopped for real to rehearse it.</param>
/// <param name="Assurance">What vouches for it.</param>
public sealed record PortfolioEntry(
    UseCase UseCase, UseCaseRevision Shown, ApprovalRound? Round, int OpenConditions, string? StoppedBy, long Calls, long UnpricedCalls, decimal Cost,
    decimal? Spent, DateTimeOffset? LastDrillAt, PortfolioAssurance Assurance)
{
    public bool IsInForce => UseCase.ApprovedRevision == Shown.Number;

    /// <summary>The first budget of the revision in force.</summary>
    public KillCriterion? Budget => IsInForce ? Shown.Proposal.KillCriteria.FirstOrDefault(c => c.Kind is KillCriterionKind.Budget) : null;
}
