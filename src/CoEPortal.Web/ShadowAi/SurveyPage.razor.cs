using CoEPortal.Governance.Intake;
using CoEPortal.Governance.ShadowAi;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.ShadowAi;

/// <summary>The survey with amnesty. Only this page takes answers: the API would keep who asked.</summary>
public sealed partial class SurveyPage(CurrentActor current, AnswerSurvey survey, ILogger<SurveyPage> log) : ComponentBase
{
    private static readonly IReadOnlyList<Choice<SurveyPurpose?>> Purposes = [.. CampaignWords.Purposes.Select(p => new Choice<SurveyPurpose?>(p.Value, p.Title))];

    private SurveyForm? _form;
    private Failure? _failure;
    private Attempt? _attempt;
    private string? _tool;
    private string? _department;
    private SurveyPurpose? _purpose;
    private DataClass? _data;
    private string? _toolMissing;
    private string? _choiceMissing;
    private bool _loaded;
    private bool _thanked;

    /// <summary>Of the campaign; without it the newest that asks.</summary>
    [Parameter]
    public string? Key { get; set; }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var reader = await current.GetAsync();
            var key = Key ?? await survey.CurrentAsync(reader);
            (_form, _failure, _loaded) = (key is null ? null : await survey.FormAsync(key, reader), null, true);
        }
        catch (Exception exception)
        {
            (_form, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task SendAsync()
    {
        _toolMissing = string.IsNullOrWhiteSpace(_tool) ? "Name the tool." : null;
        _choiceMissing = _purpose is null ? "Choose what you use it for." : _data is null ? "Choose the most sensitive data." : null;
        if (_toolMissing is not null || _purpose is not { } purpose || _data is not { } data)
        {
            return;
        }

        _thanked = await _attempt!.RunAsync(async () => await survey.RunAsync(_form!.Key, new SurveyAnswer(_tool!, _department ?? "", purpose, data), await current.GetAsync()));
        if (_thanked)
        {
            (_tool, _purpose, _data, _department) = (null, null, null, null);
        }
    }
}
