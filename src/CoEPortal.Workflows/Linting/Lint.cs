using CoEPortal.Workflows.Linting;

namespace CoEPortal.Workflows;

/// <summary>Why a definition is refused.</summary>
/// <param name="Rule">Stable kebab-case name.</param>
/// <param name="ActivityId">Null when the finding concerns the file or a run as a whole.</param>
/// <param name="Message">What is wrong and what to do, for the author of the file.</param>
public sealed record LintFinding(string Rule, string? ActivityId, string Message);

/// <summary>
/// Stricter than Elsa's import, which accepts files that approve too early, end without an outcome or fail only when
/// the faulty node is reached. A definition is put in force only without findings.
/// </summary>
public static class Lint
{
    /// <summary>Types, ports, ids, merges, back edges and expressions; then every possible run, within bounds.</summary>
    /// <param name="policy">Null: <see cref="LintPolicy.For"/>, by what the file says it is.</param>
    /// <returns>Empty when the definition may be put in force.</returns>
    public static IReadOnlyList<LintFinding> Check(WorkflowDefinition definition, LintPolicy? policy = null)
    {
        policy ??= LintPolicy.For(definition);
        List<LintFinding> findings =
        [
            .. StructureRules.Check(definition),
            .. GraphRules.Check(definition),
            .. ExpressionRules.Check(definition),
            .. policy.IsLane ? LaneRules.Check(definition) : [],
        ];

        // A run of these says nothing beyond what has been found already, or would not end.
        if (!findings.Any(f => f.Rule is "unknown-type" or "unknown-endpoint" or "loop-without-task" || f.Rule.StartsWith("expression-", StringComparison.Ordinal)))
        {
            findings.AddRange(new ModelCheck(definition, policy, definition.RequiredFunctions).Run());
        }

        return findings;
    }
}
