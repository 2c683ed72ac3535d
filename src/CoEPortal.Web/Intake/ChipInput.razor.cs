using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.AspNetCore.Components.Web;

namespace CoEPortal.Web.Intake;

/// <summary>A list of names, each a chip. Enter, a comma or leaving the field adds one; Backspace takes the last away.</summary>
public sealed partial class ChipInput : ComponentBase
{
    private string _written = "";

    [Parameter, EditorRequired]
    public IReadOnlyList<string> Value { get; set; } = [];

    [Parameter]
    public EventCallback<IReadOnlyList<string>> ValueChanged { get; set; }

    [Parameter, EditorRequired]
    public DraftForm Form { get; set; } = default!;

    /// <summary>The property of the draft, for its messages.</summary>
    [Parameter, EditorRequired]
    public string Path { get; set; } = "";

    /// <summary>What the empty place says: "Add an endpoint".</summary>
    [Parameter]
    public string Add { get; set; } = "";

    [Parameter, EditorRequired]
    public IReadOnlyDictionary<string, object> Attributes { get; set; } = default!;

    /// <summary>What is offered while somebody types. Anything else can be written as well.</summary>
    [Parameter]
    public IReadOnlyList<string> Suggested { get; set; } = [];

    private string ListId => $"offered-{Path.ToLowerInvariant()}";

    private Task SplitAsync() => _written.Contains(',', StringComparison.Ordinal) ? TakeAsync() : Task.CompletedTask;

    private async Task OnKeyAsync(KeyboardEventArgs pressed)
    {
        if (pressed.Key == "Enter" && !pressed.CtrlKey)
        {
            await TakeAsync();
        }
        else if (pressed.Key == "Backspace" && _written.Length == 0 && Value.Count > 0)
        {
            await ChangeAsync([.. Value.SkipLast(1)]);
        }
    }

    private async Task TakeAsync()
    {
        var names = _written.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        _written = "";
        if (names.Except(Value).Any())
        {
            await ChangeAsync([.. Value, .. names.Except(Value)]);
        }
    }

    private Task RemoveAsync(string name) => ChangeAsync([.. Value.Where(v => v != name)]);

    private async Task ChangeAsync(IReadOnlyList<string> names)
    {
        await ValueChanged.InvokeAsync(names);
        Form.Form.NotifyFieldChanged(new FieldIdentifier(Form.Draft, Path));
    }
}
