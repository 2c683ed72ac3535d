using System.Globalization;

namespace CoEPortal.Governance.Intake;

/// <summary>Kill criteria that are rates, as a sentence says them; budgets and reviewed quality have their own words.</summary>
public static class CriterionInWords
{
    public const int DefaultWindowMinutes = 60;

    private const int DayMinutes = 24 * 60;
    private const int WeekMinutes = 7 * DayMinutes;

    /// <returns>Null for a budget and for reviewed quality.</returns>
    public static string? InWords(this KillCriterion criterion)
    {
        var window = $"in {WindowInWords(criterion)}";
        var limit = criterion.Limit.ToString("#,0.######", CultureInfo.InvariantCulture);
        string Of(string what) => criterion.MinimumSample > 0 ? $", of at least {criterion.MinimumSample.ToString("#,0", CultureInfo.InvariantCulture)} {what}" : "";
        var sample = Of("calls");
        return criterion.Kind switch
        {
            KillCriterionKind.Budget or KillCriterionKind.ReviewedQuality => null,
            KillCriterionKind.CostPerCall => $"More than ${limit} for a call {window}{sample}",
            KillCriterionKind.CostPerTask => $"More than ${limit} for a task {window}{Of("tasks")}",
            KillCriterionKind.ErrorRate => $"More than {limit} % of calls fail {window}{sample}",
            KillCriterionKind.Latency => $"More than 5 of 100 calls take longer than {limit} ms {window}{sample}",
            KillCriterionKind.Unmetered => $"More than {limit} % of calls report no usage {window}{sample}",
            KillCriterionKind.ApprovalExpiry => $"The approval is older than {limit} days",
            KillCriterionKind.GuardrailRate => $"Guardrails stop more than {limit} % of calls {window}{sample}",
            KillCriterionKind.EvaluationScore => $"The evaluation scores below {limit}{Of("examples")}",
            KillCriterionKind.NegativeFeedback => $"More than {limit} % of the feedback is negative {window}{Of("opinions")}",
            KillCriterionKind.Alert => $"The alert {criterion.AlertName} fires",
            KillCriterionKind.Feedback => $"People rate it below {limit}",
            KillCriterionKind.StaleCard => $"Its card is older than {limit} days",
            _ => "A severe incident is open",
        };
    }

    /// <summary>The time over which it is taken. Opinions come seldom: a week of them, unless it says otherwise.</summary>
    public static int WindowMinutesOf(this KillCriterion criterion) =>
        criterion.WindowMinutes ?? (criterion.Kind is KillCriterionKind.NegativeFeedback ? WeekMinutes : DefaultWindowMinutes);

    public static int LongestWindowMinutes(KillCriterionKind kind) => kind is KillCriterionKind.NegativeFeedback ? WeekMinutes : DayMinutes;

    /// <summary>60 minutes, 7 days.</summary>
    public static string WindowInWords(KillCriterion criterion) => criterion.WindowMinutesOf() switch
    {
        > DayMinutes and var minutes when minutes % DayMinutes == 0 => $"{(minutes / DayMinutes).ToString(CultureInfo.InvariantCulture)} days",
        var minutes => $"{minutes.ToString(CultureInfo.InvariantCulture)} minutes",
    };

    /// <summary>Whether the portal itself judges it, from what it counts, is told or knows the date of.</summary>
    public static bool IsMeasured(this KillCriterionKind kind) => kind.IsRate() || kind
        is KillCriterionKind.Budget or KillCriterionKind.ApprovalExpiry or KillCriterionKind.EvaluationScore or KillCriterionKind.NegativeFeedback
        or KillCriterionKind.Alert or KillCriterionKind.SevereIncident or KillCriterionKind.StaleCard;

    /// <summary>Whether it is the age of something, and so no figure of the past.</summary>
    public static bool IsAge(this KillCriterionKind kind) => kind is KillCriterionKind.ApprovalExpiry or KillCriterionKind.StaleCard;

    /// <summary>Whether it is a rate over a rolling window of calls.</summary>
    public static bool IsRate(this KillCriterionKind kind) => kind
        is KillCriterionKind.CostPerCall or KillCriterionKind.CostPerTask or KillCriterionKind.ErrorRate or KillCriterionKind.Latency or KillCriterionKind.Unmetered
        or KillCriterionKind.GuardrailRate;

    /// <summary>Whether it looks back over a rolling window, of calls or of feedback.</summary>
    public static bool IsWindowed(this KillCriterionKind kind) => kind.IsRate() || kind is KillCriterionKind.NegativeFeedback;

    /// <summary>Whether a smaller figure is the worse one.</summary>
    public static bool IsWorseBelow(this KillCriterionKind kind) => kind is KillCriterionKind.EvaluationScore or KillCriterionKind.Feedback;
}
