using CoEPortal.Governance.Access;
using CoEPortal.Governance.DataSources;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.DataSources;

/// <summary>One source: where it goes, what it is filled from, and which use cases read from it.</summary>
public sealed partial class SourcePage(CurrentActor current, SourceRegister register, KeepRegister keep, DialogService dialogs, NavigationManager navigation) : ComponentBase
{
    private SourceSheet? _sheet;
    private Attempt? _attempt;
    private Failure? _failure;
    private bool _mayManage;

    [Inject]
    private ILogger<SourcePage> Log { get; set; } = default!;

    [Parameter]
    public string Key { get; set; } = "";

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var actor = await current.GetAsync();
            _sheet = await register.OneAsync(Key, actor);
            (_mayManage, _failure) = (AccessPolicy.Allows(actor, Permission.ManageDataSources), null);
        }
        catch (NotFoundException)
        {
            navigation.NotFound();
        }
        catch (Exception exception)
        {
            _failure = Failure.Of(exception, Log);
        }
    }

    private async Task EditAsync()
    {
        await dialogs.OpenAsync<SourceDialog>($"Edit {Key} {_sheet!.Source.Name}", new() { [nameof(SourceDialog.Before)] = _sheet.Source }, new() { Width = "48rem" });
        await LoadAsync();
    }

    private async Task RetireAsync()
    {
        var sure = await dialogs.Confirm(
            "Use cases that name it show it as not registered. It cannot be taken back; what is known of it stays.", $"Is {_sheet!.Source.Name} no longer there?", new ConfirmOptions { OkButtonText = "It is no longer there", CancelButtonText = "Cancel" });
        if (sure is true && await _attempt!.RunAsync(async () => await keep.RetireAsync(Key, await current.GetAsync()), $"{Key} is no longer there"))
        {
            await LoadAsync();
        }
    }
}
