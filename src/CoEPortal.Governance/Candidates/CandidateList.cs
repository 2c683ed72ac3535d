using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Portfolio;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Candidates;

public enum CandidateOrder { Score, Hours, Name }

public sealed record CandidateFilter(CandidateState State = CandidateState.Open, string? Search = null);

/// <param name="Score">0 to 100, by the rules as they are now.</param>
public sealed record RankedCandidate(Candidate Candidate, int Score);

/// <summary>What may be the same as a candidate: another one, or a use case.</summary>
public sealed record AlikeFound(IReadOnlyList<Candidate> Candidates, DuplicatesFound UseCases);

/// <summary>Candidate workflows by rank, as far as the reader may see them: those of their own department, or all.</summary>
public sealed class CandidateList(CandidateRules rules, LikelyDuplicates duplicates, IDbContextFactory<GovernanceDb> databases)
{
    public CandidateRules Rules => rules;

    public async Task<Page<RankedCandidate>> PageAsync(CandidateFilter filter, Actor reader, CandidateOrder order = CandidateOrder.Score, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        (page, size) = (Math.Clamp(page, 1, 1_000_000), Math.Clamp(size, 1, Paging.LargestSize));
        var bands = rules.Points.SelectMany(p => p.Bands.Select(b => (p.Fact, b.AtLeast, b.Points))).ToList();
        var (facts, from, points) = (bands.Select(b => b.Fact).ToArray(), bands.Select(b => b.AtLeast).ToArray(), bands.Select(b => b.Points).ToArray());
        var (ownOnly, me, unit) = (AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases), reader.Id.Value, reader.BusinessUnit);
        var (state, like, by) = (filter.State.ToString(), filter.Search is { Length: > 0 } search ? Search.Pattern(search) : "", order.ToString());
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var rows = await db.Database.SqlQuery<Row>(
            $"""
            with seen as (
              select id, key, name, per_month * minutes::numeric * people / 60 hours, per_month, value, feasibility from candidate
              where case {state} when 'Open' then use_case_key is null and set_aside_at is null when 'Proposed' then use_case_key is not null else set_aside_at is not null end
                and (not {ownOnly} or department = {unit} and department <> '' or added_by = {me})
                and ({like} = '' or name ilike {like} or key ilike {like} or department ilike {like})
            ), ranked as (
              select seen.*, (
                select coalesce(sum(best.points), 0)::int from (
                  select distinct on (b.fact) b.points from unnest({facts}, {from}, {points}) b (fact, at_least, points)
                  where b.at_least <= case b.fact when 'hours' then seen.hours when 'frequency' then seen.per_month when 'value' then seen.value else seen.feasibility end
                  order by b.fact, b.at_least desc) best) score
              from seen
            )
            select shown.id "Id", coalesce(shown.score, 0) "Score", (select count(*) from seen)::int "Total" from (select) past_the_end
            left join (
              select *, row_number() over (order by case {by} when 'Score' then -score when 'Hours' then -hours else 0 end, case {by} when 'Name' then lower(name) else '' end, key) place
              from ranked order by place limit {size} offset {(page - 1) * size}) shown on true
            order by shown.place
            """).ToListAsync(cancellation);
        var (total, ids) = (rows[0].Total, rows.Where(r => r.Id != null).Select(r => r.Id!.Value).ToList());
        var found = await db.Candidates.AsNoTracking().Where(c => ids.Contains(c.Id)).ToDictionaryAsync(c => c.Id, cancellation);
        return new([.. rows.Where(r => r.Id != null).Select(r => new RankedCandidate(found[r.Id!.Value], r.Score))], total, page, size);
    }

    public async Task<Candidate> OneAsync(string key, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await FindAsync(db, key, reader, cancellation);
    }

    /// <summary>The candidate that a use case was; null when it was none, or one that the reader may not see.</summary>
    public async Task<Candidate?> OfUseCaseAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var candidate = await db.Candidates.AsNoTracking().SingleOrDefaultAsync(c => c.UseCaseKey == useCaseKey, cancellation);
        return candidate is not null && AccessPolicy.Allows(reader, Permission.ReadUseCases, candidate.Subject) ? candidate : null;
    }

    /// <summary>What may be the same, as intake warns of it.</summary>
    public async Task<AlikeFound> AlikeAsync(string name, string description, string? exceptKey, Actor reader, CancellationToken cancellation = default)
    {
        var (ownOnly, me, unit) = (AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases), reader.Id.Value, reader.BusinessUnit);
        name = name.Replace("\0", "", StringComparison.Ordinal);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var alike = await db.Candidates
            .FromSql($"select * from candidate where similarity(name, {name}) >= 0.4 and key <> {exceptKey ?? ""} order by similarity(name, {name}) desc, key limit {LikelyDuplicates.Most}")
            .AsNoTracking().Where(c => !ownOnly || c.Department == unit || c.AddedBy == me).ToListAsync(cancellation);
        var own = await db.Candidates.Where(c => c.Key == exceptKey).Select(c => c.UseCaseKey).SingleOrDefaultAsync(cancellation);
        return new(alike, await duplicates.OfAsync(name, description, own, reader, cancellation));
    }

    /// <summary>One that does not exist and one that is not for this person read the same.</summary>
    internal static async Task<Candidate> FindAsync(GovernanceDb db, string key, Actor reader, CancellationToken cancellation)
    {
        var candidate = await db.Candidates.SingleOrDefaultAsync(c => c.Key == key, cancellation);
        return candidate is not null && AccessPolicy.Allows(reader, Permission.ReadUseCases, candidate.Subject) ? candidate : throw new NotFoundException("candidate", key);
    }

    private sealed record Row(Guid? Id, int Score, int Total);
}
