using Npgsql;

namespace CoEPortal.Tests.Reliability;

/// <summary>What two people are about to do to one use case, each on a node of their own.</summary>
/// <param name="Late">What the first one's browser sends once more when all is over.</param>
internal sealed record Contest(string Key, Func<Node, Task> First, Func<Node, Task> Second, Func<Node, Task>? Late = null);

/// <summary>A way a race may end: what both were told, and what the record says afterwards. Any other way is wrong.</summary>
internal sealed record Ending(string First, string Second, string Stands);

/// <summary>Two people act in the same moment. Every way it may end is written down; there are few.</summary>
internal sealed record Race(string Name, Func<Node, Task<Contest>> PrepareAsync, params Ending[] Endings)
{
    public override string ToString() => Name;

    /// <returns>What both were told.</returns>
    public static async Task<(string First, string Second)> RunAsync(Contest contest, Node one, Node other)
    {
        using var start = new Barrier(2);
        Task<string> At(Node node, Func<Node, Task> attempt) => Task.Run(() =>
        {
            start.SignalAndWait();
            return Node.OutcomeAsync(() => attempt(node));
        });

        var told = await Task.WhenAll(At(one, contest.First), At(other, contest.Second));
        var late = contest.Late is { } again ? $", later {await Node.OutcomeAsync(() => again(one))}" : "";
        return (told[0] + late, told[1]);
    }

    /// <returns>A sentence for each contest that ended in a way that is not written down.</returns>
    public async Task<IReadOnlyList<string>> WrongAsync(IReadOnlyList<(Contest Contest, string First, string Second)> run, NpgsqlConnection connection)
    {
        var standings = await StandingsAsync(connection, [.. run.Select(r => r.Contest.Key)]);
        return
        [
            .. run.Select(r => (r.Contest.Key, Ending: new Ending(r.First, r.Second, standings[r.Contest.Key])))
                .Where(r => !Endings.Contains(r.Ending)).Select(r => $"{r.Key}: {r.Ending}"),
        ];
    }

    /// <summary>Stage and revision in force, each round with its decisions, and who is asked.</summary>
    private static async Task<Dictionary<string, string>> StandingsAsync(NpgsqlConnection connection, string[] keys)
    {
        await using var command = new NpgsqlCommand(
            """
            select u.key, concat_ws(' | ',
                u.stage || coalesce(' ' || u.approved_revision, ''),
                (select string_agg(r.number || ' ' || r.status || ' by ' || coalesce((
                        select string_agg(d.function || (case d.kind when 'Approve' then '' else ' ' || d.kind end), ' ' order by d.function)
                        from decision d where d.round_id = r.id), 'nobody'), ', ' order by r.number)
                    from approval_round r where r.use_case_id = u.id),
                'asks ' || coalesce((
                    select string_agg(t.function, ' ' order by t.function) from review_task t where t.use_case_key = u.key and t.state = 'Open'), 'nobody'))
            from use_case u where u.key = any ($1)
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = keys });
        await using var reader = await command.ExecuteReaderAsync();
        var standings = new Dictionary<string, string>();
        while (await reader.ReadAsync())
        {
            standings.Add(reader.GetString(0), reader.GetString(1));
        }

        return standings;
    }
}
