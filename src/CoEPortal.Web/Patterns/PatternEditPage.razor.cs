using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Patterns;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Patterns;

/// <summary>Writes on a pattern; saved as it is typed, refused when somebody else was faster.</summary>
public sealed partial class PatternEditPage(CurrentActor current, PatternLibrary library, WritePattern write, NavigationManager navigation, ILogger<PatternEditPage> log) : ComponentBase
{
    private Pattern? _pattern;
    private PatternContent _content = new();
    private string _models = "";
    private string _sources = "";
    private string _disclosures = "";
    private int _seen;
    private SavedAsTyped? _saved;
    private RuleViolationException? _refusal;
    private Failure? _failure;

    [Parameter]
    public string Key { get; set; } = "";

    protected override Task OnParametersSetAsync() => LoadAsync();

    private static IReadOnlyList<string> Lines(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    // What is no number is refused with the words of the rule.
    private static int Whole(object? written) => int.TryParse(written?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static IReadOnlyList<T> Toggled<T>(IReadOnlyList<T> all, T one, bool isOn) => isOn ? [.. all, one] : [.. all.Where(a => !Equals(a, one))];

    private async Task LoadAsync()
    {
        try
        {
            var pattern = await library.OneAsync(Key, await current.GetAsync());
            (_pattern, _content, _seen) = (pattern, pattern.Draft, pattern.Version);
            (_models, _sources, _disclosures) = (string.Join('\n', _content.Models), string.Join('\n', _content.DataSources), string.Join('\n', _content.Disclosures));
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

    private void Type(Func<PatternContent, PatternContent> change)
    {
        _content = change(_content);
        _saved!.Typed();
    }

    private async Task SaveAsync() => _seen = (await write.SaveAsync(Key, _content, _seen, await current.GetAsync())).Version;

    private void Refuse(RuleViolationException? refusal)
    {
        _refusal = refusal;
        StateHasChanged();
    }
}
