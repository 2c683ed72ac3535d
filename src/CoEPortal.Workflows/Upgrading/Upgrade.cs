using System.Collections.Immutable;
using CoEPortal.Workflows.Upgrading;

namespace CoEPortal.Workflows;

/// <summary>
/// Moves a running instance to a newer version of its definition. Allowed only when nobody is betrayed by it: every
/// open task asks the same person for the same thing, no answer is lost or read as another, and from where the
/// instance is it cannot be approved without everybody whom either version requires.
/// </summary>
public static class Upgrade
{
    /// <returns>Why not, in sentences for the person who asked; empty when the upgrade is allowed.</returns>
    /// <exception cref="ArgumentException">The state does not run on <paramref name="from"/>.</exception>
    public static ImmutableArray<string> Check(WorkflowDefinition from, WorkflowDefinition to, WorkflowState state)
    {
        if (state.DefinitionId != from.DefinitionId || state.DefinitionVersion != from.Version)
        {
            throw new ArgumentException($"The instance runs on {state.DefinitionId} version {state.DefinitionVersion}, not on {from.DefinitionId} version {from.Version}.", nameof(from));
        }

        var check = new UpgradeCheck(from, to, state);
        ImmutableArray<string> refusals = [.. check.Whole()];
        refusals = refusals.IsEmpty ? [.. check.Parts()] : refusals;
        // Where the parts do not fit, runs would only repeat that in other words.
        return refusals.IsEmpty ? [.. check.Runs(Carry(to, state))] : refusals;
    }

    /// <summary>
    /// The state on the new version: values and counters carry over by name, open tasks keep their bookmark ids, and
    /// what has failed can be retried.
    /// </summary>
    /// <exception cref="UpgradeRefusedException"><see cref="Check"/> refuses.</exception>
    /// <inheritdoc cref="Check" path="/exception"/>
    public static WorkflowState Apply(WorkflowDefinition from, WorkflowDefinition to, WorkflowState state) =>
        Check(from, to, state) is { IsEmpty: false } refusals ? throw new UpgradeRefusedException(refusals) : Carry(to, state);

    private static WorkflowState Carry(WorkflowDefinition to, WorkflowState state)
    {
        var keys = to.Root.Connections.Select(c => c.Key).ToHashSet(StringComparer.Ordinal);
        return state with
        {
            DefinitionVersion = to.Version,
            Variables = to.Variables.ToImmutableSortedDictionary(
                v => v.Name, v => state.Variables.GetValueOrDefault(v.Name, Burst.DefaultOf(v)), StringComparer.Ordinal),
            Inputs = Only(state.Inputs, to.Inputs.Where(i => i.StorageDriver is not null).Select(i => i.Name).ToHashSet(StringComparer.Ordinal).Contains),
            ActivityVisits = Only(state.ActivityVisits, id => to.FindActivity(id) is not null),
            ConnectionVisits = Only(state.ConnectionVisits, keys.Contains),
        };
    }

    private static ImmutableSortedDictionary<string, T> Only<T>(ImmutableSortedDictionary<string, T> values, Func<string, bool> isKept) =>
        values.Where(p => isKept(p.Key)).ToImmutableSortedDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
}

/// <summary>The instance has to stay on its version.</summary>
public sealed class UpgradeRefusedException(ImmutableArray<string> refusals)
    : InvalidOperationException(string.Join(" ", refusals))
{
    public ImmutableArray<string> Refusals { get; } = refusals;
}
