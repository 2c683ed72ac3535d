using CoEPortal.Governance.Access;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Home;

/// <summary>What is on fire, what waits for me, what changed: the same page for every role, each seeing what is theirs.</summary>
public partial class HomePage(CurrentActor current, HomeBoard boards, ViewerClock clock, Organisation organisation) : ComponentBase
{
    private Actor? _actor;
    private Board? _board;

    private bool OwnUnit => AccessPolicy.OnlyOwnUnit(_actor!, Permission.ReadUseCases);

    private bool MayPropose => AccessPolicy.Allows(_actor!, Permission.ProposeUseCase);

    private string Greeting => clock.Now.Hour switch
    {
        >= 5 and < 12 => "Good morning",
        >= 12 and < 18 => "Good afternoon",
        _ => "Good evening",
    };

    protected override async Task OnInitializedAsync()
    {
        var actor = await current.GetAsync();
        _board = await boards.ForAsync(actor);
        _actor = actor;
    }
}
