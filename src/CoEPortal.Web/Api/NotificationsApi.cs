using CoEPortal.Governance.Notifications;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

public static class NotificationsApi
{
    public sealed record NotificationView(
        Guid Id, string Kind, string Title, string Text, string Link, string? UseCase, DateTimeOffset CreatedAt, DateTimeOffset? ReadAt);

    /// <param name="Ids">Absent: all of yours.</param>
    public sealed record ReadRequest(IReadOnlyList<Guid>? Ids);

    public static void MapNotifications(this RouteGroupBuilder api)
    {
        var notifications = api.MapGroup("/notifications").WithTags("Notifications");
        notifications.MapGet("/", ListAsync).WithSummary("What you were told, newest first");
        notifications.MapPost("/read", ReadAsync).WithSummary("Mark some of yours as read, or all");
    }

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
