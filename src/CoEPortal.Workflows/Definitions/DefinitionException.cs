namespace CoEPortal.Workflows;

/// <summary>
/// A workflow file cannot be read. The message names the file and, where there is one, the node, and says what to do.
/// <see cref="Rule"/> is stable and meant for code and tests.
/// </summary>
public sealed class DefinitionException : Exception
{
    public DefinitionException(string file, string rule, string message, string? activityId = null, Exception? cause = null)
        : base(activityId is null ? $"{file}: {message}" : $"{file}, activity '{activityId}': {message}", cause)
    {
        File = file;
        Rule = rule;
        ActivityId = activityId;
    }

    public string File { get; }

    public string Rule { get; }

    public string? ActivityId { get; }
}
