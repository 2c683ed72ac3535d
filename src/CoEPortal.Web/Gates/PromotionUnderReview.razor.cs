using CoEPortal.Governance.Gates;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Gates;

/// <summary>What somebody of the board has before them: what changes, and where its gate stands now.</summary>
public sealed partial class PromotionUnderReview(CurrentActor current, GateBoard board, ILogger<PromotionUnderReview> log) : ComponentBase
{
    private PromotionRow? _row;
    private GateCheck? _check;
    private Failure? _failure;

    [Parameter, EditorRequired]
    public Guid Id { get; set; }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            ((_row, _check), _failure) = (await board.PromotionAsync(Id, await current.GetAsync()), null);
        }
        catch (Exception exception)
        {
            _failure = Failure.Of(exception, log);
        }
    }
}
