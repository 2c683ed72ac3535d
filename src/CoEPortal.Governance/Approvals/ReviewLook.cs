using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>That somebody has looked at a revision, and which of its answers they ticked off.</summary>
public sealed class ReviewLook
{
    public string PersonId { get; init; } = "";

    public Guid UseCaseId { get; init; }

    public int RevisionNumber { get; init; }

    public DateTimeOffset LookedAt { get; init; }

    public List<string> Seen { get; init; } = [];
}

/// <summary>What a reviewer has looked at, so that the next revision is shown as the difference to that.</summary>
public sealed class ReviewLooks(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    private const int MostSeen = 200;

    /// <summary>Notes that a reviewer has the revision before them now.</summary>
    /// <returns>Their last look at an earlier revision, null when this is their first; and what they ticked off in this one.</returns>
    public async Task<(ReviewLook? Last, IReadOnlyList<string> Seen)> LookAsync(Guid useCaseId, int revision, Actor person, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(person, Permission.DecideReviews);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into review_look (person_id, use_case_id, revision_number, looked_at) values ({person.Id.Value}, {useCaseId}, {revision}, {now})
            on conflict (person_id, use_case_id, revision_number) do update set looked_at = excluded.looked_at
            """, cancellation);
        var looks = await db.ReviewLooks.AsNoTracking()
            .Where(l => l.PersonId == person.Id.Value && l.UseCaseId == useCaseId && l.RevisionNumber <= revision)
            .OrderByDescending(l => l.RevisionNumber).Take(2).ToListAsync(cancellation);
        return (looks.Find(l => l.RevisionNumber < revision), looks.Find(l => l.RevisionNumber == revision)?.Seen ?? []);
    }

    /// <param name="seen">Names of answers; unknown ones do no harm.</param>
    public async Task TickAsync(Guid useCaseId, int revision, IReadOnlyCollection<string> seen, Actor person, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(person, Permission.DecideReviews);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var ticked = seen.Take(MostSeen).ToList();
        await db.ReviewLooks.Where(l => l.PersonId == person.Id.Value && l.UseCaseId == useCaseId && l.RevisionNumber == revision)
            .ExecuteUpdateAsync(set => set.SetProperty(l => l.Seen, ticked), cancellation);
    }
}
