using System.Globalization;

namespace CoEPortal.Governance.Intake;

/// <summary>Kill criteria that are rates, as a sentence says them; budgets and reviewed quality have their own words.</summary>
public static class CriterionInWords
{
    public const int DefaultWindowMinutes = 60;

    /// <returns>Null for a budget and for reviewed quality.</returns>
    public static string? InWords(this KillCriterion criterion)
    {
        var window = $"in {(criterion.WindowMinutes ?? DefaultWindowMinutes).ToString(CultureInfo.InvariantCulture)} minutes";
        var limit = criterion.Limit.ToString("#,0.######", CultureInfo.InvariantCulture);
        var sample = criterion.MinimumSample > 0 ? $", of at least {criterion.MinimumSample.ToString("#,0", CultureInfo.InvariantCulture)} calls" : "";
        return criterion.Kind switch
        {
            KillCriterionKind.Budget or KillCriterionKind.ReviewedQuality => null,
            KillCriterionKind.CostPerCall => $"More than ${limit} for a call {window}{sample}",
            KillCriterionKind.CostPerTask => $"More than ${limit} for a task",
            KillCriterionKind.ErrorRate => $"More than {limit} % of calls fail {window}{sample}",
            KillCriterionKind.Latency => $"More than 5 of 100 calls take longer than {limit} ms {window}{sample}",
            KillCriterionKind.Unmetered => $"More than {limit} % of calls report no usage {window}{sample}",
            KillCriterionKind.ApprovalExpiry => $"The approval is older than {limit} days",
            KillCriterionKind.GuardrailRate => $"Guardrails stop more than {limit} % of calls {window}{sample}",
            KillCriterionKind.EvaluationScore => $"The evaluation scores below {limit}",
            KillCriterionKind.Feedback => $"People rate it below {limit}",
            KillCriterionKind.StaleCard => $"Its card is older than {limit} days",
            _ => "A severe incident is open",
        };
    }

    /// <summary>Whether the portal itself judges it today, from telemetry or dates it holds.</summary>
    public static bool IsMeasured(this KillCriterionKind kind) => kind
        is KillCriterionKind.Budget or KillCriterionKind.CostPerCall or KillCriterionKind.ErrorRate or KillCriterionKind.Latency
        or KillCriterionKind.Unmetered or KillCriterionKind.ApprovalExpiry;

    /// <summary>Whether it is a rate over a rolling window of calls.</summary>
    public static bool IsRate(this KillCriterionKind kind) => kind
        is KillCriterionKind.CostPerCall or KillCriterionKind.ErrorRate or KillCriterionKind.Latency or KillCriterionKind.Unmetered;

    /// <summary>Whether a smaller figure is the worse one.</summary>
    public static bool IsWorseBelow(this KillCriterionKind kind) => kind is KillCriterionKind.EvaluationScore or KillCriterionKind.Feedback;
}
