using CoEPortal.Governance.Access;
using CoEPortal.Governance.Gates;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Gates;

/// <summary>One promotion: its gate as it stands now, and who of the board has decided.</summary>
public sealed partial class PromotionPage(CurrentActor current, GateBoard board, WithdrawPromotion withdraw, NavigationManager navigation, ILogger<PromotionPage> log) : ComponentBase
{
    private PromotionRow? _row;
    private GateCheck? _check;
    private Actor? _actor;
    private Attempt? _attempt;
    private Failure? _failure;
    private bool _mayTakePart;

    [Parameter]
    public Guid Id { get; set; }

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

    private async Task WithdrawAsync()
    {
        if (await _attempt!.RunAsync(async () => await withdraw.RunAsync(Id, await current.GetAsync()), "Withdrawn"))
        {
            await LoadAsync();
        }
    }
}
