using CoEPortal.Evidence;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Log;
using CoEPortal.Governance.Audit;
using Npgsql;

namespace CoEPortal.Governance.Reports;

/// <summary>Proves events of the audit log under its newest checkpoint, as one connection sees both.</summary>
internal static class ProveEvents
{
    private const int MostEarlierReports = 50;

    /// <returns>Null when nothing was signed yet.</returns>
    public static async Task<PackLog?> OfAsync(NpgsqlConnection connection, IReadOnlyCollection<Guid> events, string useCaseKey, CancellationToken cancellation)
    {
        if (await StoredCheckpoint.NewestAsync(connection, cancellation) is not { } newest)
        {
            return null;
        }

        var tree = new MerkleTree(new StoredTree(connection), newest.Size);
        var entries = new List<BundleEntry>();
        foreach (var (index, data) in await EntriesAsync(connection, events, newest.Size, cancellation))
        {
            entries.Add(new BundleEntry(index, data, Base64(await tree.InclusionAsync(index, cancellation))));
        }

        var extends = new List<BundleExtension>();
        foreach (var (size, note) in await EarlierAsync(connection, useCaseKey, newest.Size, cancellation))
        {
            extends.Add(new BundleExtension(note, Base64(await tree.ConsistencyAsync(size, cancellation))));
        }

        return new PackLog(newest.Size, newest.Root, newest.At, newest.Note, entries, extends);
    }

    /// <summary>Events that happened after the checkpoint was signed: the next report has them.</summary>
    public static async Task<HashSet<Guid>> TooYoungAsync(NpgsqlConnection connection, long size, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select event_id from audit.pending union all select event_id from audit.leaf where index >= $1", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = size });
        var young = new HashSet<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            young.Add(reader.GetGuid(0));
        }

        return young;
    }

    private static async Task<List<(long Index, string Data)>> EntriesAsync(
        NpgsqlConnection connection, IReadOnlyCollection<Guid> events, long size, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select l.index, {LogReader.Columns} from audit.leaf l join audit.event e on e.event_id = l.event_id where l.event_id = any ($1) and l.index < $2 order by l.index", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. events] });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = size });
        var entries = new List<(long, string)>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            entries.Add((reader.GetInt64(0), System.Text.Encoding.UTF8.GetString(LogReader.Read(reader, 1).Write())));
        }

        return entries;
    }

    private static async Task<List<(long Size, string Note)>> EarlierAsync(
        NpgsqlConnection connection, string useCaseKey, long size, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select c.size, c.note from
              (select distinct checkpoint_size size from audit_pack_job where use_case_key = $1 and checkpoint_size < $2 order by 1 desc limit $3) job
              cross join lateral (select size, note from audit.checkpoint where size = job.size order by id limit 1) c order by c.size
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = useCaseKey });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = size });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MostEarlierReports });
        var earlier = new List<(long, string)>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            earlier.Add((reader.GetInt64(0), reader.GetString(1)));
        }

        return earlier;
    }

    private static IReadOnlyList<string> Base64(IReadOnlyList<ContentHash> hashes) => [.. hashes.Select(h => Convert.ToBase64String(h.ToBytes()))];
}
