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
    bool IsStopped, DateTimeOffset ChangedAt);

/// <summary>The portfolio: what a person may see, filtered, sorted and paged by the database.</summary>
public sealed class UseCaseList(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<Page<UseCaseRow>> ForAsync(
        Actor reader, UseCaseFilter filter, UseCaseSort sort = UseCaseSort.Changed, bool descending = true, int page = 1, int size = 20,
        CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var rows = Visible(db, reader);
        if (!string.IsNullOrWhiteSpace(filter.Search))
        {
            var pattern = Search.Pattern(filter.Search);
            rows = rows.Where(u => EF.Functions.ILike(u.Title, pattern, Search.Escape) || EF.Functions.ILike(u.Key, pattern, Search.Escape)
                || EF.Functions.ILike(u.BusinessUnit, pattern, Search.Escape));
        }

        var me = reader.Id.Value;
        rows = filter.Stage is { } stage ? rows.Where(u => u.Stage == stage) : rows;
        rows = filter.Lane is { } lane ? rows.Where(u => u.Lane == lane) : rows;
        rows = filter.RiskClass is { } riskClass ? rows.Where(u => u.RiskClass == riskClass) : rows;
        rows = filter.Mine ? rows.Where(u => u.Editors.Contains(me)) : rows;
        return await Sorted(rows, sort, descending).ThenBy(u => u.Key)
            .Select(u => new UseCaseRow(
                u.Key, u.Title, u.BusinessUnit, u.CreatedByName, u.Stage, u.Lane, u.RiskClass, u.Value, u.Risk,
                db.KillSwitches.Any(s => s.Scope == SwitchScope.UseCase && s.Target == u.Key && s.State != SwitchState.Released), u.ChangedAt))
            .ToPageAsync(page, size, cancellation);
    }

    /// <summary>What this person may know of: the whole portfolio, or their business unit and what they wrote.</summary>
    internal static IQueryable<UseCase> Visible(GovernanceDb db, Actor reader)
    {
        var me = reader.Id.Value;
        return AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases)
            ? db.UseCases.AsNoTracking().Where(u => u.BusinessUnit == reader.BusinessUnit || u.Editors.Contains(me))
            : db.UseCases.AsNoTracking();
    }

    private static IOrderedQueryable<UseCase> Sorted(IQueryable<UseCase> rows, UseCaseSort sort, bool descending) => (sort, descending) switch
    {
        (UseCaseSort.Key, false) => rows.OrderBy(u => u.Key),
        (UseCaseSort.Key, true) => rows.OrderByDescending(u => u.Key),
        (UseCaseSort.Title, false) => rows.OrderBy(u => u.Title),
        (UseCaseSort.Title, true) => rows.OrderByDescending(u => u.Title),
        (UseCaseSort.Stage, false) => rows.OrderBy(u => u.Stage),
        (UseCaseSort.Stage, true) => rows.OrderByDescending(u => u.Stage),
        (UseCaseSort.Lane, false) => rows.OrderBy(u => u.Lane),
        (UseCaseSort.Lane, true) => rows.OrderByDescending(u => u.Lane),
        (UseCaseSort.Value, false) => rows.OrderBy(u => u.Value),
        (UseCaseSort.Value, true) => rows.OrderByDescending(u => u.Value.HasValue).ThenByDescending(u => u.Value),
        (UseCaseSort.Risk, false) => rows.OrderBy(u => u.Risk),
        (UseCaseSort.Risk, true) => rows.OrderByDescending(u => u.Risk.HasValue).ThenByDescending(u => u.Risk),
        (_, false) => rows.OrderBy(u => u.ChangedAt),
        (_, true) => rows.OrderByDescending(u => u.ChangedAt),
    };
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
