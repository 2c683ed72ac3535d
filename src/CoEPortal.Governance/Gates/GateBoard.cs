using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Gates;

/// <summary>The gate of one use case: what is asked, and where each artefact stands that somebody evaluated.</summary>
public sealed record UseCaseGate(string UseCaseKey, string RulesVersion, IReadOnlyDictionary<Component, IReadOnlyList<Suite>> Required, IReadOnlyList<GateCheck> Artefacts, IReadOnlyList<OwnMetric> Own, IReadOnlyList<PipelineKey> Keys, bool AsksTheBoard);

public sealed record PromotionFilter(PromotionState? State = null, string? UseCaseKey = null);

public sealed record FindingFilter(FindingState? State = null, Severity? Severity = null, string? UseCaseKey = null, bool Mine = false);

/// <summary>A promotion with the name of its use case.</summary>
/// <param name="Review">The review of the board; null for one that ended before the board had a lane.</param>
/// <param name="OpenTasks">The functions that are asked now, and where each decides.</param>
public sealed record PromotionRow(Promotion Promotion, string UseCase, ApprovalRound? Review, IReadOnlyList<BoardTask> OpenTasks);

public sealed record BoardTask(Role Function, Guid TaskId);

/// <summary>Gates, promotions and findings, as far as somebody may see them.</summary>
public sealed class GateBoard(IDbContextFactory<GovernanceDb> databases, VersionedFiles<GateRules> rules, Organisation organisation, TimeProvider clock)
{
    private const int MostArtefacts = 12;

    public IReadOnlyList<RefusedFile> RefusedRules => rules.Refused;

    public GateRules RulesInForce => rules.InForce(clock.GetUtcNow());

