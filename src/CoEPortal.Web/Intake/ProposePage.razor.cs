using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Governance.Scoring;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Intake;

/// <summary>A proposal being written: a new one, which is stored with its first answer, or one that goes on.</summary>
public sealed partial class ProposePage(CurrentActor current, UseCaseDetails details, PatternLibrary library, OverrideList overrides, NavigationManager navigation) : ComponentBase
{
    private UseCase? _useCase;
    private Proposal? _text;
    private IReadOnlyList<CurrentPattern> _patterns = [];
    private JudgementOverride? _standing;
    private Proposal? _kept;
    private RuleViolationException? _closed;
    private string? _shown;
    private string? _begun;
    private int _opening;

    [Parameter]
    public string? Key { get; set; }

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private string Name => _useCase?.Title is { Length: > 0 } title ? title : "Untitled proposal";

    protected override async Task OnParametersSetAsync()
    {
        // The address follows the first save: the text on the page is already the one it names.
        if (Key is not null && Key == _begun)
        {
            _shown = Key;
            return;
        }

        if (_opening == 0 || Key != _shown)
        {
            await OpenAsync();
        }
    }

    private async Task OpenAsync()
    {
        (_begun, _shown, _kept) = (null, Key, null);
        var author = await current.GetAsync();
        UseCase? useCase = null;
        RuleViolationException? closed = null;
        if (Key is not null)
        {
            (useCase, _) = await details.OfAsync(Key, author);
            closed = WhyClosed(useCase, author);
        }

        _patterns = Key is null ? await library.CurrentAsync() : await library.ForAsync(Key);
        _standing = Key is null ? null : (await overrides.OfAsync(Key, author)).FirstOrDefault(o => o.State is OverrideState.Confirmed);
        (_useCase, _closed) = (useCase, closed);
        _text = useCase?.Draft ?? new Proposal { BusinessUnit = author.BusinessUnit };
        _opening++;
    }

    private async Task ReloadAsync(Proposal mine)
    {
        await OpenAsync();
        _kept = mine;
    }

    private static RuleViolationException? WhyClosed(UseCase useCase, Actor author)
    {
        try
        {
            useCase.DemandWritable(author);
            return null;
        }
        catch (RuleViolationException refusal)
        {
            return refusal;
        }
    }

    private void Continue(string key)
    {
        _begun = key;
        var query = new Uri(navigation.Uri).Query;
        navigation.NavigateTo($"/propose/{key}{query}", replace: true);
    }
}
