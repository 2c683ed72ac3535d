using System.Text.Json.Nodes;
using CoEPortal.Governance.Notifications;

namespace CoEPortal.Web.Notifications;

/// <summary>
/// A message as the other side reads it: Slack's <c>text</c> with blocks, or an Adaptive Card as a workflow of Teams takes it. All
/// that anybody wrote stands in plain text parts, so that nothing becomes a link, a mention or a font.
/// </summary>
internal static class ChannelPayload
{
    private const string Open = "Open in the portal";

    public static JsonObject Of(ChannelDelivery delivery, Uri? portal)
    {
        var about = string.Join(" ", new[] { delivery.Note.Subject, delivery.Title }.Where(p => p is not null));
        var link = portal is not null && delivery.Note.Path is { } path ? portal.AbsoluteUri.TrimEnd('/') + path : null;
        return delivery.Kind is ChannelKind.Slack ? Slack(delivery.Sentence, about, link) : Teams(delivery.Sentence, about, link);
    }

    // https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    private static JsonObject Slack(string sentence, string about, string? link)
    {
        var text = about.Length > 0 ? $"{sentence}: {about}" : sentence;
        var blocks = new JsonArray(new JsonObject
        {
            ["type"] = "section",
            ["text"] = new JsonObject { ["type"] = "plain_text", ["text"] = text, ["emoji"] = false },
        });
        if (link is not null)
        {
            blocks.Add(new JsonObject
            {
                ["type"] = "section",
                ["text"] = new JsonObject { ["type"] = "mrkdwn", ["text"] = $"<{Escaped(link)}|{Open}>" },
            });
        }

        // Shown in notifications; these three characters are all that Slack reads as control characters there.
        return new JsonObject { ["text"] = Escaped(text), ["blocks"] = blocks, ["unfurl_links"] = false };
    }

    // Text blocks of a card are Markdown; the runs of a rich text block are not.
    private static JsonObject Teams(string sentence, string about, string? link)
    {
        var body = new JsonArray(Line(sentence, isStrong: true));
        if (about.Length > 0)
        {
            body.Add(Line(about, isStrong: false));
        }

        var card = new JsonObject { ["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json", ["type"] = "AdaptiveCard", ["version"] = "1.4", ["body"] = body };
        if (link is not null)
        {
            card["actions"] = new JsonArray(new JsonObject { ["type"] = "Action.OpenUrl", ["title"] = Open, ["url"] = link });
        }

        return new JsonObject
        {
            ["type"] = "message",
            ["attachments"] = new JsonArray(new JsonObject { ["contentType"] = "application/vnd.microsoft.card.adaptive", ["contentUrl"] = null, ["content"] = card }),
        };
    }

    private static JsonObject Line(string text, bool isStrong) => new()
    {
        ["type"] = "RichTextBlock",
        ["inlines"] = new JsonArray(new JsonObject { ["type"] = "TextRun", ["text"] = text, ["weight"] = isStrong ? "Bolder" : "Default" }),
    };

    private static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
