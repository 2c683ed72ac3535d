using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace CoEPortal.Web.Approvals;

/// <summary>Names a colleague who decides for this person: on one task, or on everything they take for a function.</summary>
public sealed partial class DelegateDialog(
    CurrentActor current, Delegations delegations, DelegateReview delegateReview, DialogService dialogs, ViewerClock clock) : ComponentBase
{
    private Attempt? _attempt;
    private RadzenTextArea? _reasonBox;
    private IReadOnlyList<Actor>? _candidates;
    private IReadOnlyList<Choice<bool>> _scopes = [];
    private bool _only;
    private string? _to;
    private DateOnly _from;
    private DateOnly _until;
    private string _reason = "";
    private string? _missing;
    private string? _reasonMissing;

    [Parameter, EditorRequired]
    public Role Function { get; set; }

    /// <summary>The task it starts from; null when it is opened for the function as a whole.</summary>
    [Parameter]
    public ReviewTask? Task { get; set; }

    private string WhoHelp => _candidates is { Count: 0 }
        ? $"Nobody else is {EventInWords.Name(Function)} and free to decide. Ask an administrator to add somebody."
        : $"Colleagues who are {EventInWords.Name(Function)} too, without those who wrote it or have decided.";

    public static Task<dynamic?> OpenAsync(DialogService dialogs, Role function, ReviewTask? task) => dialogs.OpenAsync<DelegateDialog>(
        task is null ? $"Delegate for {EventInWords.Name(function)}" : $"Delegate {task.UseCaseKey} for {EventInWords.Name(function)}",
        new() { [nameof(Function)] = function, [nameof(Task)] = task }, new() { Width = "35rem", AutoFocusFirstElement = true });

    protected override async Task OnInitializedAsync()
    {
        (_only, _from, _until) = (Task is not null, clock.Today, clock.Today.AddDays(7));
        _scopes =
        [
            new(true, "Only this task"),
            new(false, $"Everything I take for {EventInWords.Name(Function)}"),
        ];
        _candidates = await delegations.CandidatesAsync(Function, Task?.Id, await current.GetAsync());
    }

    private async Task DelegateAsync()
    {
        _missing = _to is null ? "Choose who decides for you." : null;
        _reasonMissing = string.IsNullOrWhiteSpace(_reason) ? "Say why." : null;
        if (_missing is not null || _reasonMissing is not null)
        {
            return;
        }

        var name = _candidates!.Single(c => c.Id.Value == _to).Name;
        if (await _attempt!.RunAsync(
            async () => await delegateReview.RunAsync(
                _only ? Task?.Id : null, Function, new PersonId(_to!), _from, _until, _reason, await current.GetAsync()),
            $"{name} decides for you until {InWords.LongDay(_until)}"))
        {
            dialogs.Close();
        }
    }
}
