using System.Collections.Immutable;
using System.Text.Json;
using CoEPortal.Web.Components;
using CoEPortal.Workflows;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Workflows;

/// <summary>Walks a definition with pretend decisions. Everything lives in this component; leaving it forgets it.</summary>
public sealed partial class SimulationPanel : ComponentBase
{
    private readonly Dictionary<string, string> _chosen = [];
    private ImmutableArray<SimulatedInput> _inputs = [];
    private Dictionary<string, string> _titles = [];
    private Simulation? _run;
    private ElementReference _heading;
    private bool _moved;

    /// <summary>Another definition is another rehearsal: give the component a key.</summary>
    [Parameter, EditorRequired]
    public WorkflowDefinition Definition { get; set; } = default!;

    protected override void OnInitialized()
    {
        _inputs = Simulation.InputsOf(Definition);
        _titles = Diagram.Of(Definition).Nodes.ToDictionary(n => n.ActivityId, n => n.Title);
        foreach (var input in _inputs)
        {
            _chosen[input.Name] = input.Decides ? input.Choices[0].GetRawText() : Anything(input.Type);
        }
    }

    // The button that was pressed is gone, so the focus goes to the sentence that says what came of it.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_moved && _run is not null)
        {
            _moved = false;
            await _heading.FocusAsync();
        }
    }

    private void Start() => GoTo(Simulation.Start(Definition, _chosen.ToDictionary(c => c.Key, c => JsonSerializer.Deserialize<JsonElement>(c.Value))));

    private void GoTo(Simulation run) => (_run, _moved) = (run, true);

    private void StartOver() => _run = null;

    private static string Standing(Simulation run) => run switch
    {
        { Incident: not null } => "Stopped at an error",
        { State.Status: WorkflowStatus.Finished } => $"Ended: {DiagramWords.OfOutcome(run.Outcome).Word.ToLowerInvariant()}",
        { Open.IsEmpty: true } => "Waits for something that never comes",
        _ => $"Waits for {DiagramWords.Listed([.. run.Open.Select(t => t.Who).Distinct()])}",
    };

    private string TitleOf(string activityId) => _titles.GetValueOrDefault(activityId, activityId);

    private static IEnumerable<string> ActionsOf(SimulatedTask task) => task.Actions.IsEmpty ? ["done"] : task.Actions;

    private static string Label(string action) => action switch
    {
        "request-changes" => "Ask for changes",
        "done" => "It happened",
        _ => DiagramWords.Sentence(action),
    };

    /// <summary>A value for what nothing depends on.</summary>
    private static string Anything(string type) => type switch { "Boolean" => "false", "String" => "\"\"", "Object" => "{}", _ => "1" };

    private static IReadOnlyList<Choice<string>> Options(SimulatedInput input) => [.. input.Choices.Select(c => new Choice<string>(c.GetRawText(), c.ValueKind switch
    {
        JsonValueKind.True => "Yes",
        JsonValueKind.False => "No",
        JsonValueKind.Null => "Not given",
        JsonValueKind.String when c.GetString() == "something-else" => "Anything else",
        JsonValueKind.String => DiagramWords.Function(c.GetString()!),
        _ => c.GetRawText(),
    }))];
}
