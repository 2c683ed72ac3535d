namespace CoEPortal.Evidence.Verify;

/// <summary>Something that was to be believed does not hold.</summary>
/// <param name="rule">Stable and kebab-case, for programs.</param>
/// <param name="message">A sentence for an auditor.</param>
public sealed class CheckFailedException(string rule, string message) : Exception(message)
{
    public string Rule { get; } = rule;
}
