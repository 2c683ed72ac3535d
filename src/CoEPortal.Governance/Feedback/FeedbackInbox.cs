using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Feedback;

/// <summary>What of the inbox somebody wants to see; null is all.</summary>
public sealed record FeedbackFilter(
    FeedbackState? State = null, Opinion? Opinion = null, FeedbackFix? Fix = null, string? UseCaseKey = null, bool Mine = false, string? Search = null);

/// <summary>How much feedback lies where, after all filters but the state.</summary>
public sealed record FeedbackCounts(int New, int Triaged, int Done)
{
    public int All => New + Triaged + Done;
}

/// <summary>What people said of one use case lately.</summary>
public sealed record FeedbackSummary(int Opinions, int Negative, int Waiting, IReadOnlyDictionary<FeedbackFix, int> OpenFixes);

/// <summary>The feedback of all use cases that somebody may read, newest first.</summary>
public sealed class FeedbackInbox(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public const int SummaryDays = 30;

    public async Task<Page<UserFeedback>> PageAsync(FeedbackFilter filter, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await Visible(db, filter, reader).OrderByDescending(f => f.GivenAt).ThenByDescending(f => f.Id).ToPageAsync(page, size, cancellation);
    }

    public async Task<FeedbackCounts> CountsAsync(FeedbackFilter filter, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var counts = await Visible(db, filter with { State = null }, reader).GroupBy(f => f.State).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellation);
        return new FeedbackCounts(counts.GetValueOrDefault(FeedbackState.New), counts.GetValueOrDefault(FeedbackState.Triaged), counts.GetValueOrDefault(FeedbackState.Done));
    }

    public async Task<UserFeedback> OneAsync(Guid id, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await Visible(db, new FeedbackFilter(), reader).SingleOrDefaultAsync(f => f.Id == id, cancellation) ?? throw new NotFoundException("feedback", id.ToString());
    }

    public async Task<FeedbackSummary> OfUseCaseAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var since = clock.GetUtcNow().AddDays(-SummaryDays);
        var own = db.UserFeedback.AsNoTracking().Where(f => f.UseCaseKey == useCaseKey);
        var opinions = await own.Where(f => f.GivenAt >= since).GroupBy(f => f.Opinion).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellation);
        var fixes = await own.Where(f => f.State == FeedbackState.Triaged && f.Fix != null).GroupBy(f => f.Fix!.Value).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellation);
        return new FeedbackSummary(
            opinions.Values.Sum(), opinions.GetValueOrDefault(Opinion.Negative), await own.CountAsync(f => f.State == FeedbackState.New, cancellation), fixes);
    }

    private static IQueryable<UserFeedback> Visible(GovernanceDb db, FeedbackFilter filter, Actor reader)
    {
        var (me, unit) = (reader.Id.Value, reader.BusinessUnit);
        var all = db.UserFeedback.AsNoTracking();
        if (AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases))
        {
            all = all.Where(f => db.UseCases.Any(u => u.Key == f.UseCaseKey && (unit != "" && u.BusinessUnit == unit || u.Editors.Contains(me))));
        }

        all = filter.State is { } state ? all.Where(f => f.State == state) : all;
        all = filter.Opinion is { } opinion ? all.Where(f => f.Opinion == opinion) : all;
        all = filter.Fix is { } fix ? all.Where(f => f.Fix == fix) : all;
        all = filter.UseCaseKey is { Length: > 0 } key ? all.Where(f => f.UseCaseKey == key) : all;
        all = filter.Mine ? all.Where(f => f.AssigneeId == me) : all;
        if (filter.Search is { Length: > 0 } search)
        {
            var pattern = Search.Pattern(search);
            all = all.Where(f => EF.Functions.ILike(f.Text, pattern, Search.Escape) || EF.Functions.ILike(f.Note, pattern, Search.Escape) || EF.Functions.ILike(f.CallId ?? "", pattern, Search.Escape));
        }

        return all;
    }
}
