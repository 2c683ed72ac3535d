using CoEPortal.Governance.Access;
using CoEPortal.Web.Components.Validation;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Components;

/// <summary>
/// Tries a use case and says in place why it was refused. Success may say a word in a toast; refusals and failures
/// stay on the page until the next try.
/// </summary>
public partial class Attempt(ILogger<Attempt> log, NotificationService toasts) : ComponentBase
{
    private Func<Task>? _work;
    private string? _done;

    /// <summary>What is attempted from, given this attempt for <see cref="Busy"/> and <see cref="RunAsync"/>.</summary>
    [Parameter]
    public RenderFragment<Attempt>? ChildContent { get; set; }

    /// <summary>Where messages about single fields go, when there is a form.</summary>
    [Parameter]
    public FluentValidationValidator? Fields { get; set; }

    /// <summary>Loads the newest version, offered when somebody else was faster.</summary>
    [Parameter]
    public EventCallback Reload { get; set; }

    public bool Busy { get; private set; }

    public Failure? Failure { get; private set; }

    /// <param name="work">The call of the use case and what follows when it succeeded.</param>
    /// <param name="done">For the toast: what happened, e.g. "UC-142 is stopping".</param>
    /// <returns>Whether it succeeded. A second call while the first runs is ignored: that is a double click.</returns>
    public async Task<bool> RunAsync(Func<Task> work, string? done = null)
    {
        if (Busy)
        {
            return false;
        }

        (_work, _done, Busy, Failure) = (work, done, true, null);
        StateHasChanged();
        try
        {
            await work();
            if (done is not null)
            {
                toasts.Notify(new() { Severity = NotificationSeverity.Success, Summary = done, Duration = 6000 });
            }

            return true;
        }
        catch (Exception exception)
        {
            Failure = Failure.Of(exception, log);
            if (exception is InvalidFieldsException invalid)
            {
                Fields?.Show(invalid.Errors);
            }

            return false;
        }
        finally
        {
            Busy = false;
            StateHasChanged();
        }
    }

    public void Clear()
    {
        Failure = null;
        StateHasChanged();
    }

    private Task AgainAsync() => _work is { } work ? RunAsync(work, _done) : Task.CompletedTask;

    private async Task ReloadAsync()
    {
        Failure = null;
        await Reload.InvokeAsync();
    }
}
