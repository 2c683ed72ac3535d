using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Training;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Training;

/// <summary>Courses and where people stand, in words.</summary>
internal static class TrainingWords
{
    public static State Of(Standing standing) => standing switch
    {
        Standing.Valid => new("Completed", "check", Tone.Good),
        Standing.EndsSoon => new("Ends soon", "schedule", Tone.Warning),
        Standing.Ended => new("Ended", "event_busy", Tone.Bad),
        _ => new("Not taken yet", "remove", Tone.Warning),
    };

    public static string Validity(int days) => days switch
    {
        >= 85 and <= 95 => "each quarter",
        >= 180 and <= 185 => "twice a year",
        >= 364 and <= 366 => "each year",
        _ => $"each {days} days",
    };

    public static string For(IReadOnlyCollection<Role> roles) => roles.Count == 0 ? "everybody" : string.Join(", ", roles.Select(EventInWords.Name));

    public static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
}
