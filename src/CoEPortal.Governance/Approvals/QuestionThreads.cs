using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>How far the talk at a question is.</summary>
/// <param name="Comments">Without those that were taken back.</param>
/// <param name="ResolvedByName">Null while it is open.</param>
public sealed record TalkAtQuestion(string Question, int Comments, DateTimeOffset LastAt, string? ResolvedByName, DateTimeOffset? ResolvedAt)
{
    public bool IsOpen => ResolvedAt is null;
}

/// <summary>Resolves what was asked at a question of a one-pager, and opens it again; by everybody who takes part.</summary>
public sealed class QuestionThreads(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    /// <summary>Every question at which something stands, the latest first. There are no more than questions.</summary>
    public async Task<IReadOnlyList<TalkAtQuestion>> OfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var said = await db.Comments.AsNoTracking().Where(c => c.UseCaseKey == useCaseKey && c.Question != null && c.RetractedAt == null)
            .GroupBy(c => c.Question!).Select(g => new { Question = g.Key, Count = g.Count(), LastAt = g.Max(c => c.WrittenAt) }).ToListAsync(cancellation);
        var threads = await db.QuestionThreads.AsNoTracking().Where(t => t.UseCaseKey == useCaseKey).ToDictionaryAsync(t => t.Question, cancellation);
        return
        [
            .. said.Select(s => new TalkAtQuestion(s.Question, s.Count, s.LastAt, threads.GetValueOrDefault(s.Question)?.ResolvedByName, threads.GetValueOrDefault(s.Question)?.ResolvedAt))
                .OrderByDescending(t => t.LastAt).ThenBy(t => t.Question, StringComparer.Ordinal),
        ];
    }

    public Task ResolveAsync(string useCaseKey, string question, Actor by, CancellationToken cancellation = default) => ChangeAsync(useCaseKey, question, by, async (db, now) =>
    {
        Refuse.If(!await db.Comments.AnyAsync(c => c.UseCaseKey == useCaseKey && c.Question == question && c.RetractedAt == null, cancellation), "nothing-said", "Nobody has said anything here yet.");
        var thread = await FindAsync(db, useCaseKey, question, cancellation);
        if (thread is null)
        {
            thread = QuestionThread.Of(useCaseKey, question, now);
            db.QuestionThreads.Add(thread);
        }

        thread.Resolve(by, now);
    }, cancellation);

    public Task ReopenAsync(string useCaseKey, string question, Actor by, CancellationToken cancellation = default) => ChangeAsync(useCaseKey, question, by, async (db, now) =>
    {
        var thread = await FindAsync(db, useCaseKey, question, cancellation);
        Refuse.If(thread is null, "open-already", "This is open already.");
        thread.Reopen(by, now);
    }, cancellation);

    /// <summary>A question of the one-pager, and no other path.</summary>
    internal static void Demand(string question) => Refuse.If(!Proposal.Questions.Contains(question), "unknown-question", "The one-pager has no such question.");

    /// <summary>As part of a comment: what is said at a resolved question opens it again.</summary>
    internal static async Task ReopenBySayingAsync(GovernanceDb db, string useCaseKey, string question, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        await LockAsync(db, useCaseKey, question, cancellation);
        if (await FindAsync(db, useCaseKey, question, cancellation) is { ResolvedAt: not null } thread)
        {
            thread.Reopen(by, now);
        }
    }

    private async Task ChangeAsync(string useCaseKey, string question, Actor by, Func<GovernanceDb, DateTimeOffset, Task> change, CancellationToken cancellation)
    {
        Demand(question);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        AccessPolicy.Demand(by, Permission.TakePart, await db.DemandReadableAsync(useCaseKey, by, cancellation));
        await LockAsync(db, useCaseKey, question, cancellation);
        await change(db, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static Task<QuestionThread?> FindAsync(GovernanceDb db, string useCaseKey, string question, CancellationToken cancellation) =>
        db.QuestionThreads.SingleOrDefaultAsync(t => t.UseCaseKey == useCaseKey && t.Question == question, cancellation);

    // A thread has no row until it is resolved: two who resolve it at once would both make one.
    private static Task LockAsync(GovernanceDb db, string useCaseKey, string question, CancellationToken cancellation) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({$"question/{useCaseKey}/{question}"}, 0))", cancellation);
}
