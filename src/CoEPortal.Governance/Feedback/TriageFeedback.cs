using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Feedback;

/// <summary>Says what becomes of feedback: a fix of prompt, retrieval, tool or UI that somebody sees to, and that it is done.</summary>
public sealed class TriageFeedback(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    private const int MostPeople = 500;

    /// <param name="id">Which.</param>
    /// <param name="fix">Where the fix belongs.</param>
    /// <param name="assignee">Who sees to it; null for nobody yet.</param>
    /// <param name="note">For whoever sees to it.</param>
    /// <param name="by">Who triages.</param>
    /// <param name="version">What they saw: a change in between is refused. Null does not ask.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<UserFeedback> RunAsync(
        Guid id, FeedbackFix fix, PersonId? assignee, string note, Actor by, int? version = null, CancellationToken cancellation = default) =>
        ChangeAsync(id, by, version, async (db, feedback, subject, now) =>
        {
            var person = assignee is not { } wanted ? null
                : await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == wanted.Value && p.IsActive, cancellation);
            Refuse.If(assignee is not null && (person is null || !AccessPolicy.Allows(person.Actor, Permission.TakePart, subject)),
                "assignee-cannot", $"Only somebody who works on {feedback.UseCaseKey} can see to it. Choose another person.");
            feedback.Triage(fix, person?.Actor, note, by, now);
        }, cancellation);

    public Task<UserFeedback> FinishAsync(Guid id, string note, Actor by, int? version = null, CancellationToken cancellation = default) =>
        ChangeAsync(id, by, version, (_, feedback, _, now) =>
        {
            feedback.Finish(note, by, now);
            return Task.CompletedTask;
        }, cancellation);

    /// <summary>Who can see to feedback on a use case.</summary>
    public async Task<IReadOnlyList<Actor>> AssigneesAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var subject = await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var people = await db.People.AsNoTracking().Where(p => p.IsActive).OrderBy(p => p.Name).Take(MostPeople).ToListAsync(cancellation);
        return [.. people.Select(p => p.Actor).Where(a => AccessPolicy.Allows(a, Permission.TakePart, subject))];
    }

    private async Task<UserFeedback> ChangeAsync(
        Guid id, Actor by, int? version, Func<GovernanceDb, UserFeedback, Subject, DateTimeOffset, Task> change, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var feedback = await db.UserFeedback.SingleOrDefaultAsync(f => f.Id == id, cancellation) ?? throw new NotFoundException("feedback", id.ToString());
        var subject = await db.DemandReadableAsync(feedback.UseCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.TakePart, subject);
        Refuse.If(version is { } seen && seen != feedback.Version, "changed-meanwhile", "Somebody else changed this at the same moment. Look again, then decide.");
        await change(db, feedback, subject, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        return feedback;
    }
}
