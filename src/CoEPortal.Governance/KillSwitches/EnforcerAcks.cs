using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>What one enforcer says it applies.</summary>
/// <param name="Gateway">The name of its token.</param>
/// <param name="Instance">Which of that gateway's processes, in its own words.</param>
/// <param name="Generation">The generation it applies.</param>
/// <param name="AppliedAt">Since when: its own word where that can be true, else when it arrived here.</param>
/// <param name="ReceivedAt">When this node heard of it, by our clock.</param>
/// <param name="ClockOff">How far its clock is from ours; what it says counts only within a minute.</param>
public sealed record EnforcerAck(string Gateway, string Instance, long Generation, DateTimeOffset AppliedAt, DateTimeOffset ReceivedAt, TimeSpan ClockOff)
{
    private static readonly TimeSpan Believed = TimeSpan.FromMinutes(1);

    public DateTimeOffset SeenAt { get; init; } = ReceivedAt;

    /// <returns>Null for what cannot be the word of an enforcer.</returns>
    public static EnforcerAck? Read(string gateway, string instance, long generation, DateTimeOffset? claimed, DateTimeOffset now)
    {
        if (generation <= 0 || instance.Length is 0 or > 100 || instance.Any(c => c is < '!' or > '~') || gateway.Length is 0 or > 100)
        {
            return null;
        }

        var off = (claimed ?? now) - now;
        return new EnforcerAck(gateway, instance, generation, off <= TimeSpan.Zero && off >= -Believed ? now + off : now, now, off);
    }
}

/// <summary>Keeps the newest word of each enforcer.</summary>
public sealed class EnforcerAcks(IDbContextFactory<GovernanceDb> databases)
{
    /// <param name="acks">At most one for each enforcer.</param>
    /// <param name="now">The clock that <see cref="EnforcerAck.ReceivedAt"/> was read from, now: stored is the same instant by the database's clock.</param>
    public async Task StoreAsync(IReadOnlyCollection<EnforcerAck> acks, DateTimeOffset now, CancellationToken cancellation = default)
    {
        var rows = acks.OrderBy(a => a.Gateway, StringComparer.Ordinal).ThenBy(a => a.Instance, StringComparer.Ordinal).ToList();
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into enforcer as e (gateway, instance, generation, applied_at, received_at, seen_at, clock_off_ms)
            select gateway, instance, generation, clock_timestamp() - applied_ago, clock_timestamp() - least(received_ago, applied_ago), clock_timestamp() - seen_ago, off
            from unnest({rows.ConvertAll(a => a.Gateway)}, {rows.ConvertAll(a => a.Instance)}, {rows.ConvertAll(a => a.Generation)},
              {rows.ConvertAll(a => Ago(a.AppliedAt))}, {rows.ConvertAll(a => Ago(a.ReceivedAt))}, {rows.ConvertAll(a => Ago(a.SeenAt))}, {rows.ConvertAll(a => (long)a.ClockOff.TotalMilliseconds)})
              as a (gateway, instance, generation, applied_ago, received_ago, seen_ago, off)
            on conflict (gateway, instance) do update set
              applied_at = case when excluded.generation > e.generation then excluded.applied_at else e.applied_at end,
              received_at = case when excluded.generation > e.generation then excluded.received_at else e.received_at end,
              generation = greatest(e.generation, excluded.generation),
              seen_at = greatest(e.seen_at, excluded.seen_at), clock_off_ms = excluded.clock_off_ms
            """, cancellation);

        // No answer of a clock that was set back: nothing happened in the future.
        TimeSpan Ago(DateTimeOffset at) => now > at ? now - at : TimeSpan.Zero;
    }
}
