using CoEPortal.Governance.Patterns;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Patterns;

/// <summary>Patterns and what they cleared, as people read them.</summary>
internal static class PatternWords
{
    public static State Of(Pattern pattern, DateTimeOffset now) =>
        pattern.WithdrawnAt is not null ? new("Withdrawn", "block", Tone.Neutral)
        : pattern.LatestVersion == 0 ? new("Draft", "edit_note", Tone.Neutral)
        : !pattern.IsCurrent(now) ? new("Expired", "history", Tone.Bad)
        : pattern.GoodUntil < now.AddDays(14) ? new("Expires soon", "schedule", Tone.Warning)
        : new("Current", "check", Tone.Good);

    public static State Of(Clearance cleared) =>
        cleared.EndedAt is not null ? new("Cleared no more", "block", Tone.Bad)
        : cleared.Outcome is SampleOutcome.Confirmed ? new("Sample confirmed", "check", Tone.Good)
        : cleared.IsSampled ? new("Sample waits", "schedule", Tone.Warning)
        : new("Cleared", "bolt", Tone.Good);

    public static string Ordinal(int every) => every switch { 1 => "every case", 2 => "every second case", 3 => "every third case", _ => $"every {every}th case" };
}
