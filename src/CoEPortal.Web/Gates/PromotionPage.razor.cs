using CoEPortal.Governance.Access;
using CoEPortal.Governance.Gates;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Gates;

/// <summary>One promotion: its gate as it stands now, who of the board has decided, and the decision itself.</summary>
public sealed partial class PromotionPage(CurrentActor current, GateBoard board, DecidePromotion decide, NavigationManager navigation, ILogger<PromotionPage> log) : ComponentBase
{
    private PromotionRow? _row;
    private GateCheck? _check;
    private Actor? _actor;
    private Attempt? _attempt;
    private Failure? _failure;
    private bool _mayTakePart;
    private string _comment = "";

    [Parameter]
    public Guid Id { get; set; }

    /// <summary>What the reader would decide for; null when nothing.</summary>
    private Role? Function => _actor is { } actor && _row is { } row && AccessPolicy.Allows(actor, Permission.DecideReviews)
        && !row.Promotion.Authors.Contains(actor.Id.Value) && row.Promotion.Decisions.All(d => d.PersonId != actor.Id.Value) ? row.Promotion.FunctionFor(actor) : null;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _actor = await current.GetAsync();
            ((_row, _check), _failure) = (await board.PromotionAsync(Id, _actor), null);
            _mayTakePart = AccessPolicy.Allows(_actor, Permission.TakePart);
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

    private async Task DecideAsync(bool approves)
    {
        if (await _attempt!.RunAsync(async () => await decide.RunAsync(Id, approves, _comment, _row!.Promotion.ArtefactHash, await current.GetAsync()), approves ? "Agreed" : "Vetoed"))
        {
            _comment = "";
            await LoadAsync();
        }
    }

    private async Task WithdrawAsync()
    {
        if (await _attempt!.RunAsync(async () => await decide.WithdrawAsync(Id, await current.GetAsync()), "Withdrawn"))
        {
            await LoadAsync();
        }
    }
}
