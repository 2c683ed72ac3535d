using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.People;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

public static class NotificationsApi
{
    public sealed record NotificationView(
        Guid Id, string Kind, string Title, string Text, string Link, string? UseCase, DateTimeOffset CreatedAt, DateTimeOffset? ReadAt);

    /// <param name="Ids">Absent: all of yours.</param>
    public sealed record ReadRequest(IReadOnlyList<Guid>? Ids);

    /// <param name="Mail">By kind; a kind that is not there comes at once.</param>
    /// <param name="QuietFrom">Local time, e.g. <c>19:00</c>; absent with its end for no quiet hours.</param>
    public sealed record Choices(IReadOnlyDictionary<string, MailChoice> Mail, int DigestHour, TimeOnly? QuietFrom, TimeOnly? QuietUntil);

    /// <param name="Address">Of the webhook; absent in a change keeps the one there is. No answer ever holds it.</param>
    public sealed record ChannelRequest(ChannelKind Kind, string Name, string? Address, IReadOnlyList<string> Kinds, bool TellsTitle, TimeOnly? QuietFrom, TimeOnly? QuietUntil, bool IsPaused, int? Version);

    public sealed record DropRequest(string Reason);

    public static void MapNotifications(this RouteGroupBuilder api)
    {
        var notifications = api.MapGroup("/notifications").WithTags("Notifications");
        notifications.MapGet("/", ListAsync).WithSummary("What you were told, newest first");
        notifications.MapPost("/read", ReadAsync).WithSummary("Mark some of yours as read, or all");
        notifications.MapGet("/choices", async (HttpContext http, ChooseNotices choose) => ViewOf(await choose.OfAsync(await http.ActorAsync(), http.RequestAborted))).WithSummary("What of yours also comes by e-mail, and when");
        notifications.MapPut("/choices", async (HttpContext http, Choices wanted, ChooseNotices choose) =>
        {
            await choose.RunAsync(new NoticeChoices(wanted.Mail, wanted.DigestHour, wanted.QuietFrom, wanted.QuietUntil), await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithSummary("Choose what of yours also comes by e-mail: atOnce, digest or off for each kind");

        var channels = api.MapGroup("/channels").WithTags("Notifications");
        channels.MapGet("/", async (HttpContext http, ChannelList list) => await list.AllAsync(await http.ActorAsync(), http.RequestAborted)).WithSummary("Channels of Slack and Teams that are told, without their addresses");
        channels.MapPost("/", async (HttpContext http, ChannelRequest request, ConfigureChannel configure) =>
        {
            var added = await configure.AddAsync(request.Kind, request.Address ?? "", DraftOf(request), await http.ActorAsync(), http.RequestAborted);
            return Results.Created($"/api/v1/channels/{added.Id}", new { added.Id, added.Name, added.Host, added.Version });
        }).WithSummary("Tell a channel; the address is kept encrypted and shown to nobody").IsIdempotent();
        channels.MapPut("/{id:guid}", async (HttpContext http, Guid id, ChannelRequest request, ConfigureChannel configure) =>
        {
            var changed = await configure.ChangeAsync(id, request.Address, DraftOf(request), request.Version, await http.ActorAsync(), http.RequestAborted);
            return new { changed.Id, changed.Name, changed.Host, changed.Version };
        }).WithSummary("Change what a channel is told, or replace its address");
        channels.MapDelete("/{id:guid}", async (HttpContext http, Guid id, ConfigureChannel configure) =>
        {
            await configure.RemoveAsync(id, await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithSummary("Forget a channel and its address");

        var outbox = api.MapGroup("/outbox").WithTags("Notifications");
        outbox.MapGet("/", async (HttpContext http, OutboxList list, Word<MessageState>? state, int page = 1, int size = 20) =>
        {
            var found = await list.PageAsync(state?.Value, await http.ActorAsync(), page, size, http.RequestAborted);
            return new UseCasesApi.Listed<UnsentMessage>(found.Items, found.Total, found.Number, found.Size);
        }).WithSummary("Messages that have not left, without what they say");
        outbox.MapPost("/{id:guid}/retry", async (HttpContext http, Guid id, RepairOutbox repair) =>
        {
            await repair.RetryAsync(id, await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithSummary("Send again what failed");
        outbox.MapPost("/{id:guid}/drop", async (HttpContext http, Guid id, DropRequest request, RepairOutbox repair) =>
        {
            await repair.DropAsync(id, request.Reason, await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithSummary("Drop a message that nobody needs any more");
    }

    private static Choices ViewOf(NoticeChoices known) => new(known.Mail, known.DigestHour, known.QuietFrom, known.QuietUntil);

    private static ChannelDraft DraftOf(ChannelRequest request) => new(request.Name, request.Kinds, request.TellsTitle, request.QuietFrom, request.QuietUntil, request.IsPaused);

    private static async Task<UseCasesApi.Listed<NotificationView>> ListAsync(
        HttpContext http, NotificationInbox inbox, bool unread = false, int page = 1, int size = 20)
    {
        var found = await inbox.OfAsync(await http.ActorAsync(), unread, page, size, http.RequestAborted);
        return new UseCasesApi.Listed<NotificationView>(
            [.. found.Items.Select(n => new NotificationView(n.Id, n.Kind, n.Title, n.Text, n.Link, n.UseCaseKey, n.CreatedAt, n.ReadAt))],
            found.Total, found.Number, found.Size);
    }

    private static async Task<IResult> ReadAsync(HttpContext http, MarkNotificationsRead markRead, ReadRequest? request)
    {
        var reader = await http.ActorAsync();
        await (request?.Ids is { } ids ? markRead.RunAsync(ids, reader, http.RequestAborted) : markRead.AllAsync(reader, http.RequestAborted));
        return Results.NoContent();
    }
}
