using Npgsql;

namespace CoEPortal.Tests.Reliability;

/// <summary>Everything the database says of one use case, without what differs between two that went the same way.</summary>
internal static class Standing
{
    private static readonly string[] Locks =
    [
        "select from use_case where key = $1 for update",
        "select from wf.lane_instance i join approval_round r on r.id = i.round_id where r.use_case_key = $1 for update of i",
    ];

    private const string Everything =
        """
        with lane as (select i.id, i.round_id from wf.lane_instance i join approval_round r on r.id = i.round_id where r.use_case_key = $1),
        fact as (
            select 'use case' as kind, to_jsonb(u) - 'draft' as row from use_case u where key = $1
            union all select 'round', to_jsonb(r) from approval_round r where use_case_key = $1
            union all select 'decision', to_jsonb(d) from decision d where round_id in (select round_id from lane)
            union all select 'signatory', to_jsonb(s) from decision_signatory s where round_id in (select round_id from lane)
            union all select 'task', to_jsonb(t) from review_task t where use_case_key = $1
            union all select 'timer', to_jsonb(w) from review_timer w where task_id in (select id from review_task where use_case_key = $1)
                or follow_up_id in (select id from condition_follow_up where use_case_key = $1)
            union all select 'condition', to_jsonb(f) from condition_follow_up f where use_case_key = $1
            union all select 'lane', to_jsonb(i) from wf.lane_instance i where id in (select id from lane)
            union all select 'journal', to_jsonb(e) from wf.lane_journal_entry e where instance_id in (select id from lane)
            union all select 'stimulus', to_jsonb(s) from wf.lane_stimulus s where instance_id in (select id from lane)
            union all select 'event', to_jsonb(e) - array['recorded_at', 'transaction_id']
                || jsonb_build_object('sealed', (select jsonb_object_agg(key, length(value)) from jsonb_each_text(e.sealed::jsonb))) from audit.event e where use_case_key = $1
            union all select 'notice', to_jsonb(n) - 'dedupe_key' from notification n where use_case_key = $1
        ),
        line as (select kind || ' ' || replace(row::text, $1, 'UC') as text from fact)
        select regexp_replace(text, '[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '#', 'g') as text from line order by 1
        """;

    /// <summary>Waits first for a transaction that a process which was killed may have left.</summary>
    public static async Task<string> OfAsync(NpgsqlConnection connection, string key)
    {
        foreach (var locked in Locks)
        {
            await using var wait = new NpgsqlCommand(locked, connection) { Parameters = { new() { Value = key } } };
            await wait.ExecuteNonQueryAsync();
        }

        await using var command = new NpgsqlCommand(Everything, connection) { Parameters = { new() { Value = key } } };
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join('\n', lines);
    }
}
