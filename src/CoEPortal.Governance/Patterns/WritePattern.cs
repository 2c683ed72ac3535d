using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Patterns;

/// <summary>Starts a pattern and saves its text as it is written. Nothing of it holds before somebody else publishes it.</summary>
public sealed class WritePattern(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public async Task<Pattern> StartAsync(PatternContent content, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManagePatterns);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var number = await db.Database.SqlQuery<long>($"select nextval('pattern_number') as \"Value\"").SingleAsync(cancellation);
        var pattern = Pattern.Start(FormattableString.Invariant($"PAT-{number:0000}"), content, by, clock.GetUtcNow());
        db.Patterns.Add(pattern);
        await db.SaveChangesAsync(cancellation);
        return pattern;
    }

    /// <param name="version">What the writer saw: a change in between is refused, and nothing is lost on either side.</param>
    public async Task<Pattern> SaveAsync(string key, PatternContent content, int version, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManagePatterns);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var pattern = await db.Patterns.SingleOrDefaultAsync(p => p.Key == key, cancellation) ?? throw new NotFoundException("pattern", key);
        Refuse.If(version != pattern.Version, "changed-meanwhile", $"{key} was changed in another tab or by somebody else since you opened it. Your text is still on this page: copy what you need, then load the newer one.");
        pattern.Save(content, by, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        return pattern;
    }

    public async Task<Pattern> GiveAsync(string key, PersonId owner, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManagePatterns);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var pattern = await db.Patterns.SingleOrDefaultAsync(p => p.Key == key, cancellation) ?? throw new NotFoundException("pattern", key);
        var person = await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == owner.Value && p.IsActive, cancellation);
        Refuse.If(person is null || !AccessPolicy.Allows(person.Actor, Permission.ManagePatterns), "owner-cannot", "Only somebody who may write patterns can own one. Choose another person.");
        pattern.GiveTo(person.Actor, by, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        return pattern;
    }
}
