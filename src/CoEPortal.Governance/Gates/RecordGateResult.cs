using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Gates;

/// <summary>What became of a reported result, and where the artefact stands with it.</summary>
public sealed record RecordedResult(GateResult Result, bool IsNew, GateCheck Check);

/// <summary>
/// Keeps what a pipeline says of an artefact, once for its run, whether it passed or not. What evaluations say of what already
/// runs comes as telemetry instead: a candidate that fails must stop its promotion, not the use case.
/// </summary>
public sealed class RecordGateResult(IDbContextFactory<GovernanceDb> databases, VersionedFiles<GateRules> rules, Organisation organisation, TimeProvider clock)
{
    public const int MostInADay = 1000;

    /// <param name="boundUseCase">Of the token; null when it may speak for all.</param>
    /// <param name="token">Its name.</param>
    public async Task<RecordedResult> RunAsync(string useCaseKey, ReportedResult reported, string? boundUseCase, string token, CancellationToken cancellation = default)
    {
        Refuse.If(boundUseCase is not null && boundUseCase != useCaseKey, "not-permitted", $"This token speaks for {boundUseCase} only.");
        var now = clock.GetUtcNow();
        reported = reported.Checked(now);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (!await db.UseCases.AnyAsync(u => u.Key == useCaseKey, cancellation))
        {
            throw new NotFoundException("use case", useCaseKey);
        }

        // Two sends of one run at once: the second waits and finds it.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"gate/" + useCaseKey}, 0))", cancellation);
        var known = await db.GateResults.AsNoTracking().SingleOrDefaultAsync(r => r.UseCaseKey == useCaseKey && r.RunId == reported.RunId && r.Suite == reported.Suite, cancellation);
        Refuse.If(known is not null && !known.SaysTheSameAs(reported), "run-reused", $"Run {reported.RunId} has already reported {reported.Suite} with other figures. Give each run an id of its own.");
        var keys = await db.PipelineKeys.AsNoTracking().SpeakingFor(useCaseKey).ToListAsync(cancellation);
        var signer = PipelineKey.SignerOf(keys, useCaseKey, reported.Proof, now);
        Refuse.If(known is { KeyId: null } && signer is not null, "run-reused", $"Run {reported.RunId} has already reported {reported.Suite} without a signature. Give the signed run an id of its own.");
        var result = known;
        if (result is null)
        {
            Refuse.If(await db.GateResults.CountAsync(r => r.UseCaseKey == useCaseKey && r.ReceivedAt > now.AddDays(-1), cancellation) >= MostInADay,
                "too-many-results", $"{useCaseKey} has {MostInADay:N0} results of the last day. Send fewer: only the newest of each suite counts.");
            db.GateResults.Add(result = GateResult.Of(useCaseKey, reported, signer, token, now));
            if (reported.Proof is { } proof)
            {
                db.GateSignatures.Add(new GateSignature { ResultId = result.Id, Body = proof.Body, Signature = proof.Signature });
            }

            await db.SaveChangesAsync(cancellation);
        }

        var reading = await GateReading.OfAsync(db, useCaseKey, rules.InForce(now), cancellation);
        var check = await reading.CheckAsync(db, useCaseKey, result.Which, result.ArtefactHash, organisation, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return new RecordedResult(result, known is null, check);
    }
}
