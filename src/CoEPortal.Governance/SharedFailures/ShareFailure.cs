using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.SharedFailures;

/// <summary>Tells of a failure, publishes what another told, takes it back, and counts whom it happened to too.</summary>
public sealed class ShareFailure(IDbContextFactory<GovernanceDb> databases, Notices notices, TimeProvider clock)
{
    private const int MostWaitingOfOne = 20;

    /// <param name="feedback">The piece of feedback that it is made from, if any.</param>
    public async Task<SharedFailure> RunAsync(FailureDraft draft, Guid? feedback, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ShareFailures);
        draft = draft.Sound();
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await DemandUseCasesAsync(db, draft, by, cancellation);
        if (feedback is { } id)
        {
            var about = await db.UserFeedback.Where(f => f.Id == id).Select(f => f.UseCaseKey).SingleOrDefaultAsync(cancellation) ?? throw new NotFoundException("feedback", id.ToString());
            await db.DemandReadableAsync(about, by, cancellation);
        }

        var me = by.Id.Value;
        Refuse.If(await db.SharedFailures.CountAsync(f => f.WrittenBy == me && f.State == FailureState.Waiting, cancellation) >= MostWaitingOfOne, "too-many-waiting", $"{MostWaitingOfOne} entries of yours wait to be published. Wait for these first.");
        var (now, number) = (clock.GetUtcNow(), await db.Database.SqlQuery<long>($"select nextval('shared_failure_number') as \"Value\"").SingleAsync(cancellation));
        var failure = SharedFailure.Write(FormattableString.Invariant($"SF-{number:0000}"), draft, feedback, by, now);
        db.SharedFailures.Add(failure);
        await db.SaveChangesAsync(cancellation);
        var moderators = await db.People.AsNoTracking().Where(p => p.IsActive && p.Roles.Contains(Role.CoeLead) && p.Id != me).OrderBy(p => p.Id).Select(p => p.Id).Take(50).ToListAsync(cancellation);
        await notices.SendAsync(db, [.. moderators.Select(m => new Notice(new PersonId(m), "failure-waiting", $"{failure.Key} waits to be published", "Take personal data out of it, then publish or withdraw it.", LinkOf(failure.Key), null, $"failure-waiting/{failure.Key}"))], now, cancellation);
        await transaction.CommitAsync(cancellation);
        return failure;
    }

    /// <param name="draft">As it is to be read by everybody.</param>
    /// <param name="version">What the publisher saw.</param>
    public Task<SharedFailure> PublishAsync(string key, FailureDraft draft, int version, Actor by, CancellationToken cancellation = default) => ModerateAsync(key, by, async (db, failure, now) =>
    {
        Refuse.If(version != failure.Version, "changed-meanwhile", "Somebody else changed this at the same moment. Look again, then decide.");
        draft = draft.Sound();
        await DemandUseCasesAsync(db, draft, by, cancellation);
        failure.Publish(draft, by, now);
        return "is published";
    }, cancellation);

    public Task<SharedFailure> WithdrawAsync(string key, string reason, Actor by, CancellationToken cancellation = default) => ModerateAsync(key, by, (_, failure, now) =>
    {
        failure.Withdraw(reason, by, now);
        return Task.FromResult("was withdrawn");
    }, cancellation);

    /// <summary>Happened to me too; said again it changes nothing.</summary>
    public async Task MeetAsync(string key, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ShareFailures);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (!await db.SharedFailures.AnyAsync(f => f.Key == key && f.State == FailureState.Published, cancellation))
        {
            throw new NotFoundException("shared failure", key);
        }

        db.FailureEncounters.Add(FailureEncounter.Of(key, by, clock.GetUtcNow()));
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException twice) when (twice.InnerException is PostgresException { ConstraintName: "it_happened_once_to_each_person" })
        {
            return;
        }

        await db.Database.ExecuteSqlAsync($"update shared_failure set met = met + 1 where key = {key}", cancellation);
        await transaction.CommitAsync(cancellation);
    }

    internal static string LinkOf(string key) => $"/failures?entry={key}";

    private async Task<SharedFailure> ModerateAsync(string key, Actor by, Func<GovernanceDb, SharedFailure, DateTimeOffset, Task<string>> change, CancellationToken cancellation)
    {
        AccessPolicy.Demand(by, Permission.ModerateFailures);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var failure = await db.SharedFailures.SingleOrDefaultAsync(f => f.Key == key, cancellation) ?? throw new NotFoundException("shared failure", key);
        var (now, writer) = (clock.GetUtcNow(), failure.WrittenBy);
        var became = await change(db, failure, now);
        await db.SaveChangesAsync(cancellation);
        await notices.SendAsync(db, writer is null || writer == by.Id.Value ? [] : [new Notice(new PersonId(writer), "failure-settled", $"{key}, which you shared, {became}", failure.WithdrawnReason, LinkOf(key), null, $"failure-settled/{key}")], now, cancellation);
        await transaction.CommitAsync(cancellation);
        return failure;
    }

    /// <summary>One that does not exist and one that is not for this person read the same.</summary>
    private static async Task DemandUseCasesAsync(GovernanceDb db, FailureDraft draft, Actor by, CancellationToken cancellation)
    {
        var known = await db.UseCasesReadableBy(by).Where(u => draft.UseCases.Contains(u.Key)).Select(u => u.Key).ToListAsync(cancellation);
        var unknown = draft.UseCases.FirstOrDefault(u => !known.Contains(u));
        Refuse.If(unknown is not null, "unknown-use-case", $"There is no use case {(unknown?.Length > 20 ? unknown[..20] : unknown)}.");
    }
}
