using System.Globalization;

namespace CoEPortal.Web.Components;

/// <summary>Dates, money and figures as the portal writes them.</summary>
public static class InWords
{
    public const string Missing = "—";

    private const string NarrowSpace = "\u202f";

    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    /// <summary>today 14:00, tomorrow 17:00, Fri 15:31 within a week, then 15 Nov, with the year if another.</summary>
    public static string When(DateTimeOffset at, DateTimeOffset now, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        var day = DateOnly.FromDateTime(local.DateTime);
        return IsNear(day, today)
            ? $"{Day(day, today)} {local.ToString("HH:mm", English)}"
            : Day(day, today);
    }

    /// <summary>today, tomorrow, Fri within a week, then 15 Nov, with the year if another.</summary>
    public static string Day(DateOnly day, DateOnly today) => (day.DayNumber - today.DayNumber) switch
    {
        0 => "today",
        1 => "tomorrow",
        _ when IsNear(day, today) => day.ToString("ddd", English),
        _ when day.Year == today.Year => day.ToString("d MMM", English),
        _ => day.ToString("d MMM yyyy", English),
    };

    /// <summary>Sunday 22 November 2026, 14:00:05, Europe/Berlin (UTC+01:00).</summary>
    public static string Exactly(DateTimeOffset at, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        return $"{local.ToString("dddd d MMMM yyyy, HH:mm:ss", English)}, {zone.Id} (UTC{local.ToString("zzz", English)})";
    }

    public static string LongDay(DateOnly day) => day.ToString("dddd d MMMM yyyy", English);

    /// <summary>€1,142; cents below ten; missing is a dash, because it is not nought.</summary>
    public static string Money(decimal? amount, string currency)
    {
        if (amount is not { } value)
        {
            return Missing;
        }

        var figure = Math.Abs(value).ToString(Math.Abs(value) < 10 && value != 0 ? "N2" : "N0", English);
        var sign = value < 0 ? "−" : "";
        return currency switch
        {
            "EUR" => $"{sign}€{figure}",
            "USD" => $"{sign}${figure}",
            "GBP" => $"{sign}£{figure}",
            _ => $"{sign}{currency}\u00a0{figure}",
        };
    }

    public static string Number(long value) => value.ToString("N0", English);

    /// <param name="share">0.941 is 94.1 %.</param>
    /// <param name="decimals">Digits after the point.</param>
    public static string Percent(decimal share, int decimals = 0) =>
        (share * 100).ToString($"N{decimals}", English) + NarrowSpace + "%";

    /// <summary>0.14 s, 42 s, 12 min, 31 h, 6 days.</summary>
    public static string Duration(TimeSpan span) => span switch
    {
        { TotalSeconds: < 10 } => span.TotalSeconds.ToString("0.##", English) + NarrowSpace + "s",
        { TotalSeconds: < 120 } => span.TotalSeconds.ToString("0", English) + NarrowSpace + "s",
        { TotalMinutes: < 120 } => span.TotalMinutes.ToString("0", English) + NarrowSpace + "min",
        { TotalHours: < 48 } => span.TotalHours.ToString("0", English) + NarrowSpace + "h",
        _ => span.TotalDays.ToString("0", English) + " days",
    };

    /// <summary>–, 420 bytes, 12 kB, 3 MB, 1.4 GB.</summary>
    public static string Volume(long bytes) => bytes switch
    {
        0 => Missing,
        < 1000 => Number(bytes) + " bytes",
        < 1_000_000 => Number(bytes / 1000) + " kB",
        < 1_000_000_000 => Number(bytes / 1_000_000) + " MB",
        _ => (bytes / 1e9).ToString("0.#", English) + " GB",
    };

    /// <summary>1 use case, 3 use cases.</summary>
    public static string Count(long count, string one, string? many = null) =>
        $"{Number(count)} {(count == 1 ? one : many ?? one + "s")}";

    // Six days either way: on the seventh the name of the day would say today's name again.
    private static bool IsNear(DateOnly day, DateOnly today) => Math.Abs(day.DayNumber - today.DayNumber) <= 6;
}
