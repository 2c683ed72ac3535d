using System.Collections.Immutable;

namespace CoEPortal.Workflows;

/// <summary>What the supported subset knows of one activity type.</summary>
/// <param name="Properties">Names in the order Elsa's designer shows them; the canonical order of the file.</param>
/// <param name="Ports">Fixed outcomes; null when they follow from the activity's own branches or cases.</param>
internal sealed record ActivityType(string Name, ImmutableArray<string> Properties, ImmutableArray<string>? Ports);

/// <summary>The supported activity types. Source: property names and ports as a running Elsa 3.8 server lists them.</summary>
internal static class ActivityTypes
{
    public const string Flowchart = "Elsa.Flowchart";
    public const string Start = "Elsa.Start";
    public const string End = "Elsa.End";
    public const string Finish = "Elsa.Finish";
    public const string FlowFork = "Elsa.FlowFork";
    public const string FlowJoin = "Elsa.FlowJoin";
    public const string FlowDecision = "Elsa.FlowDecision";
    public const string FlowSwitch = "Elsa.FlowSwitch";
    public const string SetVariable = "Elsa.SetVariable";
    public const string SetName = "Elsa.SetName";
    public const string SetOutput = "Elsa.SetOutput";
    public const string Correlate = "Elsa.Correlate";
    public const string RunTask = "Elsa.RunTask";
    public const string Event = "Elsa.Event";
    public const string Fault = "Elsa.Fault";

    /// <summary>The type Elsa puts in the place of one it does not know.</summary>
    public const string NotFound = "Elsa.NotFoundActivity";

    private static readonly ImmutableArray<string> Done = ["Done"];

    private static readonly ImmutableDictionary<string, ActivityType> Known = new ActivityType[]
    {
        new(Start, [], Done),
        new(End, [], []),
        new(Finish, [], []),
        new(FlowFork, ["branches"], null),
        new(FlowJoin, ["mode"], Done),
        new(FlowDecision, ["condition"], ["True", "False"]),
        new(FlowSwitch, ["cases", "mode"], null),
        new(SetVariable, ["variable", "value"], Done),
        new(SetName, ["value"], Done),
        new(SetOutput, ["outputName", "outputValue"], Done),
        new(Correlate, ["correlationId"], Done),
        new(RunTask, ["taskName", "payload", "taskId", "result"], Done),
        new(Event, ["eventName", "result"], Done),
        new(Fault, ["code", "category", "faultType", "message"], Done),
    }.ToImmutableDictionary(t => t.Name, StringComparer.Ordinal);

    public static ActivityType? Find(string name) => Known.GetValueOrDefault(name);
}
