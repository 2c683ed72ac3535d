using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Gates;

/// <summary>
/// Says that a version of a prompt or an index may run, so that a rollback can point at it later: one person is enough in a lane
/// that asks for no board. Elsewhere see <see cref="RequestPromotion"/>.
/// </summary>
public sealed class ApproveVersion(IDbContextFactory<GovernanceDb> databases, VersionedFiles<GateRules> rules, TimeProvider clock)
{
    public async Task<ApprovedVersion> RunAsync(string useCaseKey, VersionPointer to, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.DecideReviews, useCase.Subject);
        var lane = useCase.Revisions.SingleOrDefault(r => r.Number == (useCase.ApprovedRevision ?? useCase.LatestRevision))?.Assessment.Lane ?? Lane.Full;
        Refuse.If(rules.InForce(clock.GetUtcNow()).AsksTheBoard(lane), "board-required", $"A change of {useCaseKey} goes through its gate and the promotion board: ask for a promotion.");
        var approved = ApprovedVersion.Of(useCaseKey, to, useCase.Writers, by, clock.GetUtcNow());
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"versions/" + useCaseKey}, 0))", cancellation);
        Refuse.If(
            await db.ApprovedVersions.AnyAsync(v => v.UseCaseKey == useCaseKey && v.Component == approved.Component
                && v.Name == approved.Name && v.VersionName == approved.VersionName, cancellation),
            "already-approved", $"{to} is already approved.");
        db.ApprovedVersions.Add(approved);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return approved;
    }

    /// <summary>The approved versions of a use case, newest first.</summary>
    public async Task<IReadOnlyList<ApprovedVersion>> ListAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        return await db.ApprovedVersions.AsNoTracking().Where(v => v.UseCaseKey == useCaseKey)
            .OrderByDescending(v => v.ApprovedAt).ThenByDescending(v => v.Id).Take(200).ToListAsync(cancellation);
    }
}
