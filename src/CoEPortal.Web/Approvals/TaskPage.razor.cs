using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Approvals;

/// <summary>One question to one function: what changed, what is signed, who else decides, and the decision itself.</summary>
public partial class TaskPage(
    CurrentActor current, ReviewSheets sheets, ReviewInbox inbox, ReviewLooks looks, NavigationManager navigation) : ComponentBase
{
    private static readonly IReadOnlyList<Crumb> Way = [new("Inbox", "/inbox")];

    private readonly HashSet<string> _seen = [];
    private Actor? _reader;
    private ReviewSheet? _sheet;
    private InboxPlace? _place;
    private ProposalDiff? _diff;
    private UseCaseRevision? _base;
    private ReviewLook? _last;
    private bool _recorded;

    [Parameter]
    public Guid Id { get; set; }

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private string Title => _sheet!.Revision.Proposal.Title;

    private bool IsAboutProposal => _sheet!.Round.Topic is ReviewTopic.Proposal;

    // Changes come first, because whoever has decided before reads only those. A first revision has none.
    private List<string> Tabs => _sheet!.Round.Topic switch
    {
        ReviewTopic.Promotion => ["promotion", "one-pager", "decisions", "discussion"],
        ReviewTopic.Dpia => ["assessment", "one-pager", "decisions", "discussion"],
        _ => _diff is null ? ["one-pager", "score", "decisions", "discussion"] : ["changes", "one-pager", "score", "decisions", "discussion"],
    };

    private string Tab => Query["tab"] is { } tab && Tabs.Contains(tab) ? tab : Tabs[0];

    protected override Task OnParametersSetAsync()
    {
        if (_sheet?.Task.Id == Id)
        {
            return Task.CompletedTask;
        }

        (_sheet, _recorded, _last) = (null, false, null);
        _seen.Clear();
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        _reader = await current.GetAsync();
        _place = await inbox.PlaceAsync(Id, _reader);
        var sheet = await sheets.OfAsync(Id, _reader);
        if (sheet.Round.Topic is ReviewTopic.Proposal)
        {
            (_last, var seen) = await looks.LookAsync(sheet.UseCase.Id, sheet.Revision.Number, _reader);
            _seen.UnionWith(seen);
        }

        // Whoever has looked before sees what is new to them; whoever has not, what is new in this revision.
        _base = sheet.UseCase.Revisions.SingleOrDefault(r => r.Number == _last?.RevisionNumber) ?? sheet.PreviousRevision;
        _diff = _base is null ? null : ProposalDiff.Between(_base.Proposal, sheet.Revision.Proposal);
        _sheet = sheet;
    }

    private Task TickAsync() => looks.TickAsync(_sheet!.UseCase.Id, _sheet.Revision.Number, _seen, _reader!);

    private async Task GoOnAsync()
    {
        if (_place?.NextToDecide is { } next)
        {
            navigation.NavigateTo($"/tasks/{next}");
            return;
        }

        await LoadAsync();
        _recorded = true;
    }

    private void ChooseTab(int index) => Query.Go(quietly: true, ("tab", index == 0 ? null : Tabs[index]));

    private static string NameOf(string tab) => tab switch
    {
        "promotion" => "What changes",
        "assessment" => "Impact assessment",
        "changes" => "Changes",
        "score" => "Score and class",
        "decisions" => "Decisions so far",
        "discussion" => "Discussion",
        _ => "One-pager",
    };

    private int CountOf(string tab) => tab switch
    {
        "changes" => _diff!.Changes.Count,
        "discussion" => _sheet!.Comments,
        "decisions" => _sheet!.Round.Decisions.Count + _sheet.EarlierRounds.Sum(r => r.Decisions.Count),
        _ => 0,
    };
}
