using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Audit;

/// <summary>Somebody tried what weighs most and was refused for who they are.</summary>
/// <param name="Attempted">The command, by its class.</param>
/// <param name="Number">Of this person on this day (UTC); at <see cref="RefusedAttempts.MostInADay"/> the rest of the day is not kept.</param>
public sealed record AttemptRefused(
    string Attempted, [property: Personal] string Target, string Rule, int Number, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

/// <summary>
/// Keeps in the log that a decision, a lift, a stop or a release was refused to somebody who may not do it, in a transaction of
/// its own, as the attempt's is rolled back. A few for each person and day: nobody fills the log by asking for what they may not.
/// </summary>
internal static class RefusedAttempts
{
    public const int MostInADay = 20;

    // What a wrong reader of the page or a late click runs into is no attempt to overstep.
    private static readonly string[] ForWhoTheyAre =
        ["not-permitted", "not-your-function", "own-proposal", "own-use-case", "own-veto", "own-answer", "second-person-required", "engaging-function-required"];

    public static async Task<T> KeepAsync<T>(
        IDbContextFactory<GovernanceDb> databases, string attempted, string target, Actor by, TimeProvider clock, Func<Task<T>> attempt)
    {
        try
        {
            return await attempt();
        }
        catch (RuleViolationException refused) when (ForWhoTheyAre.Contains(refused.Rule) && !by.IsRule)
        {
            // Also when the person has gone meanwhile.
            await RecordAsync(databases, attempted, target, refused.Rule, by, clock.GetUtcNow(), CancellationToken.None);
            throw;
        }
    }

    private static async Task RecordAsync(
        IDbContextFactory<GovernanceDb> databases, string attempted, string target, string rule, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var key = $"{by.Id.Value}/{now.UtcDateTime:yyyy-MM-dd}";
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"refusals/" + key}, 0))", cancellation);
        var number = await db.AuditEvents.CountAsync(e => e.SubjectType == "refusals" && e.SubjectKey == key, cancellation) + 1;
        if (number > MostInADay)
        {
            return;
        }

        var happened = new AttemptRefused(attempted, Readable(target), rule, number, by, now);
        db.AuditEvents.Add(AuditEvent.Of(new RecordedEvent(EventIds.Next(now), number, happened), ("refusals", key)));
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>It was refused before anybody looked at what it named.</summary>
    private static string Readable(string target) =>
        target.Length is > 0 and <= 200 && !target.Any(c => char.IsControl(c) || char.IsSurrogate(c)) ? target : "(unreadable)";
}
