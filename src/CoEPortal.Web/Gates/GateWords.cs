using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Intake;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Gates;

/// <summary>Gates, promotions and findings as people read them.</summary>
internal static class GateWords
{
    public static IReadOnlyList<Choice<OwaspRisk>> Owasp { get; } = [.. Enum.GetValues<OwaspRisk>().Select(r => new Choice<OwaspRisk>(r, Of(r)))];

    public static IReadOnlyList<Choice<Severity>> Severities { get; } = [.. Enum.GetValues<Severity>().Reverse().Select(s => new Choice<Severity>(s, s.ToString()))];

    public static State Of(GateState state) => state switch
    {
        GateState.Pass => States.Pass,
        GateState.OpenFinding => States.OpenFinding,
        GateState.Fail => States.Fail,
        GateState.Stale => new State("Stale", "history", Tone.Warning),
        GateState.NotSigned => new State("Not signed", "no_encryption", Tone.Bad),
        _ => States.NotRun,
    };

    public static State Of(GateCheck check) => check.Passes ? States.Pass : Of(check.Gates.First(g => g.State is not GateState.Pass).State);

    public static State Of(PromotionState state) => state switch
    {
        PromotionState.Approved => States.Approved,
        PromotionState.Vetoed => States.Veto,
        PromotionState.SentBack => States.ChangesAsked,
        PromotionState.Withdrawn => new State("Withdrawn", "undo", Tone.Neutral),
        _ => new State("At the board", "schedule", Tone.Warning),
    };

    public static State Of(Severity severity) => severity switch
    {
        Severity.Critical => new("Critical", "priority_high", Tone.Bad),
        Severity.High => new("High", "signal_cellular_alt", Tone.Bad),
        Severity.Medium => new("Medium", "signal_cellular_alt_2_bar", Tone.Warning),
        _ => new("Low", "signal_cellular_alt_1_bar", Tone.Neutral),
    };

    public static State Of(FindingState state) => state switch
    {
        FindingState.Open => States.OpenFinding,
        FindingState.Fixed => new("To try again", "build", Tone.Info),
        FindingState.Accepted => new("Lived with", "schedule", Tone.Warning),
        _ => new("Closed", "task_alt", Tone.Good),
    };

    public static State Of(PipelineKey key, DateTimeOffset now) =>
        key.RevokedAt is not null ? new("Revoked", "key_off", Tone.Bad) : key.IsInForce(now) ? new("In force", "key", Tone.Good) : new("Ended", "schedule", Tone.Warning);

    public static string Of(OwaspRisk risk) => FormattableString.Invariant($"LLM{(int)risk:00} {EventInWords.Spaced(risk.ToString())}");

    public static string Of(Component component) => component.ToString();

    public static string Of(Lane lane) => lane is Lane.NotAllowed ? "Not allowed" : $"{lane} lane";

    public static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    public static string Name(Role role) => EventInWords.Name(role);

    public static string LimitOf(Metric metric) => $"{(metric.AtLeast is null ? "at most" : "at least")} {Figure((metric.AtLeast ?? metric.AtMost)!.Value, metric.Unit)}";

    public static string Figure(decimal value, MetricUnit unit) => unit switch
    {
        MetricUnit.Share => (value * 100).ToString("0.##", CultureInfo.CurrentCulture) + "\u202F%",
        MetricUnit.Usd => "$" + value.ToString("0.####", CultureInfo.CurrentCulture),
        MetricUnit.Seconds => value.ToString("0.##", CultureInfo.CurrentCulture) + " s",
        _ => value.ToString("0.####", CultureInfo.CurrentCulture),
    };
}
