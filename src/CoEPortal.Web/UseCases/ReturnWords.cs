using CoEPortal.Governance.Portfolio;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.UseCases;

internal static class ReturnWords
{
    public static State Of(ReturnVerdict verdict) => verdict switch
    {
        ReturnVerdict.Gain => new("Gain", "trending_up", Tone.Good),
        ReturnVerdict.Loss => new("Loss", "trending_down", Tone.Bad),
        ReturnVerdict.CannotTell => new("Gain or loss: cannot tell yet", "trending_flat", Tone.Neutral),
        ReturnVerdict.NotEnoughReadings => new("Not enough readings", "remove", Tone.Neutral),
        _ => new("Worth not stated", "remove", Tone.Neutral),
    };

    public static string Range(decimal low, decimal high) => $"{Signed(low)} to {Signed(high)}";

    private static string Signed(decimal amount) => $"{(amount < 0 ? "−" : "")}{InWords.Money(Math.Abs(amount), KpiWorth.Currency)}";
}
