using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Intake;

/// <summary>
/// Saves a draft 800 ms after the last key and says so. The first answer starts the use case; before it nothing is
/// stored. When the page goes, what was still waiting is saved.
/// </summary>
public sealed partial class Autosave(
    StartUseCase startUseCase, SaveDraft saveDraft, CurrentActor current, ViewerClock clock, ILogger<Autosave> log)
    : ComponentBase, IAsyncDisposable
{
    private static readonly TimeSpan AfterLastKey = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan[] BeforeRetry = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5)];

    private CancellationTokenSource? _waiting;
    private Task? _saving;
    private bool _unsaved;
    private int _failures;
    private bool _left;

    private enum Stand { Untouched, Saving, Saved, Retrying, CannotBeStored, Refused }

    [Parameter, EditorRequired]
    public DraftForm Form { get; set; } = default!;

    /// <summary>The use case was started and has a key now.</summary>
    [Parameter]
    public EventCallback<string> Started { get; set; }

    private (string Text, string Icon, Tone Tone) Look { get; set; } = ("", "", Tone.Neutral);

    /// <summary>Saves at once what is not saved yet.</summary>
    /// <returns>Whether everything on the page is stored.</returns>
    public async Task<bool> FlushAsync()
    {
        await StopWaitingAsync();
        await SaveAsync();
        return !_unsaved;
    }

    public async ValueTask DisposeAsync()
    {
        _left = true;
        Form.Typed -= OnTyped;
        await FlushAsync();
        await StopWaitingAsync();
    }

    protected override void OnInitialized() => Form.Typed += OnTyped;

    private void OnTyped()
    {
        _unsaved = true;
        if (Form.Refusal is not null && !Form.IsOutdated)
        {
            Form.Refuse(null);
        }

        _ = SaveAfterAsync(AfterLastKey);
    }

    private async Task SaveAfterAsync(TimeSpan pause)
    {
        await StopWaitingAsync();
        var waiting = _waiting = new CancellationTokenSource();
        try
        {
            await Task.Delay(pause, waiting.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await SaveAsync();
    }

    private async Task SaveAsync()
    {
        while (_saving is { IsCompleted: false } running)
        {
            await running;
        }

        if (_unsaved && Form.Refusal is null)
        {
            await (_saving = KeepAsync());
        }
    }

    private async Task KeepAsync()
    {
        _unsaved = false;
        Show(Stand.Saving);
        try
        {
            await StoreAsync(Form.Proposal);
            _failures = 0;
            Show(Stand.Saved);
        }
        catch (RuleViolationException refusal)
        {
            _unsaved = true;
            Show(Stand.Refused);
            Form.Refuse(refusal);
        }
        catch (InvalidFieldsException)
        {
            // The field says what is wrong with it; the next key tries again.
            _unsaved = true;
            Show(Stand.CannotBeStored);
        }
        catch (DbUpdateConcurrencyException)
        {
            _unsaved = true;
            Show(Stand.Refused);
            Form.Refuse(new("changed-meanwhile", $"{Form.Key} was changed by somebody else at this moment. Neither text is lost: load the newer draft, and what you wrote differently is shown beside it, answer by answer."));
        }
        catch (Exception exception)
        {
            log.LogWarning(exception, "The draft {Key} could not be saved and is tried again", Form.Key);
            _unsaved = true;
            Show(Stand.Retrying);
            _ = SaveAfterAsync(BeforeRetry[Math.Min(_failures++, BeforeRetry.Length - 1)]);
        }
    }

    private async Task StoreAsync(Proposal text)
    {
        var author = await current.GetAsync();
        if (Form.Key is { } key)
        {
            Form.Saved(key, await saveDraft.RunAsync(key, text, Form.Version, author));
            return;
        }

        var started = await startUseCase.RunAsync(author, text);
        Form.Saved(started.Key, started.Version);
        if (!_left)
        {
            // Otherwise the address would follow the draft and take the person back from where they went.
            await Started.InvokeAsync(started.Key);
        }
    }

    private async Task StopWaitingAsync()
    {
        if (_waiting is { } waiting)
        {
            _waiting = null;
            await waiting.CancelAsync();
            waiting.Dispose();
        }
    }

    private void Show(Stand stand)
    {
        Look = stand switch
        {
            Stand.Saving => ("Saving…", "cloud_upload", Tone.Neutral),
            Stand.Saved => ("Saved " + clock.Now.ToString("HH:mm:ss", CultureInfo.InvariantCulture), "cloud_done", Tone.Good),
            Stand.Retrying => ("Not saved, retrying", "cloud_off", Tone.Warning),
            Stand.CannotBeStored => ("Not saved: correct the answer marked red", "cloud_off", Tone.Bad),
            Stand.Refused => ("Not saved", "cloud_off", Tone.Bad),
            _ => ("", "", Tone.Neutral),
        };
        StateHasChanged();
    }
}
