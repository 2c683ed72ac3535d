using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using Radzen.Blazor;

namespace CoEPortal.Web.Approvals;

/// <summary>A condition while a reviewer writes it.</summary>
public sealed class ConditionBeingWritten
{
    public string? Text { get; set; } = "";

    public string? Owner { get; set; }

    public DateOnly? DueOn { get; set; }

    public RadzenTextBox? Box { get; set; }

    public bool IsWritten => !string.IsNullOrWhiteSpace(Text);

    public ConditionDraft Draft => new(Text!.Trim(), Owner is { Length: > 0 } owner ? new PersonId(owner) : null, DueOn);
}
