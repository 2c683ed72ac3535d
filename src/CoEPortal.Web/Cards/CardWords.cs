using CoEPortal.Governance.Cards;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Cards;

internal static class CardWords
{
    public static State Of(Governance.Cards.Card card, DateOnly today) =>
        card.LatestVersion == 0 ? new("Draft", "edit_note", Tone.Neutral)
        : !card.IsCurrent(today) ? new("Stale", "history", Tone.Bad)
        : card.ExpiresOn < today.AddDays(30) ? new("Soon stale", "schedule", Tone.Warning)
        : new("Current", "check", Tone.Good);

    public static string Of(CardKind kind) => kind is CardKind.Model ? "Model card" : "System card";
}
