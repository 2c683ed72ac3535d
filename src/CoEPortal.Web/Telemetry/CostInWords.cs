using System.Globalization;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Telemetry;

/// <summary>Costs in dollars, which are often far below a cent: that is little, not nought.</summary>
public static class CostInWords
{
    internal static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    public static string Of(decimal dollars) => dollars is > 0 and < 0.01m ? "under $0.01" : InWords.Money(dollars, "USD");

    /// <summary>For many calls whose cost is partly or wholly not known.</summary>
    public static string Of(decimal dollars, long calls, long unpriced, long unmetered) =>
        calls == 0 ? InWords.Missing
        : calls > unpriced ? Of(dollars)
        : unmetered == calls ? "unmetered"
        : "unknown";
}
