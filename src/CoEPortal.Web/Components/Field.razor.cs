using System.Linq.Expressions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace CoEPortal.Web.Components;

/// <summary>
/// A question: label above, one line of help or what is wrong below, tied together for screen readers. The control
/// inside takes <see cref="Input"/>.
/// </summary>
public partial class Field : ComponentBase, IDisposable
{
    private readonly string _generated = $"field-{Guid.CreateVersion7():N}";
    private EditContext? _listeningTo;
    private FieldIdentifier? _field;
    private string? _ownError;

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    /// <summary>The answer, <c>() => Draft.Name</c>; its messages from the form appear here.</summary>
    [Parameter]
    public Expression<Func<object?>>? For { get; set; }

    /// <summary>One line with an example.</summary>
    [Parameter]
    public string? Help { get; set; }

    /// <summary>Help with a link in it.</summary>
    [Parameter]
    public RenderFragment? HelpContent { get; set; }

    [Parameter]
    public bool Optional { get; set; }

    /// <summary>The control consists of several, such as <see cref="ChoiceCards{TValue}"/> or a select bar.</summary>
    [Parameter]
    public bool Group { get; set; }

    /// <summary>What is wrong, for fields outside a form.</summary>
    [Parameter]
    public string? Message { get; set; }

    [Parameter]
    public string? Class { get; set; }

    [Parameter]
    public RenderFragment<Field>? ChildContent { get; set; }

    /// <summary>The id of the control, for tests and for links that jump to a wrong answer.</summary>
    [Parameter]
    public string? ControlId { get; set; }

    public string Id => ControlId ?? _generated;

    public string? Error => Message ?? _ownError;

    /// <summary>Also the moment from which the control should check on every key: <c>Immediate="@field.Invalid"</c>.</summary>
    public bool Invalid => Error is not null;

    /// <summary>
    /// For <c>@attributes</c> of the control. RadzenNumeric and RadzenDatePicker want it as <c>InputAttributes</c> and
    /// the id as <c>Name</c>, RadzenNumeric the label as <c>AriaLabel</c> too: their outer element is not the input.
    /// </summary>
    public IReadOnlyDictionary<string, object> Input
    {
        get
        {
            // The keys never change: Blazor keeps a captured attribute that is missing next time, and the red would stay.
            var attributes = new Dictionary<string, object>
            {
                ["aria-invalid"] = Invalid ? "true" : "false",
                ["aria-describedby"] = DescribedBy!,
            };
            if (!Group)
            {
                attributes["id"] = Id;

                // A Radzen drop-down is named by its value whatever the label says; harmless on real inputs.
                attributes["aria-label"] = Label;
            }

            return attributes;
        }
    }

    [CascadingParameter]
    private EditContext? Form { get; set; }

    /// <summary>What stands beside a question that has an id of its own, such as what people say at it.</summary>
    [CascadingParameter(Name = "BesideQuestion")]
    private RenderFragment<string>? Beside { get; set; }

    private string LabelId => Id + "-label";

    private string HelpId => Id + "-help";

    private string ErrorId => Id + "-error";

    private string? DescribedBy => Invalid ? ErrorId : Help is not null || HelpContent is not null ? HelpId : null;

    public void Dispose()
    {
        Listen(null);
        GC.SuppressFinalize(this);
    }

    protected override void OnParametersSet()
    {
        _field = For is null ? null : FieldIdentifier.Create(For);
        Listen(Form);
        ReadError();
    }

    private void Listen(EditContext? form)
    {
        if (ReferenceEquals(form, _listeningTo))
        {
            return;
        }

        if (_listeningTo is not null)
        {
            _listeningTo.OnValidationStateChanged -= OnValidated;
        }

        if (form is not null)
        {
            form.OnValidationStateChanged += OnValidated;
        }

        _listeningTo = form;
    }

    private void OnValidated(object? sender, ValidationStateChangedEventArgs e)
    {
        ReadError();
        StateHasChanged();
    }

    private void ReadError() =>
        _ownError = _listeningTo is not null && _field is { } field
            ? _listeningTo.GetValidationMessages(field).FirstOrDefault()
            : null;
}
