using System.Text.Json;
using CoEPortal.Workflows.Drawing;
using CoEPortal.Workflows.Expressions;
using CoEPortal.Workflows.Linting;

namespace CoEPortal.Workflows.Upgrading;

/// <summary>Compares two versions from where an instance is.</summary>
internal sealed class UpgradeCheck(WorkflowDefinition from, WorkflowDefinition to, WorkflowState state)
{
    /// <summary>Whether this is a newer version of the same thing, and there is anything left to decide.</summary>
    public IEnumerable<string> Whole()
    {
        if (to.DefinitionId != from.DefinitionId)
        {
            yield return $"'{to.DefinitionId}' is another workflow. An instance can only move to a newer version of '{from.DefinitionId}'.";
        }
        else if (to.Version <= from.Version)
        {
            yield return $"Version {to.Version} is not newer than version {from.Version}, on which the instance runs.";
        }

        if (state.Status is WorkflowStatus.Finished && state.SubStatus is not WorkflowSubStatus.Faulted)
        {
            yield return "The instance has ended; what was decided was decided on its version.";
        }
    }

    /// <summary>Everything the instance holds on to must mean the same in the new version.</summary>
    public IEnumerable<string> Parts() =>
        state.Bookmarks.SelectMany(CheckOpen)
            .Concat(state.Open.Select(o => o.ActivityId).Concat(state.Stalled.Select(s => s.ActivityId))
                .Except(state.Bookmarks.Select(b => b.ActivityId), StringComparer.Ordinal).SelectMany(CheckActivity))
            .Concat(to.Variables.SelectMany(CheckVariable))
            .Concat(to.Inputs.SelectMany(CheckInput));

    /// <summary>Every run that can follow, held to what both versions promise: those who have approved relied on the old one.</summary>
    public IEnumerable<string> Runs(WorkflowState upgraded)
    {
        var policy = from.Lane is null && to.Lane is null ? LintPolicy.Graph : LintPolicy.Lane;
        var reached = upgraded.Open.Any(o => o.IsFaulted)
            ? Interpreter.Retry(to, upgraded)
            : new Transition(upgraded, [], Matched: true);
        return new ModelCheck(to, policy, [.. from.RequiredFunctions.Union(to.RequiredFunctions, StringComparer.Ordinal)])
            .RunFrom(reached, DecidedSoFar.In(from, state))
            .Select(f => $"From where the instance is, version {to.Version} goes wrong. {f.Message}");
    }

    private IEnumerable<string> CheckOpen(Bookmark bookmark)
    {
        foreach (var refusal in CheckActivity(bookmark.ActivityId))
        {
            yield return refusal;
        }

        if (to.FindActivity(bookmark.ActivityId) is not { } activity || activity.Type != from.FindActivity(bookmark.ActivityId)!.Type)
        {
            yield break;
        }

        var name = bookmark.Kind is BookmarkKind.Task ? "taskName" : "eventName";
        if ((Now.Read(activity, name)?.AsText() ?? "") != bookmark.Name)
        {
            yield return $"'{TitleOf(bookmark.ActivityId)}' waits for '{bookmark.Name}', in version {to.Version} for something else.";
        }

        if (ReviewPayload.From(bookmark.Payload) is not { } asked)
        {
            yield break;
        }

        if (ReviewPayload.From(Now.Read(activity, "payload")) is not { } asks || asks.Function != asked.Function)
        {
            yield return $"'{TitleOf(bookmark.ActivityId)}' asks {Words.Of(asked.Function)}, in version {to.Version} somebody else.";
        }
        else if (asked.Actions.Except(asks.Actions, StringComparer.Ordinal).ToList() is { Count: > 0 } lost)
        {
            yield return $"{Words.Of(asked.Function)} may answer {Words.List(lost, "or")}, which version {to.Version} does not know.";
        }
    }

    private IEnumerable<string> CheckActivity(string id)
    {
        var (before, after) = (from.FindActivity(id), to.FindActivity(id));
        if (after is null)
        {
            yield return $"The instance is at '{TitleOf(id)}' ({id}), which version {to.Version} does not have.";
        }
        else if (before?.Type != after.Type)
        {
            yield return $"The instance is at '{TitleOf(id)}' ({id}), which is another kind of activity in version {to.Version}.";
        }
        else if (Function(from, before) is var function && Function(to, after) != function)
        {
            yield return $"'{TitleOf(id)}' asks {Words.Of(function ?? "nobody")}, in version {to.Version} somebody else.";
        }
    }

    private IEnumerable<string> CheckVariable(VariableDefinition after)
    {
        var before = from.Variables.FirstOrDefault(v => v.Name == after.Name);
        if (before is null || (before.TypeName == after.TypeName && before.IsArray == after.IsArray))
        {
            yield break;
        }

        if (!JsonElement.DeepEquals(state.Variables[before.Name], Burst.DefaultOf(before)))
        {
            yield return $"The variable '{before.Name}' holds a value, and its type is {after.TypeName} instead of {before.TypeName} in version {to.Version}: the value would be lost.";
        }
    }

    /// <summary>An input nothing reads is not needed; one that is read and was never given counts as false.</summary>
    private IEnumerable<string> CheckInput(InputDefinition input)
    {
        if (!state.Inputs.ContainsKey(input.Name) && IsRead(input.Name))
        {
            yield return $"Version {to.Version} needs the input '{input.Name}', which was not given when the instance was started.";
        }
        else if (from.Inputs.FirstOrDefault(i => i.Name == input.Name) is { } before && before.Type != input.Type)
        {
            yield return $"The input '{input.Name}' is a {input.Type} in version {to.Version} and was given as a {before.Type}.";
        }
    }

    private bool IsRead(string input) => to.Root.Activities.SelectMany(ExpressionRules.ExpressionsOf).Any(e => e switch
    {
        Expression.Input read => read.Name == input,
        Expression.JavaScript script => script.Syntax.Descend().Any(n => n is Syntax.InputRead read && read.Name == input),
        _ => false,
    });

    private StateScope Now => new(to, state);

    private string? Function(WorkflowDefinition definition, Activity activity) =>
        ReviewPayload.From(new StateScope(definition, state).Read(activity, "payload"))?.Function;

    private string TitleOf(string id) => from.FindActivity(id) is { } activity ? Caption.Title(activity) : id;
}
