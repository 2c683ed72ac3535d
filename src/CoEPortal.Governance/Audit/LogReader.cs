using CoEPortal.Evidence.Log;
using Npgsql;

namespace CoEPortal.Governance.Audit;

/// <summary>Reads rows of <c>audit.event</c> with all their columns, as a leaf covers them.</summary>
internal static class LogReader
{
    public const string Columns =
        """
        e.event_id, e.subject_type, e.subject_key, e.subject_version, e.use_case_key, e.occurred_at, e.recorded_at, e.transaction_id::text,
        e.database_user, e.actor_id, e.actor_name, e.on_behalf_of, e.action, e.content_hash, e.body, e.sealed
        """;

    /// <param name="first">Where the columns begin.</param>
    public static LoggedEvent Read(NpgsqlDataReader row, int first) => new(
        row.GetGuid(first), row.GetString(first + 1), row.GetString(first + 2), row.GetInt32(first + 3), Text(row, first + 4),
        row.GetFieldValue<DateTimeOffset>(first + 5), row.GetFieldValue<DateTimeOffset>(first + 6), row.GetString(first + 7), row.GetString(first + 8),
        row.GetString(first + 9), row.GetString(first + 10), Text(row, first + 11), row.GetString(first + 12), Text(row, first + 13), row.GetString(first + 14),
        Text(row, first + 15));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
