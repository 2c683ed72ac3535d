using CoEPortal.Workflows;

namespace CoEPortal.Governance.Approvals;

/// <summary>Whether a workflow may come into force here: lint, and what a file cannot know of the portal it is for.</summary>
internal static class WorkflowCheck
{
    /// <param name="storedSha256">Of the same version as it is published; null when it is not.</param>
    /// <returns>Empty when it may. What is published already was checked then.</returns>
    public static IReadOnlyList<LintFinding> Of(WorkflowDefinition definition, string? storedSha256) =>
        storedSha256 == definition.Sha256 ? []
        : storedSha256 is not null
            ? [new LintFinding("published-version-changed", null, $"Version {definition.Version} is published with other content. Raise the version to change it.")]
            : [.. Lint.Check(definition, LintPolicy.Lane), .. UnknownFunctions(definition)];

    private static IEnumerable<LintFinding> UnknownFunctions(WorkflowDefinition definition) =>
        from asked in definition.Root.Activities.Select(a => (Activity: (string?)a.Id, Function: ReviewPayload.Of(a)?.Function))
            .Concat(definition.RequiredFunctions.Select(f => (Activity: (string?)null, Function: (string?)f)))
        where asked.Function is not null && !TaskPayload.IsFunction(asked.Function)
        select new LintFinding("function-unknown", asked.Activity, $"'{asked.Function}' is no function that decides here. They are {string.Join(", ", TaskPayload.Functions)}.");
}
