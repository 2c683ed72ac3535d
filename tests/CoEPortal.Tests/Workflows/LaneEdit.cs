using System.Text.Json.Nodes;

namespace CoEPortal.Tests.Workflows;

/// <summary>What an author does to a lane in the designer.</summary>
internal static class LaneEdit
{
    public static JsonNode Activity(JsonNode json, string id) => Activities(json).Single(a => Id(a) == id)!;

    public static JsonArray Connections(JsonNode json) => json["root"]!["connections"]!.AsArray();

    public static void Connect(JsonNode json, string source, string port, string target) => Connections(json).Add(new JsonObject
    {
        ["source"] = new JsonObject { ["activity"] = source, ["port"] = port },
        ["target"] = new JsonObject { ["activity"] = target, ["port"] = "In" },
    });

    public static void Disconnect(JsonNode json, string source, string target) =>
        Connections(json).RemoveAll(c => End(c, "source") == source && End(c, "target") == target);

    public static void Redirect(JsonNode json, string source, string target, string newTarget, string? port = null)
    {
        var connection = Connections(json).Single(c => End(c, "source") == source && End(c, "target") == target)!;
        connection["target"]!["activity"] = newTarget;
        connection["source"]!["port"] = port ?? connection["source"]!["port"]!.GetValue<string>();
    }

    public static void Remove(JsonNode json, params string[] ids)
    {
        Activities(json).RemoveAll(a => ids.Contains(Id(a)));
        Connections(json).RemoveAll(c => ids.Contains(End(c, "source")) || ids.Contains(End(c, "target")));
    }

    public static void Rename(JsonNode json, string id, string newId)
    {
        Activity(json, id)["id"] = newId;
        foreach (var end in Connections(json).SelectMany(c => new[] { c!["source"]!, c["target"]! }).Where(e => e["activity"]!.GetValue<string>() == id))
        {
            end["activity"] = newId;
        }
    }

    /// <summary>A task like that of Legal and the decision on it, whose refusals lead where all refusals lead.</summary>
    public static void AddReview(JsonNode json, string id, string function)
    {
        var places = Activities(json).Count;
        foreach (var (model, copy) in new[] { ("legal", id), ("legalDecision", id + "Decision") })
        {
            var text = Activity(json, model).ToJsonString()
                .Replace("legal", id, StringComparison.Ordinal).Replace("Legal", function, StringComparison.Ordinal);
            var activity = JsonNode.Parse(text)!;
            activity["metadata"]!["designer"]!["position"]!["y"] = 1_000 + 100 * places++;
            Activities(json).Add(activity);
        }

        json["variables"]!.AsArray().Add(JsonNode.Parse(
            $$"""{"id":"var-{{id}}","name":"{{id}}","typeName":"Object","isArray":false,"storageDriverTypeName":"WorkflowInstanceStorageDriver"}"""));
        Connect(json, id, "Done", id + "Decision");
        Connect(json, id + "Decision", "ChangesRequested", "anyChanges");
        Connect(json, id + "Decision", "Default", "anyVeto");
    }

    private static JsonArray Activities(JsonNode json) => json["root"]!["activities"]!.AsArray();

    private static string Id(JsonNode? activity) => activity!["id"]!.GetValue<string>();

    private static string End(JsonNode? connection, string end) => connection![end]!["activity"]!.GetValue<string>();
}
