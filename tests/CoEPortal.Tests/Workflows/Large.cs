using CoEPortal.Workflows;

namespace CoEPortal.Tests.Workflows;

/// <summary>Definitions larger than anybody would draw.</summary>
internal static class Large
{
    private const string ReviewPayload =
        """{"typeName":"ObjectDictionary","expression":{"type":"Object","value":"{\"function\":\"Legal\",\"actions\":[\"approve\",\"veto\"]}"}}""";

    /// <summary>Start, then one step after the other, every hundredth a task, then End.</summary>
    public static WorkflowDefinition Chain(int activities)
    {
        var ids = Enumerable.Range(0, activities).Select(i => $"n{i}").ToList();
        return Read(
            ids.Select((id, i) => i == 0 ? Activity(id, "Start") : i == activities - 1 ? Activity(id, "End")
                : i % 100 == 50 ? Task(id) : Activity(id, "SetName", """,  "value":{"typeName":"String","expression":{"type":"Literal","value":"x"}}""")),
            ids.Zip(ids.Skip(1), (a, b) => Connection(a, "Done", b)));
    }

    /// <summary>Start, a fork into as many tasks, one join, End.</summary>
    public static WorkflowDefinition Fork(int branches)
    {
        var ids = Enumerable.Range(0, branches).Select(i => $"n{i}").ToList();
        var names = string.Join(',', ids.Select(id => $"\\\"{id}\\\""));
        return Read(
            [
                Activity("start", "Start"),
                Activity("fork", "FlowFork", $$$""", "branches":{"typeName":"List<String>","expression":{"type":"Object","value":"[{{{names}}}]"}}"""),
                .. ids.Select(Task),
                Activity("join", "FlowJoin", """, "mode":{"typeName":"FlowJoinMode","expression":{"type":"Literal","value":"WaitAll"}}"""),
                Activity("end", "End"),
            ],
            [
                Connection("start", "Done", "fork"),
                .. ids.SelectMany(id => new[] { Connection("fork", id, id), Connection(id, "Done", "join") }),
                Connection("join", "Done", "end"),
            ]);
    }

    /// <summary>Decisions in a row, each with two ways that meet again.</summary>
    public static WorkflowDefinition Diamonds(int count)
    {
        const string isTrue = """, "condition":{"typeName":"Boolean","expression":{"type":"JavaScript","value":"1 < 2"}}""";
        const string waitsForAny = """, "mode":{"typeName":"FlowJoinMode","expression":{"type":"Literal","value":"WaitAny"}}""";
        return Read(
            [
                Activity("start", "Start"),
                .. Enumerable.Range(0, count).SelectMany(i => new[]
                {
                    Activity($"d{i}", "FlowDecision", isTrue), Activity($"a{i}", "SetName"), Activity($"b{i}", "SetName"), Activity($"j{i}", "FlowJoin", waitsForAny),
                }),
                Activity("end", "End"),
            ],
            [
                Connection("start", "Done", "d0"),
                .. Enumerable.Range(0, count).SelectMany(i => new[]
                {
                    Connection($"d{i}", "True", $"a{i}"), Connection($"d{i}", "False", $"b{i}"),
                    Connection($"a{i}", "Done", $"j{i}"), Connection($"b{i}", "Done", $"j{i}"),
                    Connection($"j{i}", "Done", i < count - 1 ? $"d{i + 1}" : "end"),
                }),
            ]);
    }

    private static string Task(string id) =>
        Activity(id, "RunTask", $$$""", "taskName":{"typeName":"String","expression":{"type":"Literal","value":"review"}}, "payload":{{{ReviewPayload}}}""");

    private static string Activity(string id, string type, string more = "") => $$"""{"id":"{{id}}","type":"Elsa.{{type}}"{{more}}}""";

    private static string Connection(string source, string port, string target) => $$"""{"source":"{{source}}","sourcePort":"{{port}}","target":"{{target}}"}""";

    private static WorkflowDefinition Read(IEnumerable<string> activities, IEnumerable<string> connections) => DefinitionJson.Read(
        $$"""{"definitionId":"large","root":{"type":"Elsa.Flowchart","activities":[{{string.Join(',', activities)}}],"connections":[{{string.Join(',', connections)}}] } }""",
        "large.json");
}
