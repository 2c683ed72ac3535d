using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Cards;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Cards;

/// <summary>A card: the draft or a version, what changed, and who relies on it.</summary>
public sealed partial class CardPage(CurrentActor current, CardLibrary library, PublishCard publish, NavigationManager navigation, ILogger<CardPage> log) : ComponentBase
{
    private static readonly (string Format, string Name)[] Formats = [("markdown", "Markdown"), ("json", "JSON"), ("cyclonedx", "CycloneDX ML-BOM")];

    private Governance.Cards.Card? _card;
    private IReadOnlyList<Dependent> _dependents = [];
    private Actor? _actor;
    private Attempt? _attempt;
    private Failure? _failure;
    private bool _mayWrite;

    [Parameter]
    public string Key { get; set; } = "";

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    /// <summary>Null for the draft.</summary>
    private CardVersion? Shown => Query["v"] == "draft" ? null : Numbered("v") ?? _card!.Versions.SingleOrDefault(v => v.Number == _card.LatestVersion);

    private CardVersion? Before => Numbered("from");

    private CardContent Content => Shown?.Content ?? _card!.Draft;

    private string Hash => Shown?.ContentHash ?? _card!.ContentHash;

    private bool MayPublish => _card is { } card && _actor is { } actor && AccessPolicy.Allows(actor, Permission.DecideReviews) && !card.Editors.Contains(actor.Id.Value)
        && card.Versions.All(v => v.Number != card.LatestVersion || v.ContentHash != card.ContentHash || !card.IsCurrent(library.Today.AddDays(30)));

    protected override Task OnParametersSetAsync() => LoadAsync();

    private CardVersion? Numbered(string name) => int.TryParse(Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? _card?.Versions.SingleOrDefault(v => v.Number == number) : null;

    private async Task LoadAsync()
    {
        try
        {
            _actor = await current.GetAsync();
            _card = await library.OneAsync(Key, _actor);
            _dependents = await library.DependentsAsync(_card, _actor);
            (_mayWrite, _failure) = (AccessPolicy.Allows(_actor, Permission.WriteCards), null);
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

    private async Task PublishAsync()
    {
        if (await _attempt!.RunAsync(async () => await publish.RunAsync(Key, _card!.ContentHash, null, await current.GetAsync()), $"{Key} published"))
        {
            navigation.NavigateTo($"/cards/{Key}");
            await LoadAsync();
        }
    }
}
