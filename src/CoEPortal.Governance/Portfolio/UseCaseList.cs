using System.Linq.Expressions;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Portfolio;

public enum UseCaseSort { Changed, Key, Title, Stage, Lane, Value, Risk }

public sealed record UseCaseFilter(string? Search = null, Stage? Stage = null, Lane? Lane = null, RiskClass? RiskClass = null, bool Mine = false);

public sealed record UseCaseRow(
    string Key, string Title, string BusinessUnit, string Author, Stage Stage, Lane? Lane, RiskClass? RiskClass, int? Value, int? Risk,
    bool IsStopped, DateTimeOffset ChangedAt, bool IsMine);

/// <summary>How many there are of each, before the stage or the lane is chosen: for the chips above a list.</summary>
public sealed record UseCaseCounts(int Total, IReadOnlyDictionary<Stage, int> Stages, IReadOnlyDictionary<Lane, int> Lanes);

/// <summary>The portfolio: what a person may see, filtered, sorted and paged by the database.</summary>
public sealed class UseCaseList(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<Page<UseCaseRow>> ForAsync(
        Actor reader, UseCaseFilter filter, UseCaseSort sort = UseCaseSort.Changed, bool descending = true, int page = 1, int size = 20,
        CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var me = reader.Id.Value;
        var rows = Filtered(Visible(db, reader), filter, reader);
        return await Sorted(rows, sort, descending).ThenBy(u => u.Key)
            .Select(u => new UseCaseRow(
                u.Key, u.Title, u.BusinessUnit, u.CreatedByName, u.Stage, u.Lane, u.RiskClass, u.Value, u.Risk,
                db.KillSwitches.Any(s => s.Scope == SwitchScope.UseCase && s.Target == u.Key && s.State != SwitchState.Released), u.ChangedAt,
                u.Editors.Contains(me)))
            .ToPageAsync(page, size, cancellation);
    }

    /// <summary>The names of some use cases, those that the reader may see.</summary>
    public async Task<Dictionary<string, string>> TitlesAsync(Actor reader, IReadOnlyCollection<string> keys, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await Visible(db, reader).Where(u => keys.Contains(u.Key)).ToDictionaryAsync(u => u.Key, u => u.Title, cancellation);
    }

    /// <summary>How many of what the filter finds are in each stage and lane, whichever of them it names.</summary>
    public async Task<UseCaseCounts> CountsAsync(Actor reader, UseCaseFilter filter, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var groups = await Filtered(Visible(db, reader), filter with { Stage = null, Lane = null }, reader)
            .GroupBy(u => new { u.Stage, u.Lane }).Select(g => new { g.Key.Stage, g.Key.Lane, Count = g.Count() }).ToListAsync(cancellation);
        return new UseCaseCounts(
            groups.Sum(g => g.Count),
            groups.GroupBy(g => g.Stage).ToDictionary(g => g.Key, g => g.Sum(x => x.Count)),
            groups.Where(g => g.Lane is not null).GroupBy(g => g.Lane!.Value).ToDictionary(g => g.Key, g => g.Sum(x => x.Count)));
    }

    /// <summary>What the filter finds as bubbles, the last changed first; their cost since an instant.</summary>
    public async Task<IReadOnlyList<Bubble>> BubblesAsync(
        Actor reader, UseCaseFilter filter, DateTimeOffset since, int most = 200, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var judged = await Filtered(Visible(db, reader), filter, reader).Where(u => u.Value != null && u.Risk != null)
            .OrderByDescending(u => u.ChangedAt).ThenBy(u => u.Key).Take(most)
            .Select(u => new { u.Key, u.Title, Value = u.Value!.Value, Risk = u.Risk!.Value, u.Stage }).ToListAsync(cancellation);
        var keys = judged.Select(u => u.Key).ToList();
        var from = since.ToUniversalTime();
        var costs = await db.Database.SqlQuery<KeyCost>(
            $"""
            select use_case_key key, sum(cost) cost from telemetry.usage_minute
            where minute >= {from} and use_case_key = any({keys}) group by use_case_key
            """).ToDictionaryAsync(c => c.Key, c => c.Cost, cancellation);
        return [.. judged.Select(u => new Bubble(u.Key, u.Title, u.Value, u.Risk, u.Stage, costs.GetValueOrDefault(u.Key)))];
    }

    private static IQueryable<UseCase> Filtered(IQueryable<UseCase> rows, UseCaseFilter filter, Actor reader)
    {
        var me = reader.Id.Value;
        if (!string.IsNullOrWhiteSpace(filter.Search))
        {
            var pattern = Search.Pattern(filter.Search);
            rows = rows.Where(u => EF.Functions.ILike(u.Title, pattern, Search.Escape) || EF.Functions.ILike(u.Key, pattern, Search.Escape)
                || EF.Functions.ILike(u.BusinessUnit, pattern, Search.Escape));
        }

        rows = filter.Stage is { } stage ? rows.Where(u => u.Stage == stage) : rows;
        rows = filter.Lane is { } lane ? rows.Where(u => u.Lane == lane) : rows;
        rows = filter.RiskClass is { } riskClass ? rows.Where(u => u.RiskClass == riskClass) : rows;
        rows = filter.Mine ? rows.Where(u => u.Editors.Contains(me)) : rows;
        return rows;
    }

    /// <summary>What this person may know of: the whole portfolio, or their business unit and what they wrote.</summary>
    internal static IQueryable<UseCase> Visible(GovernanceDb db, Actor reader)
    {
        var me = reader.Id.Value;
        return AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases)
            ? db.UseCases.AsNoTracking().Where(u => u.BusinessUnit == reader.BusinessUnit || u.Editors.Contains(me))
            : db.UseCases.AsNoTracking();
    }

    // Enumerations are stored as words, which the database would sort by the alphabet.
    private static readonly Expression<Func<UseCase, int>> ByStage = u =>
        u.Stage == Stage.Draft ? 0 : u.Stage == Stage.InReview ? 1 : u.Stage == Stage.ChangesAsked ? 2 : u.Stage == Stage.Declined ? 3
        : u.Stage == Stage.NotAllowed ? 4 : u.Stage == Stage.Registered ? 5 : u.Stage == Stage.Approved ? 6 : u.Stage == Stage.InService ? 7 : 8;

    private static readonly Expression<Func<UseCase, int>> ByLane = u =>
        u.Lane == Lane.Fast ? 1 : u.Lane == Lane.Standard ? 2 : u.Lane == Lane.Full ? 3 : u.Lane == Lane.NotAllowed ? 4 : 0;

    private static IOrderedQueryable<UseCase> Sorted(IQueryable<UseCase> rows, UseCaseSort sort, bool descending) => (sort, descending) switch
    {
        (UseCaseSort.Key, false) => rows.OrderBy(u => u.Key),
        (UseCaseSort.Key, true) => rows.OrderByDescending(u => u.Key),
        (UseCaseSort.Title, false) => rows.OrderBy(u => u.Title),
        (UseCaseSort.Title, true) => rows.OrderByDescending(u => u.Title),
        (UseCaseSort.Stage, false) => rows.OrderBy(ByStage),
        (UseCaseSort.Stage, true) => rows.OrderByDescending(ByStage),
        (UseCaseSort.Lane, false) => rows.OrderBy(ByLane),
        (UseCaseSort.Lane, true) => rows.OrderByDescending(ByLane),
        (UseCaseSort.Value, false) => rows.OrderBy(u => u.Value),
        (UseCaseSort.Value, true) => rows.OrderByDescending(u => u.Value.HasValue).ThenByDescending(u => u.Value),
        (UseCaseSort.Risk, false) => rows.OrderBy(u => u.Risk),
        (UseCaseSort.Risk, true) => rows.OrderByDescending(u => u.Risk.HasValue).ThenByDescending(u => u.Risk),
        (_, false) => rows.OrderBy(u => u.ChangedAt),
        (_, true) => rows.OrderByDescending(u => u.ChangedAt),
    };

    private sealed record KeyCost(string Key, decimal Cost);
}

/// <summary>A use case as its page and the API show it.</summary>
public sealed class UseCaseDetails(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<(UseCase UseCase, IReadOnlyList<CredentialBinding> Bindings)> OfAsync(
        string key, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(key, reader, cancellation);
        var bindings = await db.CredentialBindings.AsNoTracking().Where(b => b.UseCaseKey == key).OrderByDescending(b => b.BoundAt)
            .Take(200).ToListAsync(cancellation);
        return (useCase, bindings);
    }
}
