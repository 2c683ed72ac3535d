using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Feedback;

/// <summary>What a program reports that its users think.</summary>
/// <param name="Id">Of the sender: told again, it is the same.</param>
/// <param name="ClaimedUseCase">Counts only for a token that is bound to no use case.</param>
/// <param name="Draft">What was said.</param>
/// <param name="GivenAt">When.</param>
public sealed record ReportedFeedback(string Id, string? ClaimedUseCase, FeedbackDraft Draft, DateTimeOffset GivenAt);

/// <summary>What became of reported feedback. <paramref name="OfNobody"/> named no known use case and is not kept.</summary>
public sealed record RecordedFeedback(int Stored, int AlreadyKnown, int OfNobody);

/// <summary>
/// Takes feedback, each once, and stops a use case whose approved one-pager says at how much bad feedback it stops: in the
/// same transaction, so what is counted is stored.
/// </summary>
public sealed class RecordFeedback(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    private readonly WatchCriteria _watch = new(organisation, clock);

    /// <param name="feedback">In any order, with repetitions.</param>
    /// <param name="boundUseCase">The use case of the token that reports; it wins over claims.</param>
    /// <param name="reportedBy">The name of the token.</param>
    /// <param name="cancellation">Nothing is stored when cancelled.</param>
    public async Task<RecordedFeedback> RunAsync(
        IReadOnlyCollection<ReportedFeedback> feedback, string? boundUseCase, string reportedBy, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var named = feedback.Select(f => boundUseCase ?? f.ClaimedUseCase).OfType<string>().Distinct().ToList();
        var known = await db.UseCases.AsNoTracking().Where(u => named.Contains(u.Key)).Select(u => u.Key).ToListAsync(cancellation);
        var own = feedback.Select(f => (UseCase: boundUseCase ?? f.ClaimedUseCase ?? "", Feedback: f)).Where(f => known.Contains(f.UseCase))
            .DistinctBy(f => (f.UseCase, f.Feedback.Id)).OrderBy(f => f.UseCase, StringComparer.Ordinal).ThenBy(f => f.Feedback.Id, StringComparer.Ordinal).ToList();
        var (now, stored) = (clock.GetUtcNow(), 0);
        foreach (var useCase in own.GroupBy(f => f.UseCase, f => f.Feedback))
        {
            var news = await StoreAsync(db, useCase.Key, [.. useCase], reportedBy, now, cancellation);
            await _watch.FeedbackAsync(db, useCase.Key, news, cancellation);
            stored += news.Count;
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        var ofNobody = feedback.Count(f => !known.Contains(boundUseCase ?? f.ClaimedUseCase ?? ""));
        return new RecordedFeedback(stored, feedback.Count - ofNobody - stored, ofNobody);
    }

    /// <returns>When each that was not known was given.</returns>
    private static async Task<List<DateTimeOffset>> StoreAsync(
        GovernanceDb db, string useCase, List<ReportedFeedback> feedback, string reportedBy, DateTimeOffset now, CancellationToken cancellation) =>
        await db.Database.SqlQuery<DateTimeOffset>(
            $"""
            insert into user_feedback (id, use_case_key, source, source_id, call_id, opinion, score, text, given_at, received_at, given_by_name, state, note, version, event_count)
            select id, {useCase}, {reportedBy}, source_id, call_id, opinion, score, text, given_at, {now}, {reportedBy}, state, '', 0, 0
            from unnest({feedback.ConvertAll(_ => Guid.CreateVersion7(now))}, {feedback.ConvertAll(f => f.Id)}, {feedback.ConvertAll(f => f.Draft.CallId)},
              {feedback.ConvertAll(f => f.Draft.Opinion.ToString())}, {feedback.ConvertAll(f => f.Draft.Score)}, {feedback.ConvertAll(f => f.Draft.Text)},
              {feedback.ConvertAll(f => f.GivenAt.ToUniversalTime())}, {feedback.ConvertAll(f => f.Draft.FirstState.ToString())}) as t (id, source_id, call_id, opinion, score, text, given_at, state)
            on conflict (use_case_key, source, source_id) do nothing
            returning given_at as "Value"
            """).ToListAsync(cancellation);
}
