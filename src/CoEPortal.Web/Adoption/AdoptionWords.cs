using System.Globalization;
using CoEPortal.Governance.Adoption;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Adoption;

/// <summary>Adoption, phases and champions in words.</summary>
internal static class AdoptionWords
{
    public static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>Small groups stay unsaid.</summary>
    public static string People(int? people) => people is { } number ? InWords.Number(number) : $"fewer than {ActivePeople.Fewest}, or hidden with them";

    public static string Share(int? percent) => percent is { } share ? InWords.Percent(share / 100m) : InWords.Missing;

    public static State Of(Champion champion, DateOnly today) => champion.State switch
    {
        ChampionState.Asked => new("Asked", "hourglass_top", Tone.Warning),
        ChampionState.Declined => new("Declined", "block", Tone.Neutral),
        ChampionState.Ended => new("Ended", "history", Tone.Neutral),
        _ when champion.FromOn > today => new("From later on", "event", Tone.Info),
        _ when champion.UntilOn < today => new("Over", "history", Tone.Neutral),
        _ => new("Champion", "volunteer_activism", Tone.Good),
    };

    public static State Of(RolloutStep step) => step switch
    {
        RolloutStep.MoveOn => new("Moved on", "arrow_forward", Tone.Good),
        RolloutStep.GoBack => new("Went back", "undo", Tone.Warning),
        _ => new("Stays", "pause", Tone.Neutral),
    };

    /// <summary>What a phase asks for before it moves on.</summary>
    public static IEnumerable<string> Asks(RolloutPhase phase)
    {
        if (phase.TrainedPercent is { } trained)
        {
            yield return $"{trained} % trained";
        }

        if (phase.MostNegativePercent is { } negative)
        {
            yield return $"at most {negative} % of feedback negative";
        }

        if (phase.MostFailedPercent is { } failed)
        {
            yield return $"at most {failed.ToString("0.##", CultureInfo.InvariantCulture)} % of calls failed";
        }

        if (phase.NeedsChampions)
        {
            yield return "champions agree";
        }

        if (phase.AlsoHolds.Length > 0)
        {
            yield return phase.AlsoHolds;
        }
    }
}
