using System.Text.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.ShadowAi;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.Privacy;

/// <summary>What an erasure did.</summary>
/// <param name="Rows">How many of which table were changed or deleted.</param>
/// <param name="Reports">Audit PDFs printed before that may still name the person; they are signed and stay as they are.</param>
public sealed record ErasedPerson(Guid Request, string PersonId, IReadOnlyDictionary<string, long> Rows, IReadOnlyList<Guid> Reports);

/// <summary>
/// Erases a person: their key, by which the log's texts are read, and in one transaction with it their name and words in every
/// table. Decisions, revisions and the events themselves stay; they say who by an id that leads to nobody.
/// </summary>
public sealed class CarryOutErasure(IDbContextFactory<GovernanceDb> databases, PersonKeys keys, ForgetInCampaigns campaigns, Organisation organisation, TimeProvider clock)
{
    /// <exception cref="RuleViolationException"><c>stands-against</c>: the message says what to hand over or lift first.</exception>
    public Task<ErasedPerson> RunAsync(Guid id, Actor by, CancellationToken cancellation = default) => RefusedAttempts.KeepAsync(
        databases, nameof(CarryOutErasure), id.ToString(), by, clock, () => EraseAsync(id, by, cancellation));

    private async Task<ErasedPerson> EraseAsync(Guid id, Actor by, CancellationToken cancellation)
    {
        AccessPolicy.Demand(by, Permission.ErasePeople);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var erasure = await db.Erasures.SingleOrDefaultAsync(e => e.Id == id, cancellation) ?? throw new NotFoundException("erasure", id.ToString());
        var now = clock.GetUtcNow();
        erasure.Confirm(by, now);
        var obstacles = await Obstacle.OfAsync(db, erasure.PersonId, organisation.DayOf(now), cancellation);
        Refuse.If(obstacles.Count > 0, "stands-against", $"Not yet. {string.Join(" ", obstacles.Select(o => o.InWords))}");
        await db.SaveChangesAsync(cancellation);

        var reports = await db.Database.SqlQuery<Guid>($"select reports_naming({erasure.PersonId}) as \"Value\"").ToListAsync(cancellation);
        // While the address is still known: by it logs name people.
        var sealedNames = await campaigns.RunAsync(db, erasure.PersonId, cancellation);
        var rows = await EraseRowsAsync(db, id, cancellation);
        if (sealedNames > 0)
        {
            rows["campaign_person"] = sealedNames;
        }

        await db.Entry(erasure).ReloadAsync(cancellation);
        erasure.Tell(rows, reports.Count, by, now);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        keys.Forget(new PersonId(erasure.PersonId));
        return new ErasedPerson(id, erasure.PersonId, rows, reports);
    }

    private static async Task<Dictionary<string, long>> EraseRowsAsync(GovernanceDb db, Guid id, CancellationToken cancellation)
    {
        try
        {
            var changed = await db.Database.SqlQuery<string>($"select erase_person({id})::text as \"Value\"").ToListAsync(cancellation);
            return JsonSerializer.Deserialize<Dictionary<string, long>>(changed[0])!;
        }
        catch (PostgresException late) when (late.ConstraintName == "nothing_stands_against_it")
        {
            throw new RuleViolationException("changed-meanwhile", "Something came to stand against this at the same moment. Look again.");
        }
    }
}
