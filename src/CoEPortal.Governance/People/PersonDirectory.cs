using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.People;

/// <summary>Where a person's mail goes, and whether they want any.</summary>
public sealed record MailPreference(string? Email, bool IsWanted);

/// <summary>Who holds which roles now. A circuit outlives a sign-in by hours, so commands ask here, not the cookie.</summary>
public sealed class PersonDirectory(IDbContextFactory<GovernanceDb> databases)
{
    /// <returns>Null when the person is unknown or no longer active.</returns>
    public async Task<Actor?> FindAsync(PersonId id, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var person = await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id.Value && p.IsActive, cancellation);
        return person?.Actor;
    }

    public async Task<MailPreference> MailOfAsync(PersonId id, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.People.Where(p => p.Id == id.Value).Select(p => new MailPreference(p.Email, p.WantsMail)).SingleOrDefaultAsync(cancellation)
            ?? throw new NotFoundException("person", id.Value);
    }

    /// <summary>People who hold a role now, by name.</summary>
    public async Task<IReadOnlyList<Actor>> HoldersAsync(Role role, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var people = await db.People.AsNoTracking().Where(p => p.IsActive && p.Roles.Contains(role)).OrderBy(p => p.Name)
            .Take(100).ToListAsync(cancellation);
        return [.. people.Select(p => p.Actor)];
    }
}
