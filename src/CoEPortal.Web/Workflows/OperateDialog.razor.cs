using CoEPortal.Governance.Approvals;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace CoEPortal.Web.Workflows;

public enum LaneOperation { Retry, Cancel, Upgrade }

/// <summary>Asks for the reason before an operator moves a review, and says what that does and what it does not.</summary>
public sealed partial class OperateDialog(CurrentActor current, OperateLane operate, DialogService dialogs) : ComponentBase
{
    private const int MostVersions = 4;

    private Attempt? _attempt;
    private RadzenTextArea? _box;
    private string _reason = "";
    private string? _missing;
    private int _version;

    [Parameter, EditorRequired]
    public LaneOperation Operation { get; set; }

    [Parameter, EditorRequired]
    public LaneSheet Sheet { get; set; } = default!;

    private string Key => Sheet.Round.UseCaseKey;

    private string What => Operation switch
    {
        LaneOperation.Retry => "The step that failed runs once more, and after it what it held up. Decisions that were given stay as they are.",
        LaneOperation.Cancel => "The review ends without an answer. Open tasks leave the inboxes; the authors may submit again, which starts a new review.",
        _ => $"The review goes on by version {_version} of {DiagramWords.NameOf(Sheet.Definition)}. Open tasks stay with whoever holds them, and decisions that were given still count.",
    };

    private string WhatNot => Operation switch
    {
        LaneOperation.Retry => "It decides nothing. The same workflow may fail at the same place; then it has to be mended as a new version and the review moved to it.",
        LaneOperation.Cancel => "It approves nothing and cannot be undone. Decisions stay in the record but no longer count.",
        _ => "It is refused when anybody would be asked for something else, an answer would be lost, or approval would need fewer functions. It cannot be undone.",
    };

    private string Example => "It stays in the audit log, e.g. " + Operation switch
    {
        LaneOperation.Retry => "the answer that stopped it was given again.",
        LaneOperation.Cancel => "the proposal was submitted to the wrong lane.",
        _ => "version 2 asks Brand only where customers see the result.",
    };

    private string Button => Operation switch
    {
        LaneOperation.Retry => $"Retry {Key} now",
        LaneOperation.Cancel => $"Cancel the review of {Key}",
        _ => $"Upgrade {Key} to version {_version}",
    };

    private string Icon => Operation switch { LaneOperation.Retry => "replay", LaneOperation.Cancel => "cancel", _ => "upgrade" };

    public static Task OpenAsync(DialogService dialogs, LaneOperation operation, LaneSheet sheet) => dialogs.OpenAsync<OperateDialog>(
        operation switch
        {
            LaneOperation.Retry => $"Retry the review of {sheet.Round.UseCaseKey} {sheet.Title}?",
            LaneOperation.Cancel => $"Cancel the review of {sheet.Round.UseCaseKey} {sheet.Title}?",
            _ => $"Move the review of {sheet.Round.UseCaseKey} {sheet.Title} to a newer version?",
        },
        new() { [nameof(Operation)] = operation, [nameof(Sheet)] = sheet }, new() { Width = "35rem", AutoFocusFirstElement = false });

    protected override void OnInitialized() => _version = Sheet.NewerVersions is [.., var newest] ? newest : Sheet.Instance.DefinitionVersion;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _box is not null)
        {
            await _box.Element.FocusAsync();
        }
    }

    private async Task OperateAsync()
    {
        _missing = string.IsNullOrWhiteSpace(_reason) ? "Say why: it stays in the audit log." : null;
        if (_missing is null && await _attempt!.RunAsync(RunAsync, Operation switch
        {
            LaneOperation.Retry => $"The review of {Key} was tried again",
            LaneOperation.Cancel => $"The review of {Key} is cancelled",
            _ => $"The review of {Key} runs on version {_version}",
        }))
        {
            dialogs.Close();
        }
    }

    private async Task RunAsync()
    {
        var person = await current.GetAsync();
        await (Operation switch
        {
            LaneOperation.Retry => operate.RetryAsync(Sheet.Instance.Id, _reason, person),
            LaneOperation.Cancel => operate.CancelAsync(Sheet.Instance.Id, _reason, person),
            _ => operate.UpgradeAsync(Sheet.Instance.Id, _version, _reason, person),
        });
    }
}
