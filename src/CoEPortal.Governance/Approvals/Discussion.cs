using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>What is said about a use case, by everybody who may read it. A name after an @ tells that person.</summary>
public sealed class Discussion(IDbContextFactory<GovernanceDb> databases, ReviewNotices notices, TimeProvider clock)
{
    private const int MostReaders = 500;

    /// <summary>Oldest first; the last page is the newest.</summary>
    /// <param name="question">Only what stands at this question; otherwise everything.</param>
    public async Task<Page<Comment>> OfAsync(string useCaseKey, Actor reader, int? page = null, int size = 50, string? question = null, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var comments = db.Comments.AsNoTracking().Where(c => c.UseCaseKey == useCaseKey && (question == null || c.Question == question)).OrderBy(c => c.WrittenAt).ThenBy(c => c.Id);
        var last = Math.Max(1, (await comments.CountAsync(cancellation) + size - 1) / size);
        return await comments.ToPageAsync(page ?? last, size, cancellation);
    }

    /// <summary>Who can be asked about a use case: to read what is said of it, or to take part and see to its conditions.</summary>
    public async Task<IReadOnlyList<Actor>> PeopleAsync(string useCaseKey, Permission permission, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var subject = await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        return await PeopleAsync(db, subject, permission, cancellation);
    }

    /// <param name="question">At which it stands; null when it is about the whole.</param>
    public async Task<Comment> WriteAsync(string useCaseKey, string text, Actor author, string? question = null, CancellationToken cancellation = default)
    {
        if (question is not null)
        {
            QuestionThreads.Demand(question);
        }

        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var subject = await db.DemandReadableAsync(useCaseKey, author, cancellation);
        AccessPolicy.Demand(author, Permission.TakePart, subject);
        var about = await db.UseCases.AsNoTracking().Where(u => u.Key == useCaseKey).Select(u => new { u.LatestRevision, u.Title }).SingleAsync(cancellation);
        var mentioned = text.Contains('@', StringComparison.Ordinal) ? MentionedIn(text, await PeopleAsync(db, subject, Permission.ReadUseCases, cancellation)) : [];
        var now = clock.GetUtcNow();
        var comment = Comment.Write(useCaseKey, about.LatestRevision, question, text, mentioned, author, now);
        if (question is not null)
        {
            await QuestionThreads.ReopenBySayingAsync(db, useCaseKey, question, author, now, cancellation);
        }

        db.Comments.Add(comment);
        await notices.MentionedAsync(db, comment, about.Title, now, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return comment;
    }

    public async Task RetractAsync(Guid commentId, Actor author, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var comment = await db.Comments.SingleOrDefaultAsync(c => c.Id == commentId, cancellation)
            ?? throw new NotFoundException("comment", commentId.ToString());
        await db.DemandReadableAsync(comment.UseCaseKey, author, cancellation);
        comment.Retract(author, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>Longer names first, so that "@Ann Marie" does not also tell Ann; a name ends where a word does.</summary>
    internal static IReadOnlyList<Actor> MentionedIn(string text, IReadOnlyList<Actor> readers)
    {
        var mentioned = new List<Actor>();
        var rest = text;
        foreach (var reader in readers.Where(r => r.Name.Length > 0).OrderByDescending(r => r.Name.Length).ThenBy(r => r.Id.Value, StringComparer.Ordinal))
        {
            var name = "@" + reader.Name;
            for (var at = rest.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0; at = rest.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
            {
                var end = at + name.Length;
                if (end < rest.Length && char.IsLetterOrDigit(rest[end]))
                {
                    continue;
                }

                mentioned.Add(reader);
                rest = rest.Replace(name, new string('·', name.Length), StringComparison.OrdinalIgnoreCase);
                break;
            }
        }

        return mentioned;
    }

    private static async Task<IReadOnlyList<Actor>> PeopleAsync(GovernanceDb db, Subject subject, Permission permission, CancellationToken cancellation)
    {
        var people = await db.People.AsNoTracking().Where(p => p.IsActive).OrderBy(p => p.Name).Take(MostReaders).ToListAsync(cancellation);
        return [.. people.Select(p => p.Actor).Where(a => AccessPolicy.Allows(a, permission, subject))];
    }
}