    public async Task<UseCaseGate> OfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        return await ReadAsync(db, useCaseKey, cancellation);
    }

    /// <summary>The same for a pipeline, by its token.</summary>
    public async Task<UseCaseGate> OfAsync(string useCaseKey, string? boundUseCase, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return (boundUseCase is null || boundUseCase == useCaseKey) && await db.UseCases.AnyAsync(u => u.Key == useCaseKey, cancellation)
            ? await ReadAsync(db, useCaseKey, cancellation)
            : throw new NotFoundException("use case", useCaseKey);
    }

    /// <summary>All that pipelines reported, newest first.</summary>
    public async Task<Page<GateResult>> ResultsAsync(string useCaseKey, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        return await db.GateResults.AsNoTracking().Where(r => r.UseCaseKey == useCaseKey).OrderByDescending(r => r.EvaluatedAt).ThenByDescending(r => r.Id).ToPageAsync(page, size, cancellation);
    }

    /// <summary>What a pipeline signed, for whoever wants to check it again.</summary>
    public async Task<(GateSignature Signature, PipelineKey Key)> SignatureAsync(string useCaseKey, Guid resultId, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var result = await db.GateResults.AsNoTracking().SingleOrDefaultAsync(r => r.Id == resultId && r.UseCaseKey == useCaseKey && r.KeyId != null, cancellation)
            ?? throw new NotFoundException("signed result", resultId.ToString());
        return (await db.GateSignatures.AsNoTracking().SingleAsync(s => s.ResultId == resultId, cancellation), await db.PipelineKeys.AsNoTracking().SingleAsync(k => k.Id == result.KeyId, cancellation));
    }

    /// <summary>Keys of all pipelines, those in force first.</summary>
    public async Task<Page<PipelineKey>> KeysAsync(Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadAudit);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.PipelineKeys.AsNoTracking().OrderBy(k => k.RevokedAt != null).ThenByDescending(k => k.AddedAt).ThenBy(k => k.Id).ToPageAsync(page, size, cancellation);
    }

    public async Task<Page<PromotionRow>> PromotionsAsync(PromotionFilter filter, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var readable = Readable(db, reader);
        var all = db.Promotions.AsNoTracking().Where(p => readable.Any(u => u.Key == p.UseCaseKey));
        all = filter.State is { } state ? all.Where(p => p.State == state) : all;
        all = filter.UseCaseKey is { Length: > 0 } key ? all.Where(p => p.UseCaseKey == key) : all;
        var found = await all.OrderByDescending(p => p.RequestedAt).ThenByDescending(p => p.Id).ToPageAsync(page, size, cancellation);
        var keys = found.Items.Select(p => p.UseCaseKey).Distinct().ToList();
        var titles = await db.UseCases.AsNoTracking().Where(u => keys.Contains(u.Key)).ToDictionaryAsync(u => u.Key, u => u.Title, cancellation);
        var rows = await RowsAsync(db, found.Items, titles, cancellation);
        return new(rows, found.Total, found.Number, found.Size);
    }

    /// <returns>With its gate as it stands now.</returns>
    public async Task<(PromotionRow Row, GateCheck Check)> PromotionAsync(Guid id, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var promotion = await db.Promotions.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancellation) ?? throw new NotFoundException("promotion", id.ToString());
        if (!await Readable(db, reader).AnyAsync(u => u.Key == promotion.UseCaseKey, cancellation))
        {
            throw new NotFoundException("promotion", id.ToString());
        }

        var now = clock.GetUtcNow();
        var reading = await GateReading.OfAsync(db, promotion.UseCaseKey, rules.InForce(now), cancellation);
        var title = await db.UseCases.Where(u => u.Key == promotion.UseCaseKey).Select(u => u.Title).SingleAsync(cancellation);
        var row = (await RowsAsync(db, [promotion], new Dictionary<string, string> { [promotion.UseCaseKey] = title }, cancellation))[0];
        return (row, await reading.CheckAsync(db, promotion.UseCaseKey, promotion.Which, promotion.ArtefactHash, organisation, now, cancellation));
    }

    /// <summary>The same for a pipeline, by its token.</summary>
    public async Task<PromotionRow> PromotionAsync(Guid id, string? boundUseCase, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var promotion = await db.Promotions.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id && (boundUseCase == null || p.UseCaseKey == boundUseCase), cancellation)
            ?? throw new NotFoundException("promotion", id.ToString());
        var title = await db.UseCases.Where(u => u.Key == promotion.UseCaseKey).Select(u => u.Title).SingleAsync(cancellation);
        return (await RowsAsync(db, [promotion], new Dictionary<string, string> { [promotion.UseCaseKey] = title }, cancellation))[0];
    }

    public async Task<Page<RedTeamFinding>> FindingsAsync(FindingFilter filter, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var (me, readable) = (reader.Id.Value, Readable(db, reader));
        var all = db.RedTeamFindings.AsNoTracking().Where(f => readable.Any(u => u.Key == f.UseCaseKey));
        all = filter.State is { } state ? all.Where(f => f.State == state) : all;
        all = filter.Severity is { } severity ? all.Where(f => f.Severity == severity) : all;
        all = filter.UseCaseKey is { Length: > 0 } key ? all.Where(f => f.UseCaseKey == key) : all;
        all = filter.Mine ? all.Where(f => f.OwnerId == me) : all;
        return await all.OrderBy(f => f.State == FindingState.Closed).ThenBy(f => f.DueOn).ThenBy(f => f.Key).ToPageAsync(page, size, cancellation);
    }

    public async Task<RedTeamFinding> FindingAsync(string key, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var readable = Readable(db, reader);
        return await db.RedTeamFindings.AsNoTracking().SingleOrDefaultAsync(f => f.Key == key && readable.Any(u => u.Key == f.UseCaseKey), cancellation) ?? throw new NotFoundException("finding", key);
    }

    internal static async Task<UseCaseGate> OfAsync(GovernanceDb db, string useCaseKey, GateRules inForce, Organisation organisation, DateTimeOffset now, CancellationToken cancellation)
    {
        var reading = await GateReading.OfAsync(db, useCaseKey, inForce, cancellation);
        var newest = await db.GateResults.FromSql(
            $"""
            select r.* from (select distinct on (component, artefact) * from gate_result where use_case_key = {useCaseKey} order by component, artefact, evaluated_at desc, id desc) r
            order by r.evaluated_at desc limit {MostArtefacts}
            """).AsNoTracking().ToListAsync(cancellation);
        var checks = new List<GateCheck>();
        foreach (var result in newest)
        {
            checks.Add(await reading.CheckAsync(db, useCaseKey, result.Which, result.ArtefactHash, organisation, now, cancellation));
        }

        return new UseCaseGate(
            useCaseKey, inForce.Version, Enum.GetValues<Component>().ToDictionary(c => c, reading.Required), [.. checks.OrderBy(c => c.Which.ToString(), StringComparer.Ordinal)], reading.Own,
            reading.Keys, reading.Lane is { } lane && inForce.AsksTheBoard(lane));
    }

    private static async Task<IReadOnlyList<PromotionRow>> RowsAsync(
        GovernanceDb db, IReadOnlyList<Promotion> promotions, Dictionary<string, string> titles, CancellationToken cancellation)
    {
        var ids = promotions.Select(p => (Guid?)p.Id).ToList();
        var reviews = await db.ApprovalRounds.AsNoTracking().Include(r => r.Decisions).Where(r => ids.Contains(r.TopicId)).ToDictionaryAsync(r => r.TopicId!.Value, cancellation);
        var rounds = reviews.Values.Select(r => r.Id).ToList();
        var open = (await db.ReviewTasks.AsNoTracking().Where(t => rounds.Contains(t.RoundId) && t.State == TaskState.Open).OrderBy(t => t.OpenedAt).ThenBy(t => t.Id)
            .Select(t => new { t.RoundId, t.Function, t.Id }).ToListAsync(cancellation)).ToLookup(t => t.RoundId, t => new BoardTask(t.Function, t.Id));
        return [.. promotions.Select(p => reviews.TryGetValue(p.Id, out var review)
            ? new PromotionRow(p, titles[p.UseCaseKey], review, [.. open[review.Id]])
            : new PromotionRow(p, titles[p.UseCaseKey], null, []))];
    }

    private Task<UseCaseGate> ReadAsync(GovernanceDb db, string useCaseKey, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        return OfAsync(db, useCaseKey, rules.InForce(now), organisation, now, cancellation);
    }

    private static IQueryable<Intake.UseCase> Readable(GovernanceDb db, Actor reader)
    {
        var (me, unit) = (reader.Id.Value, reader.BusinessUnit);
        return AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases)
            ? db.UseCases.Where(u => unit != "" && u.BusinessUnit == unit || u.Editors.Contains(me))
            : db.UseCases;
    }
}
