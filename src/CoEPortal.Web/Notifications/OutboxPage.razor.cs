using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Notifications;

/// <summary>What has not left the portal and why, to be sent again or dropped.</summary>
public sealed partial class OutboxPage(CurrentActor current, OutboxList outbox, RepairOutbox repair, DialogService dialogs, ILogger<OutboxPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private Page<UnsentMessage>? _page;
    private UnsentCounts? _counts;
    private bool _mayRepair;
    private Attempt? _retrying;
    private Failure? _failure;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private MessageState? State => Query.Choice<MessageState>("state");

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var (state, reader) = (State, await current.GetAsync());
            var (page, counts) = (await outbox.PageAsync(state, reader, Query.Page, PageSize), await outbox.CountsAsync(reader));
            if (state == State)
            {
                (_page, _counts, _mayRepair, _failure) = (page, counts, AccessPolicy.Allows(reader, Permission.RepairOutbox), null);
            }
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task RetryAsync(UnsentMessage message)
    {
        if (await _retrying!.RunAsync(async () => await repair.RetryAsync(message.Id, await current.GetAsync()), "It is sent again within 15 seconds"))
        {
            await LoadAsync();
        }
    }

    private async Task DropAsync(UnsentMessage message)
    {
        await dialogs.OpenAsync<DropMessageDialog>($"Drop this message to {message.To}?", new() { [nameof(DropMessageDialog.Id)] = message.Id }, new() { Width = "34rem", AutoFocusFirstElement = false });
        await LoadAsync();
    }
}
