using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Telemetry;

/// <summary>How many calls were about a topic in this period and in the one before.</summary>
public sealed record TopicCount(string Topic, long Before, long Now);

/// <summary>What the calls of a use case are about, as far as they say so, in this period and in the one before.</summary>
/// <param name="Topics">The most frequent first.</param>
/// <param name="TaggedBefore">Calls that say what they are about.</param>
/// <param name="TaggedNow">The same for this period.</param>
public sealed record TopicMix(IReadOnlyList<TopicCount> Topics, long TaggedBefore, long TaggedNow)
{
    /// <summary>With fewer on either side a mix is chance.</summary>
    public const int EnoughCalls = 100;

    public bool IsComparable => TaggedBefore >= EnoughCalls && TaggedNow >= EnoughCalls;

    /// <summary>
    /// How far the mix has moved: the share of calls that would have to be about something else for both to be alike (total
    /// variation distance), between 0 and 1.
    /// </summary>
    public decimal Moved => !IsComparable ? 0 : Topics.Sum(t => Math.Abs((decimal)t.Now / TaggedNow - (decimal)t.Before / TaggedBefore)) / 2;
}

/// <summary>Reads topics of the days of Greenwich, as <see cref="QualitySeries"/> does.</summary>
public sealed class TopicMixes(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    private const int MostTopics = 500;

    public async Task<TopicMix> OfAsync(string useCaseKey, int days, Actor reader, CancellationToken cancellation = default)
    {
        Refuse.If(days is < 1 or > QualitySeries.MostDays, "period-out-of-range", $"Ask for 1 to {QualitySeries.MostDays} days.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var from = new DateTimeOffset(clock.GetUtcNow().UtcDateTime.Date.AddDays(1 - days), TimeSpan.Zero);
        var topics = await db.Database.SqlQuery<TopicCount>(
            $"""
            select topic "Topic", coalesce(sum(calls) filter (where day < {from}), 0)::bigint "Before", coalesce(sum(calls) filter (where day >= {from}), 0)::bigint "Now"
            from telemetry.topic_day where use_case_key = {useCaseKey} and day >= {from.AddDays(-days)} group by topic order by sum(calls) desc, topic limit {MostTopics}
            """).ToListAsync(cancellation);
        return new TopicMix([.. topics.Where(t => t.Before > 0 || t.Now > 0)], topics.Sum(t => t.Before), topics.Sum(t => t.Now));
    }
}
