using System.Globalization;
using CoEPortal.Governance.Notifications;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Notifications;

/// <summary>Choices, channels and messages in words.</summary>
internal static class NoticeWords
{
    public static IReadOnlyList<Choice<MailChoice>> Mail { get; } = [new(MailChoice.AtOnce, "At once"), new(MailChoice.Digest, "Once a day"), new(MailChoice.Off, "Not by mail")];

    /// <summary>What is urgent does not wait for a digest.</summary>
    public static IReadOnlyList<Choice<MailChoice>> UrgentMail { get; } = [.. Mail.Where(c => c.Value is not MailChoice.Digest)];

    public static IReadOnlyList<Choice<int>> Hours { get; } = [.. Enumerable.Range(0, 24).Select(h => new Choice<int>(h, $"{h:00}:00"))];

    /// <summary>Kinds by their heading, in the order of the list.</summary>
    public static IEnumerable<IGrouping<string, NoticeKind>> ByArea(bool forChannels = false) => NoticeKinds.All.Where(k => !forChannels || k.ToChannel is not null).GroupBy(k => k.Area);

    public static State Of(ChannelRow channel) => channel switch
    {
        { IsPaused: true } => new("Paused", "pause_circle", Tone.Neutral),
        { GivenUp: > 0 } => new("Does not get through", "error", Tone.Bad),
        { Waiting: > 0 } => new($"{channel.Waiting} waiting", "schedule", Tone.Info),
        { LastSentAt: null } => new("Nothing sent yet", "remove", Tone.Neutral),
        _ => new("Told", "check", Tone.Good),
    };

    public static State Of(MessageState state) => state switch
    {
        MessageState.Waiting => new("Waiting", "schedule", Tone.Info),
        MessageState.GivenUp => new("Given up", "error", Tone.Bad),
        _ => new("Dropped", "delete", Tone.Neutral),
    };

    public static string ChannelName(string channel) => channel switch { "email" => "E-mail", "slack" => "Slack", _ => "Teams" };

    public static string KindOf(UnsentMessage message) => message.Kind switch
    {
        null => "A message",
        "digest" => "A day’s digest",
        "channel-added" => "A first message",
        { } kind => NoticeKinds.Find(kind)?.Title ?? kind,
    };

    public static string Quiet(TimeOnly? from, TimeOnly? until) => from is { } start && until is { } end ? $"quiet {start:HH\\:mm} to {end:HH\\:mm}" : "no quiet hours";

    /// <summary>As a field for a time of day has it.</summary>
    public static string? Text(TimeOnly? time) => time?.ToString("HH:mm", CultureInfo.InvariantCulture);

    public static TimeOnly? Time(object? entered) => TimeOnly.TryParse(entered as string, CultureInfo.InvariantCulture, out var time) ? time : null;
}
