using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Intake;

/// <summary>Somebody who writes on a one-pager, or did.</summary>
/// <param name="IsAuthor">Began it, and stays on it.</param>
/// <param name="IsFormer">Was taken off it; still decides on nothing of it.</param>
public sealed record Editor(PersonId Id, string Name, string BusinessUnit, bool IsAuthor, bool IsFormer);

/// <summary>Authors invite others to write on their one-pager, also from another business unit, and take them off it again.</summary>
public sealed class InviteEditor(IDbContextFactory<GovernanceDb> databases, Notices notices, TimeProvider clock)
{
    private const int MostPeople = 500;

    public Task RunAsync(string key, PersonId person, Actor by, CancellationToken cancellation = default) => ChangeAsync(key, by, async (db, useCase, now) =>
    {
        var invited = (await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == person.Value && p.IsActive, cancellation))?.Actor;
        Refuse.If(invited is null, "unknown-person", "Choose somebody who can sign in.");
        useCase.Invite(invited, by, now);
        var title = useCase.Title.Length > 0 ? $"{useCase.Key} {useCase.Title}" : useCase.Key;
        await notices.SendAsync(
            db, [new Notice(person, "editor-invited", $"{by.Name} invited you to write on {title}", "You are one of its editors now, so you decide on nothing of it.", $"/propose/{key}", key, $"editor/{useCase.Id:N}/{useCase.Version}")],
            now, cancellation);
    }, cancellation);

    /// <param name="reason">Needed unless people take themselves off.</param>
    public Task TakeOffAsync(string key, PersonId person, string reason, Actor by, CancellationToken cancellation = default) => ChangeAsync(key, by, async (db, useCase, now) =>
    {
        var name = await db.People.AsNoTracking().Where(p => p.Id == person.Value).Select(p => p.Name).SingleOrDefaultAsync(cancellation);
        useCase.TakeOff(person, name ?? "Nobody of that id", reason, by, now);
    }, cancellation);

    /// <summary>The author first, then by name; former editors last.</summary>
    public async Task<IReadOnlyList<Editor>> OfAsync(string key, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(key, reader, cancellation);
        var useCase = await db.UseCases.AsNoTracking().Where(u => u.Key == key).Select(u => new { u.CreatedBy, u.Editors, u.FormerEditors }).SingleAsync(cancellation);
        var people = await db.People.AsNoTracking().Where(p => useCase.Editors.Contains(p.Id) || useCase.FormerEditors.Contains(p.Id))
            .Select(p => new { p.Id, p.Name, p.BusinessUnit }).ToListAsync(cancellation);
        return
        [
            .. people.Select(p => new Editor(new(p.Id), p.Name, p.BusinessUnit, p.Id == useCase.CreatedBy, useCase.FormerEditors.Contains(p.Id)))
                .OrderBy(e => e.IsFormer).ThenBy(e => !e.IsAuthor).ThenBy(e => e.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Who could be invited: who proposes use cases, decides on none, and is not an editor yet.</summary>
    public async Task<IReadOnlyList<Actor>> InvitableAsync(string key, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var subject = await db.DemandReadableAsync(key, by, cancellation);
        AccessPolicy.Demand(by, Permission.ProposeUseCase, subject);
        var people = await db.People.AsNoTracking().Where(p => p.IsActive).OrderBy(p => p.Name).Take(MostPeople).ToListAsync(cancellation);
        return
        [
            .. people.Select(p => p.Actor).Where(a =>
                AccessPolicy.Allows(a, Permission.ProposeUseCase) && !AccessPolicy.Allows(a, Permission.DecideReviews) && !subject.Authors.Contains(a.Id)),
        ];
    }

    private async Task ChangeAsync(string key, Actor by, Func<GovernanceDb, UseCase, DateTimeOffset, Task> change, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(key, by, cancellation);
        await change(db, useCase, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
