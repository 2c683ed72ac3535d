using CoEPortal.Governance.Dpia;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Dpia;

internal static class DpiaWords
{
    public static IReadOnlyList<Choice<RiskKind>> Kinds { get; } = [.. Enum.GetValues<RiskKind>().Select(k => new Choice<RiskKind>(k, EventInWords.Spaced(k.ToString())))];

    public static IReadOnlyList<Choice<Likelihood>> Likelihoods { get; } = [.. Enum.GetValues<Likelihood>().Select(k => new Choice<Likelihood>(k, k.ToString()))];

    public static IReadOnlyList<Choice<Harm>> Harms { get; } = [.. Enum.GetValues<Harm>().Select(k => new Choice<Harm>(k, k.ToString()))];

    public static IReadOnlyList<Choice<MeasureEffect>> Effects { get; } = [.. Enum.GetValues<MeasureEffect>().Select(k => new Choice<MeasureEffect>(k, k.ToString()))];

    public static Choice<ScreeningOutcome>[] Outcomes { get; } =
    [
        new(ScreeningOutcome.Required, "Required", "The steps below are filled"),
        new(ScreeningOutcome.NotRequired, "Not required", "With the reason"),
        new(ScreeningOutcome.ReliesOnExisting, "Relies on another", "Name it"),
    ];

    public static State Of(ImpactAssessment a, DateOnly today) =>
        a.IsCurrent(today) ? new("Signed off", "verified", Tone.Good)
        : a.IsSignedOff ? new("Review overdue", "history", Tone.Bad)
        : a.WaitsFor is DpiaTurn.Advice ? new("Waits for advice", "schedule", Tone.Warning)
        : a.WaitsFor is DpiaTurn.Answer ? new("Waits for an answer", "schedule", Tone.Warning)
        : a.WaitsFor is DpiaTurn.Signature ? new("Waits for signature", "schedule", Tone.Warning)
        : a.WaitsFor is DpiaTurn.Review ? new("In review", "groups", Tone.Info)
        : a.LatestVersion > 0 ? new("Opened again", "undo", Tone.Warning)
        : new("Draft", "edit_note", Tone.Neutral);

    public static State Of(RiskLevel level) => level switch
    {
        RiskLevel.High => new("High", "signal_cellular_alt", Tone.Bad),
        RiskLevel.Medium => new("Medium", "signal_cellular_alt_2_bar", Tone.Warning),
        _ => new("Low", "signal_cellular_alt_1_bar", Tone.Good),
    };

    public static string Of(ScreeningOutcome outcome) => outcome is ScreeningOutcome.Open ? "Not yet said" : Outcomes.Single(o => o.Value == outcome).Title;
}
