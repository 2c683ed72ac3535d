using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Adoption;

public sealed record ChampionFilter(string? Search = null, bool WithPast = false);

/// <param name="UseCaseKey">Null where it is for every use case, or one that the reader may not see: <paramref name="IsForOne"/> tells which.</param>
public sealed record ChampionRow(Champion Champion, string? UseCaseKey, bool IsForOne);

/// <summary>A department in which a use case runs and nobody is champion for it.</summary>
public sealed record ChampionGap(string Department, string UseCaseKey, string Title);

/// <summary>A cohort of which a champion is asked whether it is ready for the next phase.</summary>
public sealed record AskedAgreement(string UseCaseKey, string Title, string Cohort, string Department, int Share, string AlsoHolds);

/// <summary>Who is champion where, where nobody is, and what waits for oneself.</summary>
public sealed class ChampionBoard(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    /// <summary>A use case that was called within so many days runs.</summary>
    private const int ActiveDays = 28;

    private const int MostGaps = 100;
    private const int MostPeople = 500;

    public DateOnly Today => organisation.DayOf(clock.GetUtcNow());

    /// <summary>By department; those who declined or whose time is over only when asked for.</summary>
    public async Task<Page<ChampionRow>> PageAsync(ChampionFilter filter, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadChampions);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var today = Today;
        var champions = db.Champions.AsNoTracking().Where(c => filter.WithPast || c.UntilOn >= today && (c.State == ChampionState.Asked || c.State == ChampionState.Accepted));
        if (filter.Search is { Length: > 0 } search)
        {
            var pattern = Search.Pattern(search);
            champions = champions.Where(c => EF.Functions.ILike(c.Department, pattern, Search.Escape) || EF.Functions.ILike(c.PersonName, pattern, Search.Escape));
        }

        var found = await champions.OrderBy(c => c.Department).ThenByDescending(c => c.FromOn).ThenBy(c => c.Id).ToPageAsync(page, size, cancellation);
        var readable = await ReadableAsync(db, [.. found.Items.Select(c => c.UseCaseKey).OfType<string>()], reader, cancellation);
        return new([.. found.Items.Select(c => new ChampionRow(c, c.UseCaseKey is { } key && readable.Contains(key) ? key : null, c.UseCaseKey is not null))], found.Total, found.Number, found.Size);
    }

    /// <summary>Of use cases that the reader may see.</summary>
    public async Task<IReadOnlyList<ChampionGap>> GapsAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadChampions);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var (today, since) = (Today, clock.GetUtcNow().AddDays(-ActiveDays));
        var gaps = await db.Database.SqlQuery<ChampionGap>(
            $"""
            select distinct c ->> 'department' "Department", u.key "UseCaseKey", u.title "Title"
            from rollout r join use_case u on u.key = r.use_case_key cross join lateral jsonb_array_elements(r.cohorts) c
            where r.phase > 0 and c ->> 'department' <> '' and (c ->> 'startsOn')::date <= {today}
              and exists (select from telemetry.usage_minute m where m.use_case_key = r.use_case_key and m.minute >= {since} and m.calls > 0)
              and not exists (
                select from champion h where h.department = c ->> 'department' and h.state = 'Accepted' and {today} between h.from_on and h.until_on and (h.use_case_key is null or h.use_case_key = r.use_case_key))
            order by 1, 2 limit {MostGaps}
            """).ToListAsync(cancellation);
        var readable = await ReadableAsync(db, [.. gaps.Select(g => g.UseCaseKey)], reader, cancellation);
        return [.. gaps.Where(g => readable.Contains(g.UseCaseKey))];
    }

    /// <summary>What a person was asked to be and has not answered yet.</summary>
    public async Task<IReadOnlyList<Champion>> AskedOfAsync(Actor person, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var (me, today) = (person.Id.Value, Today);
        return await db.Champions.AsNoTracking().Where(c => c.PersonId == me && c.State == ChampionState.Asked && c.UntilOn >= today).OrderBy(c => c.NamedAt).Take(50).ToListAsync(cancellation);
    }

    /// <summary>Cohorts that wait for this champion, also of use cases that they may not read otherwise.</summary>
    public async Task<IReadOnlyList<AskedAgreement>> AgreementsOfAsync(Actor person, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var (me, today) = (person.Id.Value, Today);
        var own = await db.Champions.AsNoTracking().Where(c => c.PersonId == me && c.State == ChampionState.Accepted && c.FromOn <= today && c.UntilOn >= today).OrderBy(c => c.Id).Take(50).ToListAsync(cancellation);
        if (own.Count == 0)
        {
            return [];
        }

        var keys = own.Exists(c => c.UseCaseKey is null) ? null : own.ConvertAll(c => c.UseCaseKey!);
        var rollouts = await db.Rollouts.AsNoTracking().Include(r => r.Decisions).Include(r => r.Agreements).AsSplitQuery()
            .Where(r => r.Phase > 0 && (keys == null || keys.Contains(r.UseCaseKey))).OrderBy(r => r.UseCaseKey).Take(200).ToListAsync(cancellation);
        var asked = rollouts.ConvertAll(r => (Rollout: r, Cohorts: r.Unagreed(today).Where(c => own.Exists(o => o.Department == c.Department && (o.UseCaseKey is null || o.UseCaseKey == r.UseCaseKey))).ToList()));
        var waiting = asked.Where(a => a.Cohorts.Count > 0).Select(a => a.Rollout.UseCaseKey).ToList();
        var titles = await db.UseCases.AsNoTracking().Where(u => waiting.Contains(u.Key)).ToDictionaryAsync(u => u.Key, u => u.Title, cancellation);
        return [.. asked.SelectMany(a => a.Cohorts.Select(c => new AskedAgreement(a.Rollout.UseCaseKey, titles[a.Rollout.UseCaseKey], c.Name, c.Department, a.Rollout.Current!.Share, a.Rollout.Current.AlsoHolds)))];
    }

    /// <summary>Whom a CoE lead can name.</summary>
    public async Task<IReadOnlyList<Actor>> CandidatesAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.NameChampions);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var me = reader.Id.Value;
        var people = await db.People.AsNoTracking().Where(p => p.IsActive && p.Id != me).OrderBy(p => p.Name).Take(MostPeople).ToListAsync(cancellation);
        return [.. people.Select(p => p.Actor)];
    }

    private static async Task<HashSet<string>> ReadableAsync(GovernanceDb db, List<string> keys, Actor reader, CancellationToken cancellation) =>
        [.. await db.UseCasesReadableBy(reader).Where(u => keys.Contains(u.Key)).Select(u => u.Key).ToListAsync(cancellation)];
}
