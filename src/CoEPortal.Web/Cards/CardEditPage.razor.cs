using CoEPortal.Governance.Access;
using CoEPortal.Governance.Cards;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Cards;

/// <summary>Writes on a card; saved as it is typed, refused when somebody else was faster.</summary>
public sealed partial class CardEditPage(CurrentActor current, CardLibrary library, WriteCard write, NavigationManager navigation, ILogger<CardEditPage> log) : ComponentBase
{
    private Governance.Cards.Card? _card;
    private Dictionary<string, string> _sections = [];
    private string _name = "";
    private string _version = "";
    private string _licence = "";
    private int _seen;
    private bool _endsReviews;
    private SavedAsTyped? _saved;
    private RuleViolationException? _refusal;
    private Failure? _failure;

    [Parameter]
    public string Key { get; set; } = "";

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var card = await library.OneAsync(Key, await current.GetAsync());
            (_card, _sections, _seen) = (card, new(card.Draft.Sections), card.Version);
            (_name, _version, _licence, _refusal, _failure) = (card.Name, card.ModelVersion, card.Draft.Licence, null, null);
        }
        catch (NotFoundException)
        {
            navigation.NotFound();
        }
        catch (Exception exception)
        {
            _failure = Failure.Of(exception, log);
        }
    }

    private void Type(Action change)
    {
        change();
        _saved!.Typed();
    }

    private async Task SaveAsync()
    {
        var content = _card!.Draft with { Licence = _licence, Sections = new Dictionary<string, string>(_sections) };
        _seen = (await write.SaveAsync(Key, _name, _version, content, _seen, await current.GetAsync(), _endsReviews)).Version;
        _endsReviews = false;
    }

    private void Refuse(RuleViolationException? refusal)
    {
        _refusal = refusal;
        StateHasChanged();
    }

    private async Task EndReviewAsync()
    {
        _endsReviews = true;
        await _saved!.FlushAsync();
    }
}
