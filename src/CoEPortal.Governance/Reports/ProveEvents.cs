using System.Text;
using CoEPortal.Evidence;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Log;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.Reports;

/// <summary>Proves events of the audit log under its newest checkpoint, as one connection sees both.</summary>
internal static class ProveEvents
{
    private const int MostEarlierReports = 50;

    /// <param name="events">What is proven. Events too young for the checkpoint are taken out: the next report has them.</param>
    /// <param name="timeline">Loses the same, where a report tells of them there too.</param>
    /// <returns>Null when nothing was signed yet.</returns>
    public static async Task<PackLog?> OfAsync(
        GovernanceDb db, OpenEntries open, PackSubject subject, List<TimelineEntry> events, List<TimelineEntry>? timeline, CancellationToken cancellation)
    {
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        if (await StoredCheckpoint.NewestAsync(connection, cancellation) is not { } newest)
        {
            return null;
        }

        var tree = new MerkleTree(new StoredTree(connection), newest.Size);
        var entries = new List<BundleEntry>();
        var logged = await EntriesAsync(connection, events.ConvertAll(e => e.EventId), newest.Size, cancellation);
        foreach (var (index, happened) in logged)
        {
            entries.Add(new BundleEntry(index, DataOf(happened), Base64(await tree.InclusionAsync(index, cancellation))));
        }

        var young = await TooYoungAsync(connection, newest.Size, cancellation);
        events.RemoveAll(e => young.Contains(e.EventId));
        timeline?.RemoveAll(e => young.Contains(e.EventId));
        return new PackLog(newest.Size, newest.Root, newest.At, newest.Note, entries, await ExtendsAsync(connection, tree, subject, newest.Size, cancellation))
        {
            Openings = await open.OpeningsAsync(db, logged.ConvertAll(l => l.Event), cancellation),
        };
    }

    /// <summary>Every entry from the first to the last that was made in some time, whatever lies between them, and one proof for all.</summary>
    /// <param name="from">Included, by the portal's clock.</param>
    /// <param name="to">Excluded.</param>
    /// <param name="most">More are refused: they would not fit into a report.</param>
    /// <returns>Null when nothing was signed yet.</returns>
    public static async Task<PackLog?> RangeAsync(
        GovernanceDb db, OpenEntries open, DateTimeOffset from, DateTimeOffset to, int most, PackSubject subject, CancellationToken cancellation)
    {
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        if (await StoredCheckpoint.NewestAsync(connection, cancellation) is not { } newest)
        {
            return null;
        }

        var tree = new MerkleTree(new StoredTree(connection), newest.Size);
        BundleRange? range = null;
        List<LoggedEvent> logged = [];
        if (await BoundsAsync(connection, from, to, newest.Size, cancellation) is var (first, last))
        {
            var count = last - first + 1;
            Refuse.If(count > most, "period-too-full", $"The audit log has {count:N0} entries in this time; a report proves at most {most:N0}. Choose a shorter period.");
            logged = await BetweenAsync(connection, first, last, cancellation);
            range = new BundleRange(first, logged.ConvertAll(DataOf), Base64(await tree.RangeProofAsync(first, last + 1, cancellation)));
        }

        return new PackLog(newest.Size, newest.Root, newest.At, newest.Note, [], await ExtendsAsync(connection, tree, subject, newest.Size, cancellation))
        {
            Range = range,
            Openings = await open.OpeningsAsync(db, logged, cancellation),
        };
    }

    private static async Task<IReadOnlyList<BundleExtension>> ExtendsAsync(
        NpgsqlConnection connection, MerkleTree tree, PackSubject subject, long newest, CancellationToken cancellation)
    {
        var extends = new List<BundleExtension>();
        foreach (var (size, note) in await EarlierAsync(connection, subject, newest, cancellation))
        {
            extends.Add(new BundleExtension(note, Base64(await tree.ConsistencyAsync(size, cancellation))));
        }

        return extends;
    }

    private static async Task<(long First, long Last)?> BoundsAsync(
        NpgsqlConnection connection, DateTimeOffset from, DateTimeOffset to, long size, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select min(l.index), max(l.index) from audit.event e join audit.leaf l on l.event_id = e.event_id where e.occurred_at >= $1 and e.occurred_at < $2 and l.index < $3", connection);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = from });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = to });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = size });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return reader.IsDBNull(0) ? null : (reader.GetInt64(0), reader.GetInt64(1));
    }

    private static async Task<List<LoggedEvent>> BetweenAsync(NpgsqlConnection connection, long first, long last, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select {LogReader.Columns} from audit.leaf l join audit.event e on e.event_id = l.event_id where l.index between $1 and $2 order by l.index", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = first });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = last });
        var events = new List<LoggedEvent>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            events.Add(LogReader.Read(reader, 0));
        }

        return events;
    }

    private static string DataOf(LoggedEvent happened) => Encoding.UTF8.GetString(happened.Write());

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

    private static async Task<List<(long Index, LoggedEvent Event)>> EntriesAsync(
        NpgsqlConnection connection, IReadOnlyCollection<Guid> events, long size, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select l.index, {LogReader.Columns} from audit.leaf l join audit.event e on e.event_id = l.event_id where l.event_id = any ($1) and l.index < $2 order by l.index", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. events] });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = size });
        var entries = new List<(long, LoggedEvent)>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            entries.Add((reader.GetInt64(0), LogReader.Read(reader, 1)));
        }

        return entries;
    }

    private static async Task<List<(long Size, string Note)>> EarlierAsync(
        NpgsqlConnection connection, PackSubject subject, long size, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select c.size, c.note from
              (select distinct checkpoint_size size from audit_pack_job where subject_kind = $1 and subject_key = $2 and checkpoint_size < $3 order by 1 desc limit $4) job
              cross join lateral (select size, note from audit.checkpoint where size = job.size order by id limit 1) c order by c.size
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = subject.Kind.ToString() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = subject.Key });
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
