using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.Layout;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Notifications;

/// <summary>What the person who looks was told. While the page is open, what arrives appears with the figure at the bell.</summary>
public sealed partial class NotificationsPage(CurrentActor current, NotificationInbox inbox, MarkNotificationsRead markRead, ShellFigures figures)
    : ComponentBase, IDisposable
{
    public const string Path = "/notifications";

    private const int PageSize = 20;

    private Page<Notification>? _page;
    private Attempt? _marking;
    private int _unreadWhenLoaded;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private bool UnreadOnly => Query.Has("unread");

    private int Unread => figures.Counts.GetValueOrDefault(Path);

    public void Dispose() => figures.Changed -= OnFigures;

    protected override void OnInitialized() => figures.Changed += OnFigures;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var unread = Unread;
        _page = await inbox.OfAsync(await current.GetAsync(), UnreadOnly, Query.Page, PageSize);
        _unreadWhenLoaded = unread;
    }

    private void OnFigures()
    {
        if (Unread != _unreadWhenLoaded)
        {
            _ = InvokeAsync(async () =>
            {
                await LoadAsync();
                StateHasChanged();
            });
        }
    }

    private Task MarkAllAsync() => _marking!.RunAsync(async () =>
    {
        await markRead.AllAsync(await current.GetAsync());
        await figures.RefreshAsync();
    });

    private static string? On(bool on) => on ? "on" : null;

    private static string? Current(bool on) => on ? "true" : null;
}
