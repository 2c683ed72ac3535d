using CoEPortal.Governance.Access;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Portfolio;

/// <summary>A measured value as a program tells it.</summary>
/// <param name="ReadingId">Of the program: told again, it is the same.</param>
/// <param name="Draft">What was measured; checked as by hand.</param>
/// <param name="Corrects">The id of an earlier push that was wrong; null when it corrects nothing.</param>
public sealed record PushedReading(string ReadingId, ReadingDraft Draft, string? Corrects);

/// <summary>Takes a measured value from a program, once for its id. What it corrects is taken back in the same transaction, and stays.</summary>
public sealed class RecordReading(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    public const int IdLength = 200;

    /// <param name="boundUseCase">Of the token; null when it may speak for all.</param>
    /// <param name="token">Its name.</param>
    public async Task<(KpiReading Reading, bool IsNew)> RunAsync(string useCaseKey, PushedReading pushed, string? boundUseCase, string token, CancellationToken cancellation = default)
    {
        Refuse.If(boundUseCase is not null && boundUseCase != useCaseKey, "not-permitted", $"This token speaks for {boundUseCase} only.");
        Refuse.If(pushed.ReadingId.Length is 0 or > IdLength || pushed.ReadingId.Any(c => c is < '!' or > '~'), "reading-id-required", $"readingId names the measurement in at most {IdLength} printable characters without spaces: with it the same is taken once.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (!await db.UseCases.AnyAsync(u => u.Key == useCaseKey, cancellation))
        {
            throw new NotFoundException("use case", useCaseKey);
        }

        // Two sends of one reading at once: the second waits and finds it.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"reading/" + useCaseKey}, 0))", cancellation);
        var wrong = pushed.Corrects is null ? null : await FindAsync(db, useCaseKey, pushed.Corrects, cancellation) ?? throw new NotFoundException("pushed reading", pushed.Corrects);
        if (await FindAsync(db, useCaseKey, pushed.ReadingId, cancellation) is { } known)
        {
            Refuse.If(!known.SaysTheSameAs(pushed.Draft) || known.Corrects != wrong?.Id, "reading-reused", $"{pushed.ReadingId} was told already with other figures. To correct it, send a new readingId with corrects: {pushed.ReadingId}.");
            return (known, false);
        }

        await EnterReading.DemandRoomAsync(db, useCaseKey, cancellation);
        var (by, now) = (GateResult.Pipeline(token), clock.GetUtcNow());
        var reading = KpiReading.Enter(useCaseKey, pushed.Draft, organisation.DayOf(now), by, now, new(pushed.ReadingId, token, wrong?.Id));
        wrong?.Withdraw(by, now);
        db.KpiReadings.Add(reading);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (reading, true);
    }

    private static Task<KpiReading?> FindAsync(GovernanceDb db, string useCaseKey, string id, CancellationToken cancellation) =>
        db.KpiReadings.SingleOrDefaultAsync(r => r.UseCaseKey == useCaseKey && r.PushId == id, cancellation);
}
