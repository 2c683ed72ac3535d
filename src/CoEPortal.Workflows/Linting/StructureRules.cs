using System.Collections.Immutable;
using CoEPortal.Workflows.Expressions;

namespace CoEPortal.Workflows.Linting;

/// <summary>Only known types, properties, aliases and ports; every connection has two ends; every outcome leads somewhere.</summary>
internal static class StructureRules
{
    /// <summary>Type aliases of Elsa 3.8; assembly-qualified names are accepted by Elsa but not portable.</summary>
    private static readonly ImmutableHashSet<string> Aliases =
    [
        "Int16", "Int32", "Int64", "Single", "Double", "Decimal", "Boolean", "String", "Object", "Guid", "DateTime",
        "DateTimeOffset", "TimeSpan", "ByteArray", "JSON", "JsonElement", "JsonNode", "JsonObject", "JsonArray",
        "StringDictionary", "ObjectDictionary", "StringMap", "ObjectMap", "FlowJoinMode",
    ];

    public static IEnumerable<LintFinding> Check(WorkflowDefinition definition) =>
        definition.Root.Activities.SelectMany(a => CheckActivity(definition, a))
            .Concat(CheckConnections(definition))
            .Concat(CheckDeclarations(definition));

    /// <summary>The outcomes an activity can have, or null when only running it would tell.</summary>
    public static ImmutableArray<string>? Ports(Activity activity)
    {
        if (activity.Type is ActivityTypes.FlowSwitch)
        {
            return [.. activity.Cases.Select(c => c.Label), "Default"];
        }

        if (activity.Type is not ActivityTypes.FlowFork)
        {
            return ActivityTypes.Find(activity.Type)?.Ports;
        }

        return activity.FindSlot("branches")?.Expression switch
        {
            null => ["Done"],
            Expression.ObjectText text => BranchNames(text.Json),
            Expression.Literal literal => BranchNames(literal.Value.GetRawText()),
            _ => null,
        };
    }

    private static ImmutableArray<string>? BranchNames(string json)
    {
        var names = JsonElements.TryParse(json).Texts();
        return names.IsEmpty || names.Length != JsonElements.TryParse(json)?.GetArrayLength() ? null : names;
    }

    private static IEnumerable<LintFinding> CheckActivity(WorkflowDefinition definition, Activity activity)
    {
        if (ActivityTypes.Find(activity.Type) is not { } type)
        {
            yield return new("unknown-type", activity.Id, $"'{activity.Type}' is not supported. Use one of the built-in activities the README of the workflows lists.");
            yield break;
        }

        foreach (var (name, value) in activity.Properties)
        {
            if (!type.Properties.Contains(name) && name is not ("canStartWorkflow" or "runAsynchronously"))
            {
                yield return new("unknown-property", activity.Id, $"{activity.Type} has no property '{name}'. Remove it.");
            }

            if (value.Member("expression") is not null && value.Member("typeName")?.AsText() is not { } alias)
            {
                yield return new("input-without-type", activity.Id, $"'{name}' has no 'typeName'; Elsa reads such an input as empty. Add it.");
            }
        }

        foreach (var slot in activity.Slots.Where(s => !IsAlias(s.Value.TypeName)))
        {
            yield return new("unknown-alias", activity.Id, $"'{slot.Value.TypeName}' of '{slot.Key}' is not a type alias of Elsa.");
        }

        if (activity.Type is ActivityTypes.Finish)
        {
            yield return new("finish-activity", activity.Id, "Finish drops open tasks without a trace. Use End, which withdraws them.");
        }

        if (activity.Type is ActivityTypes.FlowFork or ActivityTypes.FlowSwitch
            && Ports(activity) is not { Length: > 0 })
        {
            yield return new("branches-unknown", activity.Id, "The branches must be a fixed list of names, so that their connections can be checked.");
        }

        if (Ports(activity) is { } ports && ports.Distinct(StringComparer.Ordinal).Count() < ports.Length)
        {
            yield return new("branch-twice", activity.Id, "Two branches have the same name, so one connection would be followed for both. Rename one.");
        }

        if (activity.Type is ActivityTypes.FlowSwitch && activity.FindSlot("mode") is not null)
        {
            yield return new("switch-mode", activity.Id, "Leave 'mode' out: exactly one case, the first that matches, may be followed.");
        }

        if (!definition.Graph.IsReachable(activity.Id))
        {
            yield return new("activity-unreachable", activity.Id, "No path leads here from the start. Connect or remove it.");
        }
    }

