using System.Text.Json;
using System.Text.RegularExpressions;

namespace CoEPortal.Governance.Notifications;

/// <summary>
/// What of a notice may leave for a channel: its kind, the key of what it is about, a path without a query. Never its title or
/// text, which name people, and never its recipient.
/// </summary>
/// <param name="Kind">One of <see cref="NoticeKinds"/>.</param>
/// <param name="Subject">A key such as <c>INC-0003</c>; null where there is none.</param>
/// <param name="UseCaseKey">Whose title may be said, if the channel tells titles.</param>
/// <param name="Path">Of the portal; null where it could name somebody.</param>
public sealed partial record ChannelNote(string Kind, string? Subject, string? UseCaseKey, string? Path)
{
    internal static ChannelNote Of(Notice notice)
    {
        var path = notice.Link.Split('?', '#')[0];
        var key = path.Split('/').FirstOrDefault(part => Key().IsMatch(part));
        var useCase = notice.UseCaseKey is { } about && Key().IsMatch(about) ? about : null;
        return new ChannelNote(notice.Kind, key ?? useCase, useCase, PlainPath().IsMatch(path) ? path : null);
    }

    internal string ToJson() => JsonSerializer.Serialize(this);

    internal static ChannelNote Read(string json) => JsonSerializer.Deserialize<ChannelNote>(json) ?? throw new JsonException("A message to a channel is an object.");

    [GeneratedRegex(@"\A[A-Z]{2,10}-[0-9]{1,10}\z")]
    private static partial Regex Key();

    // One word of the portal, then keys and ids: nothing in which a name could stand.
    [GeneratedRegex(@"\A/[a-z-]{1,40}(/([A-Z]{2,10}-[0-9]{1,10}|[0-9]{1,10}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}))*\z")]
    private static partial Regex PlainPath();
}
