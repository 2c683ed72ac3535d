using System.Linq.Expressions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace CoEPortal.Web.Components;

/// <summary>Two to four answers side by side. Native radio buttons, so arrows, forms and screen readers work.</summary>
public partial class ChoiceCards<TValue> : ComponentBase
{
    private readonly string _name = $"choice-{Guid.CreateVersion7():N}";

    [Parameter, EditorRequired]
    public IReadOnlyList<Choice<TValue>> Options { get; set; } = [];

    /// <summary>Nothing is chosen while this equals none of the options: make it nullable to start empty.</summary>
    [Parameter]
    public TValue? Value { get; set; }

    [Parameter]
    public EventCallback<TValue> ValueChanged { get; set; }

    [Parameter]
    public Expression<Func<TValue>>? ValueExpression { get; set; }

    /// <summary>The question, unless a <see cref="Field"/> around it asks.</summary>
    [Parameter]
    public string? Label { get; set; }

    [Parameter]
    public bool Disabled { get; set; }

    [Parameter(CaptureUnmatchedValues = true)]
    public IReadOnlyDictionary<string, object>? Attributes { get; set; }

    [CascadingParameter]
    private EditContext? Form { get; set; }

    private async Task ChooseAsync(TValue value)
    {
        await ValueChanged.InvokeAsync(value);
        if (Form is not null && ValueExpression is not null)
        {
            Form.NotifyFieldChanged(FieldIdentifier.Create(ValueExpression));
        }
    }
}
