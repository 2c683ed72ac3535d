namespace CoEPortal.Governance.KillCriteria;

/// <summary>A call that was stored for the first time, as far as kill criteria look at it.</summary>
/// <param name="UseCase">Whose it is.</param>
/// <param name="Id">How a breach names it.</param>
/// <param name="StartedAt">Event time: by it the call falls into a window, however late it arrives.</param>
/// <param name="Duration">Null when not reported.</param>
/// <param name="Failed">Whether it ended in an error.</param>
/// <param name="IsMetered">Whether it reported any usage.</param>
/// <param name="Cost">US dollars; null when unknown.</param>
public sealed record CountedCall(string UseCase, string Id, DateTimeOffset StartedAt, TimeSpan? Duration, bool Failed, bool IsMetered, decimal? Cost)
{
    internal DateTime Minute => new(StartedAt.UtcDateTime.Ticks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, DateTimeKind.Utc);
}
