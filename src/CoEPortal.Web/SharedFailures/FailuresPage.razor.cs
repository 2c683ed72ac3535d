using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.SharedFailures;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.SharedFailures;

/// <summary>Failures that people met and shared so that others learn from them.</summary>
public sealed partial class FailuresPage(CurrentActor current, FailureBoard board, ShareFailure share, DialogService dialogs, ILogger<FailuresPage> log) : ComponentBase
{
    private const int PageSize = 10;

    private Page<FailureRow>? _page;
    private bool _mayShare;
    private bool _mayModerate;
    private string _me = "";
    private Attempt? _attempt;
    private Failure? _failure;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private FailureFilter Filter => new(Query.Choice<FailureKind>("kind"), Query["useCase"], Query["search"], Query.Choice<FailureState>("state") ?? FailureState.Published);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var (filter, actor, entry) = (Filter, await current.GetAsync(), Query["entry"]);
            var page = entry is null ? await board.PageAsync(filter, actor, Query.Page, PageSize) : new Page<FailureRow>([await board.OneAsync(entry, actor)], 1, 1, PageSize);
            if (filter == Filter && entry == Query["entry"])
            {
                (_page, _me, _failure) = (page, actor.Id.Value, null);
                (_mayShare, _mayModerate) = (AccessPolicy.Allows(actor, Permission.ShareFailures), AccessPolicy.Allows(actor, Permission.ModerateFailures));
            }
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task ShareAsync()
    {
        await dialogs.OpenAsync<ShareFailureDialog>("What went wrong?", null, new() { Width = "42rem" });
        await LoadAsync();
    }

    private async Task PublishAsync(SharedFailure entry)
    {
        await dialogs.OpenAsync<ShareFailureDialog>($"Publish {entry.Key} for everybody?", new() { [nameof(ShareFailureDialog.Waiting)] = entry }, new() { Width = "42rem" });
        await LoadAsync();
    }

    private async Task WithdrawAsync(SharedFailure entry)
    {
        await dialogs.OpenAsync<WithdrawFailureDialog>($"Withdraw {entry.Key}?", new() { [nameof(WithdrawFailureDialog.Key)] = entry.Key }, new() { Width = "34rem" });
        await LoadAsync();
    }

    private async Task MeetAsync(SharedFailure entry)
    {
        if (await _attempt!.RunAsync(async () => await share.MeetAsync(entry.Key, await current.GetAsync()), "Counted"))
        {
            await LoadAsync();
        }
    }
}
