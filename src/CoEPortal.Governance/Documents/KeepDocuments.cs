using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Documents;

/// <summary>Documents of one use case.</summary>
/// <param name="MayAdd">Whether the reader may add one, and withdraw their own.</param>
/// <param name="MayWithdrawAny">Whether they may withdraw what others added.</param>
public sealed record DocumentSheet(IReadOnlyList<UseCaseDocument> Documents, bool MayAdd, bool MayWithdrawAny);

/// <summary>Adds documents to a use case, withdraws them, and hands them out to whoever reads it.</summary>
public sealed class KeepDocuments(IDbContextFactory<GovernanceDb> databases, EndReviewOf reviews, TimeProvider clock)
{
    /// <exception cref="NotFoundException">There is no such use case for this person.</exception>
    public async Task<UseCaseDocument> AddAsync(string useCaseKey, string title, UploadedFile file, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        AccessPolicy.Demand(by, Permission.AddDocuments, await LockedAsync(db, useCaseKey, by, cancellation));
        var there = await db.UseCaseDocuments.AsNoTracking().Where(d => d.UseCaseKey == useCaseKey).Select(d => new { d.Number, d.Length, d.IsKept, d.WithdrawnAt, d.ContentHash }).ToListAsync(cancellation);
        Refuse.If(there.Count >= UseCaseDocument.Most, "too-many-documents", $"{useCaseKey} has {UseCaseDocument.Most} documents. Keep this one where it is.");
        Refuse.If(there.Where(d => d.IsKept).Sum(d => (long)d.Length) + file.Content.Length > UseCaseDocument.MostBytes, "documents-full",
            $"The documents of a use case have at most {UseCaseDocument.MostBytes / 1024 / 1024} MB together. Keep this one where it is.");
        var same = there.Find(d => d.WithdrawnAt is null && d.ContentHash == file.Hash);
        Refuse.If(same is not null, "document-known", $"Document {same?.Number} of {useCaseKey} holds exactly the same.");
        var document = UseCaseDocument.Add(useCaseKey, there.Select(d => d.Number).DefaultIfEmpty().Max() + 1, title, file, by, clock.GetUtcNow());
        db.UseCaseDocuments.Add(document);
        db.DocumentContents.Add(new DocumentContent { DocumentId = document.Id, Content = file.Content });
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return document;
    }

    /// <summary>It counts no more. Its content goes too, unless something was submitted or decided since, evidence is locked or the use case is held: then somebody may rely on it.</summary>
    /// <param name="endsReviews">A review that is decided with it ends, and is submitted again.</param>
    public async Task<UseCaseDocument> WithdrawAsync(string useCaseKey, int number, string reason, Actor by, bool endsReviews = false, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var subject = await LockedAsync(db, useCaseKey, by, cancellation);
        var document = await db.UseCaseDocuments.SingleOrDefaultAsync(d => d.UseCaseKey == useCaseKey && d.Number == number, cancellation) ?? throw new NotFoundException("document", $"{useCaseKey}/{number}");
        AccessPolicy.Demand(by, document.AddedBy == by.Id.Value ? Permission.AddDocuments : Permission.WithdrawDocuments, subject);
        var isReliedOn = await db.Database.SqlQuery<bool>($"select is_relied_on({document.Id}) as \"Value\"").SingleAsync(cancellation);
        var now = clock.GetUtcNow();
        document.Withdraw(reason, isReliedOn, by, now);
        if (await EndReviewOf.UnderReviewAsync(db, document.RecordKey, cancellation) is { Count: > 0 })
        {
            Refuse.If(!endsReviews, "in-review", $"{useCaseKey} is being decided on with this document. Withdrawing it ends that review, and the authors submit again.");
            await reviews.RunAsync(db, document.RecordKey, by, now, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        if (!document.IsKept)
        {
            await db.DocumentContents.Where(f => f.DocumentId == document.Id).ExecuteDeleteAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return document;
    }

    /// <returns>Those that count first, the newest on top.</returns>
    public async Task<DocumentSheet> OfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var subject = await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        return new(
            await OfAsync(db, useCaseKey, cancellation),
            AccessPolicy.Allows(reader, Permission.AddDocuments, subject), AccessPolicy.Allows(reader, Permission.WithdrawDocuments, subject));
    }

    /// <exception cref="NotFoundException">There is none for this reader, or its content is gone.</exception>
    public async Task<(UseCaseDocument Document, byte[] Content)> FetchAsync(string useCaseKey, int number, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var document = await db.UseCaseDocuments.AsNoTracking().SingleOrDefaultAsync(d => d.UseCaseKey == useCaseKey && d.Number == number && d.IsKept, cancellation)
            ?? throw new NotFoundException("document", $"{useCaseKey}/{number}");
        return (document, await db.DocumentContents.AsNoTracking().Where(f => f.DocumentId == document.Id).Select(f => f.Content).SingleAsync(cancellation));
    }

    internal static async Task<IReadOnlyList<UseCaseDocument>> OfAsync(GovernanceDb db, string useCaseKey, CancellationToken cancellation) =>
        await db.UseCaseDocuments.AsNoTracking().Where(d => d.UseCaseKey == useCaseKey)
            .OrderBy(d => d.WithdrawnAt != null).ThenByDescending(d => d.Number).Take(UseCaseDocument.Most).ToListAsync(cancellation);

    /// <summary>The use case for its documents alone: nobody else adds or withdraws one, and nothing is submitted, until the transaction ends.</summary>
    private static async Task<Subject> LockedAsync(GovernanceDb db, string useCaseKey, Actor by, CancellationToken cancellation)
    {
        var subject = await db.DemandReadableAsync(useCaseKey, by, cancellation);
        await db.Database.ExecuteSqlAsync($"select from use_case where key = {useCaseKey} for update", cancellation);
        return subject;
    }
}
