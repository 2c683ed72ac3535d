using CoEPortal.Governance.Access;
using CoEPortal.Governance.Candidates;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Candidates;

/// <summary>One candidate: why it ranks where it does, and what becomes of it.</summary>
public sealed partial class CandidatePage(CurrentActor current, CandidateList list, KeepCandidates keep, DialogService dialogs, NavigationManager navigation) : ComponentBase
{
    private Candidate? _candidate;
    private AlikeFound? _alike;
    private Attempt? _attempt;
    private Failure? _failure;
    private bool _mayPropose;

    [Inject]
    private ILogger<CandidatePage> Log { get; set; } = default!;

    [Parameter]
    public string Key { get; set; } = "";

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var actor = await current.GetAsync();
            _candidate = await list.OneAsync(Key, actor);
            _alike = await list.AlikeAsync(_candidate.Name, _candidate.Description, Key, actor);
            (_mayPropose, _failure) = (AccessPolicy.Allows(actor, Permission.ProposeUseCase, _candidate.Subject), null);
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
        await dialogs.OpenAsync<CandidateDialog>($"Edit {Key}", new() { [nameof(CandidateDialog.Before)] = _candidate! }, new() { Width = "44rem" });
        await LoadAsync();
    }

    private async Task SetAsideAsync()
    {
        await dialogs.OpenAsync<SetAsideDialog>($"Set {Key} aside?", new() { [nameof(SetAsideDialog.Key)] = Key }, new() { Width = "34rem" });
        await LoadAsync();
    }

    private async Task ReopenAsync()
    {
        if (await _attempt!.RunAsync(async () => await keep.ReopenAsync(Key, await current.GetAsync()), $"{Key} is ranked again"))
        {
            await LoadAsync();
        }
    }

    private async Task ProposeAsync()
    {
        Candidate? proposed = null;
        if (await _attempt!.RunAsync(async () => proposed = await keep.ProposeAsync(Key, await current.GetAsync())))
        {
            navigation.NavigateTo($"/propose/{proposed!.UseCaseKey}");
        }
    }
}
