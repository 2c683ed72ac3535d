using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using CoEPortal.Web.UseCases;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.KillCriteria;

/// <summary>Each limit of what is approved: where it stands, what it would have done, and how it is made stricter.</summary>
public sealed partial class CriteriaPage(
    CurrentActor current, CriteriaInForce criteria, UseCaseDetails details, NavigationManager navigation, ILogger<CriteriaPage> log) : ComponentBase
{
    private IReadOnlyList<CriterionStanding>? _standings;
    private IReadOnlyList<TighteningStep> _steps = [];
    private string _title = "";
    private string _approval = "";
    private bool _mayTighten;
    private Failure? _failure;

    [Parameter]
    public string Key { get; set; } = "";

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private CriterionStanding? Chosen => _standings?.FirstOrDefault(s => s.Criterion.Number == Number) ?? _standings?.FirstOrDefault(s => s.IsMeasured) ?? (_standings is [var first, ..] ? first : null);

    private int Number => int.TryParse(Query["k"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private IEnumerable<TighteningStep> ChosenSteps => _steps.Where(s => s.Criterion == Chosen?.Criterion.Number);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var actor = await current.GetAsync();
            var (useCase, _) = await details.OfAsync(Key, actor);
            _title = UseCaseWords.NameOf(useCase);
            _mayTighten = AccessPolicy.Allows(actor, Permission.EngageSwitches, useCase.Subject);
            _approval = useCase.ApprovedRevision is null ? "" : TightenCriterion.ApprovalFor(useCase);
            _steps = await criteria.StepsAsync(Key, actor);
            (_standings, _failure) = (await criteria.OfAsync(Key, actor), null);
        }
        catch (NotFoundException)
        {
            navigation.NotFound();
        }
        catch (Exception exception)
        {
            (_standings, _failure) = (null, Failure.Of(exception, log));
        }
    }
}
