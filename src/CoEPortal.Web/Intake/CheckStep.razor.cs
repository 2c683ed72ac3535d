using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Web.Components;
using CoEPortal.Web.Layout;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Intake;

/// <summary>The whole one-pager as it will be frozen, what is still open, and the act of submitting it.</summary>
public sealed partial class CheckStep(SubmitProposal submitProposal, CurrentActor current, NavigationManager navigation, ShellFigures figures)
    : ComponentBase
{
    private Attempt? _attempt;

    [Parameter, EditorRequired]
    public DraftForm Form { get; set; } = default!;

    /// <summary>Saves what is not saved yet; false when that did not work.</summary>
    [Parameter, EditorRequired]
    public Func<Task<bool>> Flush { get; set; } = default!;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    public bool Busy => _attempt?.Busy ?? false;

    private string Ready => Form.Assessment.Functions.Count == 0
        ? "Submitting clears it by rule, at once"
        : $"Submitting asks {string.Join(", ", Form.Assessment.Functions.Select(ProposalWords.Of))}";

    private string WhatFollows => Form.Assessment.Functions.Count == 0
        ? "The text is frozen. Somebody looks at a sample of such use cases afterwards."
        : $"The text is frozen until they answered, usually within {Form.Assessment.UsualWorkingDays} working days. You can withdraw it meanwhile.";

    public Task SubmitAsync() => _attempt!.RunAsync(async () =>
    {
        if (!await Flush() || Form.Key is not { } key)
        {
            throw Form.Refusal ?? new RuleViolationException("not-saved", "Your last change is not saved yet. Wait until the top of the page says Saved, then submit.");
        }

        await submitProposal.RunAsync(key, Form.Version, await current.GetAsync());
        await figures.RefreshAsync();
        navigation.NavigateTo($"/use-cases/{key}");
    });
}