    private static IEnumerable<LintFinding> CheckConnections(WorkflowDefinition definition)
    {
        var connections = definition.Root.Connections;
        var portsOf = definition.Root.Activities.Where(a => a.IsKnown)
            .ToDictionary(a => a.Id, a => Ports(a)?.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var connection in connections)
        {
            if (Find(connection.Source) is not { } source || Find(connection.Target) is null)
            {
                yield return new("unknown-endpoint", null, $"The connection {connection.Key} names an activity that does not exist. Elsa would drop it without a word.");
                continue;
            }

            if (portsOf.GetValueOrDefault(source.Id) is { } ports && !ports.Contains(connection.SourcePort))
            {
                yield return new("unknown-endpoint", source.Id, $"There is no outcome '{connection.SourcePort}'; the connection to '{connection.Target}' is never followed.");
            }

            if (connection.TargetPort is not "In")
            {
                yield return new("unknown-endpoint", connection.Target, $"There is no port '{connection.TargetPort}' to arrive at. Use 'In'.");
            }
        }

        foreach (var twice in connections.GroupBy(c => c.Key).Where(g => g.Count() > 1))
        {
            yield return new("connection-twice", twice.First().Source, $"The connection {twice.Key} is there {twice.Count()} times.");
        }

        foreach (var activity in definition.Root.Activities.Where(a => a.IsKnown && a.Type is not ActivityTypes.Fault))
        {
            var connected = definition.Graph.Outbound(activity.Id).Select(c => c.SourcePort).ToHashSet(StringComparer.Ordinal);
            foreach (var port in (portsOf[activity.Id] ?? []).Where(p => !connected.Contains(p)))
            {
                yield return new("port-unconnected", activity.Id, $"The outcome '{port}' leads nowhere: the run would end without reaching End. Connect it.");
            }
        }

        Activity? Find(string id) => definition.FindActivity(id);
    }

    private static IEnumerable<LintFinding> CheckDeclarations(WorkflowDefinition definition)
    {
        if (definition.Graph.Start is not { Type: ActivityTypes.Start })
        {
            yield return new("start-missing", null, "The flowchart has no Start activity.");
        }

        foreach (var variable in definition.Variables)
        {
            if (!IsAlias(variable.TypeName))
            {
                yield return new("unknown-alias", null, $"'{variable.TypeName}' of the variable '{variable.Name}' is not a type alias of Elsa.");
            }

            if (variable.StorageDriver is null)
            {
                yield return new("variable-not-persisted", null, $"The variable '{variable.Name}' has no storage driver; on Elsa it is gone after the first suspension.");
            }

            if (!HasReadableDefault(variable))
            {
                yield return new("variable-default", null, $"The default of the variable '{variable.Name}' is not a {variable.TypeName}.");
            }
        }

        foreach (var input in definition.Inputs)
        {
            if (!IsAlias(input.Type))
            {
                yield return new("unknown-alias", null, $"'{input.Type}' of the input '{input.Name}' is not a type alias of Elsa.");
            }

            if (input.StorageDriver is null)
            {
                yield return new("input-not-persisted", null, $"The input '{input.Name}' has no storage driver: it is gone after the first suspension, and a condition on it is then false.");
            }
        }
    }

    private static bool IsAlias(string typeName) =>
        Aliases.Contains(typeName) || (typeName.StartsWith("List<", StringComparison.Ordinal) && Aliases.Contains(typeName[5..].TrimEnd('>')));

    private static bool HasReadableDefault(VariableDefinition variable)
    {
        try
        {
            TypedValue.Default(variable);
            return true;
        }
        catch (ExpressionException)
        {
            return false;
        }
    }
}
