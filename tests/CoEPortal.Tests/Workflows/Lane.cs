using System.Text.Json;
using System.Text.Json.Nodes;
using CoEPortal.Workflows;

namespace CoEPortal.Tests.Workflows;

/// <summary>A shipped lane being played by answering functions by name.</summary>
internal sealed class Lane
{
    private readonly WorkflowDefinition _definition;

    public Lane(string name, bool customerFacing = false)
        : this(name, ("revision", 1), ("customerFacing", customerFacing))
    {
    }

    public Lane(string name, params (string Name, object Value)[] inputs)
    {
        _definition = Load(name);
        Last = Interpreter.Start(_definition, inputs.ToDictionary(i => i.Name, i => JsonSerializer.SerializeToElement(i.Value)));
    }

    /// <summary>Every lane in the folder, so that a new file is tested without being listed.</summary>
    public static TheoryData<string> Shipped { get; } =
        [.. Directory.GetFiles(Path.Combine(Corpus.RepositoryRoot, "workflows"), "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];

    public Transition Last { get; private set; }

    public WorkflowState State => Last.State;

    public string? Outcome => State.Variables["outcome"].GetString();

    public IEnumerable<string> Asked => State.Bookmarks.Select(FunctionOf);

    public IEnumerable<string> Withdrawn => Last.Effects.OfType<Effect.BookmarkClosed>()
        .Where(c => c.Reason is CloseReason.Canceled)
        .Select(c => c.ActivityId);

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(Corpus.RepositoryRoot, "workflows", $"{name}.json"));

    public static WorkflowDefinition Load(string name) => DefinitionJson.Read(Bytes(name), $"{name}.json");

    /// <summary>The lane after an author's edit.</summary>
    public static WorkflowDefinition Edited(string name, Action<JsonNode> edit)
    {
        var json = JsonNode.Parse(Bytes(name))!;
        edit(json);
        return DefinitionJson.Read(json.ToJsonString(), $"{name}.json");
    }

    public Lane Answer(string function, string decision)
    {
        var bookmark = State.Bookmarks.Single(b => FunctionOf(b) == function);
        var state = WorkflowState.FromJson(State.ToJson());
        Last = Interpreter.Apply(_definition, state, new Stimulus.CompleteTask(bookmark.Id, Decision(decision)));
        return this;
    }

    public static JsonElement Decision(string decision) => JsonSerializer.SerializeToElement(
        new { decision, comment = "Seen.", decidedBy = "grace", decidedAt = "2026-11-22T09:00:00Z" });

    private static string FunctionOf(Bookmark bookmark) => bookmark.Payload!.Value.GetProperty("function").GetString()!;
}
