using FluentValidation;
using FluentValidation.Results;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace CoEPortal.Web.Components.Validation;

/// <summary>
/// Checks a form by the FluentValidation validator of its model: one field when it is left, everything on submit.
/// Put it inside an EditForm or RadzenTemplateForm.
/// </summary>
/// <remarks>
/// Forms validate synchronously. A validator with asynchronous rules is asked by <see cref="ValidateAsync"/> in the
/// submit handler instead.
/// </remarks>
public sealed class FluentValidationValidator(IServiceProvider services) : ComponentBase, IDisposable
{
    private EditContext? _form;
    private ValidationMessageStore? _messages;

    /// <summary>Instead of the one registered for the model.</summary>
    [Parameter]
    public IValidator? Validator { get; set; }

    [CascadingParameter]
    private EditContext? Form { get; set; }

    private EditContext Bound => _form ?? throw new InvalidOperationException("The form is not there yet.");

    private ValidationMessageStore Messages => _messages ?? throw new InvalidOperationException("The form is not there yet.");

    /// <summary>Checks everything, asynchronous rules too, and shows what is wrong.</summary>
    public async Task<bool> ValidateAsync(CancellationToken cancellationToken = default)
    {
        var result = await ValidatorOfModel().ValidateAsync(new ValidationContext<object>(Bound.Model), cancellationToken);
        Publish(result);
        return result.IsValid;
    }

    /// <summary>Shows what a use case found wrong, by the path of the field.</summary>
    public void Show(IReadOnlyDictionary<string, string[]> errors)
    {
        Messages.Clear();
        foreach (var (path, messages) in errors)
        {
            Messages.Add(FieldPath.Resolve(Bound.Model, path), messages);
        }

        Bound.NotifyValidationStateChanged();
    }

    public void Dispose() => Leave();

    protected override void OnParametersSet()
    {
        if (Form is null)
        {
            throw new InvalidOperationException("Put FluentValidationValidator inside an EditForm or RadzenTemplateForm.");
        }

        if (ReferenceEquals(Form, _form))
        {
            return;
        }

        Leave();
        _form = Form;
        _messages = new(Form);
        Form.OnValidationRequested += OnSubmit;
        Form.OnFieldChanged += OnFieldLeft;
    }

    private void OnSubmit(object? sender, ValidationRequestedEventArgs e) => Publish(Check());

    private void OnFieldLeft(object? sender, FieldChangedEventArgs e)
    {
        // The whole model is checked, since a rule may look at two answers, but only this field's messages change:
        // nobody is told off for questions they have not reached.
        var found = Check().Errors.Where(error => FieldPath.Resolve(Bound.Model, error.PropertyName).Equals(e.FieldIdentifier));
        Messages.Clear(e.FieldIdentifier);
        Messages.Add(e.FieldIdentifier, found.Select(error => error.ErrorMessage));
        Bound.NotifyValidationStateChanged();
    }

    private ValidationResult Check() => ValidatorOfModel().Validate(new ValidationContext<object>(Bound.Model));

    private void Publish(ValidationResult result)
    {
        Messages.Clear();
        foreach (var error in result.Errors)
        {
            Messages.Add(FieldPath.Resolve(Bound.Model, error.PropertyName), error.ErrorMessage);
        }

        Bound.NotifyValidationStateChanged();
    }

    private IValidator ValidatorOfModel()
    {
        var model = Bound.Model.GetType();
        return Validator
            ?? services.GetService(typeof(IValidator<>).MakeGenericType(model)) as IValidator
            ?? throw new InvalidOperationException($"No validator is registered for {model.Name}.");
    }

    private void Leave()
    {
        if (_form is not null)
        {
            _form.OnValidationRequested -= OnSubmit;
            _form.OnFieldChanged -= OnFieldLeft;
        }
    }
}
