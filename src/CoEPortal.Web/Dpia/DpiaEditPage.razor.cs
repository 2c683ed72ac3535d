using CoEPortal.Governance.Access;
using CoEPortal.Governance.Dpia;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Dpia;

/// <summary>Writes on an assessment; saved as it is typed, refused when somebody else was faster.</summary>
public sealed partial class DpiaEditPage(CurrentActor current, DpiaLibrary library, WriteDpia write, NavigationManager navigation, ILogger<DpiaEditPage> log) : ComponentBase
{
    private DpiaSheet? _sheet;
    private Dictionary<string, string> _answers = [];
    private HashSet<string> _criteria = [];
    private List<DpiaRisk> _risks = [];
    private ScreeningOutcome _outcome;
    private string _reason = "";
    private string _consultation = "";
    private bool _public;
    private bool _endsReviews;
    private int _seen;
    private SavedAsTyped? _saved;
    private RuleViolationException? _refusal;
    private Failure? _failure;

    [Parameter]
    public string Key { get; set; } = "";

    private DpiaContent Written => _sheet!.Assessment.Draft with
    {
        Answers = new Dictionary<string, string>(_answers),
        Criteria = [.. _criteria],
        Risks = [.. _risks],
        Outcome = _outcome,
        OutcomeReason = _reason,
        PriorConsultation = _consultation,
        IsPublicService = _public,
    };

    protected override Task OnParametersSetAsync() => LoadAsync();

    private string HelpOf(DpiaField field) => field.From is { } from && _sheet!.Assessment.Draft.Prefilled.GetValueOrDefault(field.Id) is { } text
        ? $"{field.Article}. {(text == _answers.GetValueOrDefault(field.Id) ? "From the one-pager" : "Began with the one-pager")}: {DpiaFacts.QuestionOf(from)}."
        : field.Article + ".";

    private async Task LoadAsync()
    {
        try
        {
            _sheet = await library.OneAsync(Key, await current.GetAsync());
            var draft = _sheet.Assessment.Draft;
            (_answers, _criteria, _risks, _outcome) = (new(draft.Answers), [.. draft.Criteria], [.. draft.Risks], draft.Outcome);
            (_reason, _consultation, _public, _seen) = (draft.OutcomeReason, draft.PriorConsultation, draft.IsPublicService, _sheet.Assessment.Version);
            (_refusal, _failure) = (null, null);
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

    private void Tick(string criterion, bool holds) => _ = holds ? _criteria.Add(criterion) : _criteria.Remove(criterion);

    private void Type(Action change)
    {
        change();
        _saved!.Typed();
    }

    private async Task SaveAsync()
    {
        _seen = (await write.SaveAsync(Key, Written, _seen, await current.GetAsync(), _endsReviews)).Version;
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
