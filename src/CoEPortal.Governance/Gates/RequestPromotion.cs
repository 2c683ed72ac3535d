using System.Text.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Gates;

/// <summary>A person or a pipeline asks that a new version may run. Refused while a required gate is missing, failed or stale.</summary>
public sealed class RequestPromotion(
    IDbContextFactory<GovernanceDb> databases, PublishedDefinitions definitions, LaneRuntime lanes, VersionedFiles<GateRules> rules, Organisation organisation, TimeProvider clock)
{
    private const string Board = "promotion-board";

    public async Task<Promotion> RunAsync(string useCaseKey, VersionPointer which, string artefactHash, string summary, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.TakePart, useCase.Subject);
        return await AskAsync(db, useCase, which, artefactHash, summary, by, cancellation);
    }

    /// <param name="boundUseCase">Of the token; null when it may speak for all.</param>
    /// <param name="token">Its name.</param>
    public async Task<Promotion> RunAsync(string useCaseKey, VersionPointer which, string artefactHash, string summary, string? boundUseCase, string token, CancellationToken cancellation = default)
    {
        Refuse.If(boundUseCase is not null && boundUseCase != useCaseKey, "not-permitted", $"This token speaks for {boundUseCase} only.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var useCase = await db.UseCases.SingleOrDefaultAsync(u => u.Key == useCaseKey, cancellation) ?? throw new NotFoundException("use case", useCaseKey);
        return await AskAsync(db, useCase, which, artefactHash, summary, GateResult.Pipeline(token), cancellation);
    }

    private async Task<Promotion> AskAsync(GovernanceDb db, UseCase useCase, VersionPointer which, string artefactHash, string summary, Actor by, CancellationToken cancellation)
    {
        which = which.Checked();
        Refuse.If(!GateNames.IsHash(artefactHash), "artefact-hash-required", "artefactHash is sha256: and 64 hexadecimal digits in lower case, of exactly what is to run.");
        Refuse.If(!useCase.IsApproved, "not-approved", $"{useCase.Key} is not approved, so nothing of it is promoted.");
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"versions/" + useCase.Key}, 0))", cancellation);
        // A pipeline that asks again is answered with what it asked for.
        if (await db.Promotions.SingleOrDefaultAsync(p => p.UseCaseKey == useCase.Key && p.State == PromotionState.Open
            && p.Component == which.Component && p.Artefact == which.Name && p.ArtefactVersion == which.Version, cancellation) is { } open)
        {
            Refuse.If(open.ArtefactHash != artefactHash, "promotion-open", $"{which} waits for the board with another hash. Give the changed artefact a new version, or withdraw the first.");
            if (!await db.ApprovalRounds.AnyAsync(r => r.TopicId == open.Id, cancellation))
            {
                // Asked for before the board had a lane.
                await AskBoardAsync(db, useCase, open, by, clock.GetUtcNow(), cancellation);
                await db.SaveChangesAsync(cancellation);
                await transaction.CommitAsync(cancellation);
            }

            return open;
        }

        Refuse.If(await db.ApprovedVersions.AnyAsync(v => v.UseCaseKey == useCase.Key && v.Component == which.Component && v.Name == which.Name && v.VersionName == which.Version, cancellation),
            "already-approved", $"{which} is already approved.");
        var now = clock.GetUtcNow();
        var reading = await GateReading.OfAsync(db, useCase.Key, rules.InForce(now), cancellation);
        var check = await reading.CheckAsync(db, useCase.Key, which, artefactHash, organisation, now, cancellation);
        var definition = await definitions.NewestAsync(db, Board, cancellation);
        Refuse.If(definition is null, "board-not-published", "The promotion board has no published workflow. A CoE lead finds the reason under Workflows.");
        var number = 1 + await db.Promotions.CountAsync(p => p.UseCaseKey == useCase.Key, cancellation);
        var promotion = Promotion.Ask(useCase.Key, number, check, summary, useCase.Writers, definition.RequiredFunctions.Select(Enum.Parse<Role>), by, now);
        db.Promotions.Add(promotion);
        await AskBoardAsync(db, useCase, promotion, by, now, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return promotion;
    }

    private async Task AskBoardAsync(GovernanceDb db, UseCase useCase, Promotion promotion, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        await LockedReview.BeforeItOpensAsync(db, useCase.Key, cancellation);
        var inForce = await db.Set<UseCaseRevision>().SingleAsync(r => r.UseCaseId == useCase.Id && r.Number == useCase.ApprovedRevision, cancellation);
        var round = ApprovalRound.Open(promotion.Question, useCase, inForce, await LockedReview.NextNumberAsync(db, useCase, cancellation), by, now);
        db.ApprovalRounds.Add(round);
        await lanes.StartAsync(db, round, useCase, ("change", JsonSerializer.SerializeToElement(promotion.Which.ToString())), by, now, cancellation);
    }
}
