using System.Data;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoEPortal.Governance.Approvals;
using CoEPortal.Workflows;
using Npgsql;

namespace CoEPortal.Tests.Workflows;

/// <summary>Tells every stored lane its stimuli again, on the versions it ran on, and compares where it ends and what it did on the way.</summary>
internal static class Replay
{
    private sealed record Told(StimulusKind Kind, int Version, string? BookmarkId, string? Body);

    /// <returns>A sentence for each lane that ends elsewhere than the database says.</returns>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(NpgsqlConnection connection)
    {
        // One view of it all: others may be at work, and a lane that begins between two reads would have no stimuli.
        await using var view = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var definitions = await ReadAsync(
            connection, "select definition_id, definition_version, json from wf.published_workflow",
            r => (Key: (r.GetString(0), r.GetInt32(1)), Definition: DefinitionJson.Read(r.GetString(2), r.GetString(0))));
        var byVersion = definitions.ToDictionary(d => d.Key, d => d.Definition);
        var stimuli = (await ReadAsync(
            connection, "select instance_id, kind, definition_version, bookmark_id, body::text from wf.lane_stimulus order by instance_id, number",
            r => (Instance: r.GetGuid(0), Told: new Told(
                Enum.Parse<StimulusKind>(r.GetString(1)), r.GetInt32(2), r.IsDBNull(3) ? null : r.GetString(3), r.IsDBNull(4) ? null : r.GetString(4))))).ToLookup(s => s.Instance, s => s.Told);
        var journals = (await ReadAsync(
            connection, "select instance_id, activity || ':' || event from wf.lane_journal_entry order by instance_id, sequence",
            r => (Instance: r.GetGuid(0), Entry: r.GetString(1)))).ToLookup(e => e.Instance, e => e.Entry);
        var instances = await ReadAsync(
            connection, "select id, definition_id, state::text from wf.lane_instance i where exists (select from wf.lane_stimulus s where s.instance_id = i.id and s.kind = 'Start')",
            r => (Id: r.GetGuid(0), Definition: r.GetString(1), State: r.GetString(2)));

        var differences = new List<string>();
        foreach (var (id, definition, stored) in instances)
        {
            var (state, journal) = Retell(stimuli[id], version => byVersion[(definition, version)]);
            if (!JsonNode.DeepEquals(JsonNode.Parse(state.ToJson()), JsonNode.Parse(stored)))
            {
                differences.Add($"{definition} {id}: replayed to {state.ToJson()}, stored is {stored}");
            }
            else if (!journal.SequenceEqual(journals[id]))
            {
                differences.Add($"{definition} {id}: replayed {string.Join(' ', journal)}, the journal says {string.Join(' ', journals[id])}");
            }
        }

        return differences;
    }

    private static (WorkflowState State, List<string> Journal) Retell(IEnumerable<Told> stimuli, Func<int, WorkflowDefinition> definitionOf)
    {
        WorkflowState? state = null;
        WorkflowDefinition? before = null;
        var journal = new List<string>();
        foreach (var told in stimuli)
        {
            var definition = definitionOf(told.Version);
            var transition = told.Kind switch
            {
                StimulusKind.Start => Interpreter.Start(definition, JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(told.Body!)!),
                StimulusKind.Answer => Interpreter.Apply(definition, state!, new Stimulus.CompleteTask(told.BookmarkId!, JsonSerializer.Deserialize<JsonElement>(told.Body!))),
                StimulusKind.Cancel => Interpreter.Apply(definition, state!, new Stimulus.Cancel()),
                StimulusKind.Retry => Interpreter.Retry(definition, state!),
                _ => new Transition(Upgrade.Apply(before!, definition, state!), [], Matched: true),
            };
            (state, before) = (transition.State, definition);
            journal.AddRange(transition.Effects.OfType<Effect.ActivityLogged>().Select(e => $"{e.ActivityId}:{e.Event}"));
        }

        return (state!, journal);
    }

    private static async Task<List<T>> ReadAsync<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> row)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(row(reader));
        }

        return rows;
    }
}
