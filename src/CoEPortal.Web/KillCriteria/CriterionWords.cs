using System.Globalization;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Web.Components;
using CoEPortal.Web.Intake;
using CoEPortal.Web.Telemetry;

namespace CoEPortal.Web.KillCriteria;

/// <summary>Kill criteria, their figures and their state in words.</summary>
public static class CriterionWords
{
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    public static string NameOf(KillCriterion criterion) => criterion.Description.Length > 0 ? criterion.Description : ProposalWords.Of(criterion);

    /// <summary>As exact as the figure deserves.</summary>
    public static string Figure(KillCriterionKind kind, decimal value) => kind switch
    {
        KillCriterionKind.Budget => CostInWords.Of(value),
        KillCriterionKind.CostPerCall or KillCriterionKind.CostPerTask => $"${value.ToString(value < 0.1m ? "0.0000" : "0.00", English)}",
        KillCriterionKind.Latency => $"{Math.Round(value, 0).ToString("N0", English)} ms",
        KillCriterionKind.Alert => value > 0 ? "fires" : "quiet",
        KillCriterionKind.SevereIncident => value > 0 ? InWords.Count((long)value, "incident") : "none open",
        KillCriterionKind.EvaluationScore => value.ToString("0.###", English),
        KillCriterionKind.ApprovalExpiry or KillCriterionKind.StaleCard => $"{value.ToString("0", English)} days",
        _ => InWords.Percent(value / 100, 1),
    };

    public static string Figure(CriterionStanding standing) =>
        standing.Now is { } now ? Figure(standing.Criterion.Criterion.Kind, now.Value) : InWords.Missing;

    /// <summary>What stands behind the figure: 340 calls.</summary>
    public static string? Sample(CriterionStanding standing) => standing.Now is not { Sample: > 0 and var sample } ? null
        : InWords.Count(sample, standing.Criterion.Criterion.Kind switch
        {
            KillCriterionKind.NegativeFeedback => "opinion",
            KillCriterionKind.CostPerTask => "task",
            KillCriterionKind.EvaluationScore => "example",
            _ => "call",
        });

    public static State Of(CriterionStanding standing) => standing switch
    {
        { IsMeasured: false } => new("Watched by people", "visibility", Tone.Neutral),
        { IsOver: true } => new("Over its limit", "error", Tone.Bad),
        { PausedUntil: not null } => new("Pausing", "pause_circle", Tone.Warning),
        _ => new("Armed", "shield", Tone.Good),
    };

    /// <summary>Window, sample, hysteresis and cooldown of what is judged by itself.</summary>
    public static string Rules(CriterionStanding standing)
    {
        var (criterion, limit) = (standing.Criterion.Criterion, standing.Criterion.Limit);
        return criterion.Kind switch
        {
            _ when !standing.IsMeasured => "No figures arrive here; people watch it and engage the switch.",
            KillCriterionKind.Budget => "Added up call by call; engages once for each period.",
            KillCriterionKind.ApprovalExpiry => "Looked at every few minutes; engages once for each approval.",
            KillCriterionKind.SevereIncident => "Engages when an incident is triaged as serious or critical, once for each.",
            KillCriterionKind.StaleCard => "Looked at every minute; engages once for each published card.",
            KillCriterionKind.Alert => $"Engages when it begins to fire{Pause(criterion, ", and not again within ")}.",
            KillCriterionKind.EvaluationScore => $"The newest score, on at least {InWords.Count(CriterionTrigger.SampleOf(criterion), "example")}; over again from {Figure(criterion.Kind, CriterionTrigger.ClearOf(criterion, limit))}.",
            _ => $"Over {CriterionInWords.WindowInWords(criterion)}, at least {InWords.Number(CriterionTrigger.SampleOf(criterion))}; clear below {Figure(criterion.Kind, CriterionTrigger.ClearOf(criterion, limit))}{Pause(criterion, "; then a pause of ")}.",
        };
    }

    /// <summary>Whether a limit can be made stricter at all.</summary>
    public static bool HasLimit(KillCriterionKind kind) => kind is not (KillCriterionKind.Alert or KillCriterionKind.SevereIncident);

    private static string Pause(KillCriterion criterion, string before) =>
        CriterionTrigger.CooldownOf(criterion) is { Ticks: > 0 } pause ? before + InWords.Duration(pause) : "";
}
