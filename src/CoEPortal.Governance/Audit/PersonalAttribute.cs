namespace CoEPortal.Governance.Audit;

/// <summary>
/// What a property of an event says is personal: a name, or words that somebody wrote. It is stored encrypted with that
/// person's key, and gone when the person is erased. A text or a list of texts.
/// </summary>
/// <param name="person">The property that holds whose it is, an id; for a list of texts also a list of ids side by side with it. None: of who acts.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PersonalAttribute(string? person = null) : Attribute
{
    public string? Person { get; } = person;

    /// <summary>Words of the person that is named, not their name.</summary>
    public bool IsText { get; init; }
}
