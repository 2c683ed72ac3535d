using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Policies;

/// <summary>A policy as one person stands to it.</summary>
/// <param name="Current">The version that holds today; null when the first begins later.</param>
/// <param name="Coming">The next one, if any.</param>
/// <param name="AcknowledgedAt">When this person acknowledged the current version.</param>
public sealed record MyPolicy(string Policy, PolicyVersion? Current, PolicyVersion? Coming, DateTimeOffset? AcknowledgedAt);

/// <summary>How far a policy has reached.</summary>
/// <param name="People">Everybody who may sign in.</param>
public sealed record PolicyReach(PolicyVersion Version, int Acknowledged, int People);

/// <summary>Somebody who has not acknowledged the current version.</summary>
public sealed record Missing(string PersonId, string Name, string BusinessUnit);

/// <summary>Policies, what I have still to read, and who has not.</summary>
public sealed class PolicyShelf(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    private const int MostVersions = 1000;

    public DateOnly Today => organisation.DayOf(clock.GetUtcNow());

    public async Task<IReadOnlyList<MyPolicy>> MineAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.FollowPolicies);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var read = await db.Acknowledgements.AsNoTracking().Where(a => a.PersonId == reader.Id.Value).ToDictionaryAsync(a => (a.Policy, a.Number), a => a.AcknowledgedAt, cancellation);
        return
        [
            .. (await AllAsync(db, cancellation)).GroupBy(v => v.Policy).Select(versions =>
            {
                var current = Current(versions);
                return new MyPolicy(
                    versions.Key, current, versions.Where(v => v.EffectiveOn > Today).OrderBy(v => v.Number).FirstOrDefault(),
                    current is not null && read.TryGetValue((current.Policy, current.Number), out var at) ? at : null);
            }).OrderBy(p => p.AcknowledgedAt is not null).ThenBy(p => p.Policy, StringComparer.Ordinal),
        ];
    }

    /// <returns>All versions, the newest first.</returns>
    public async Task<IReadOnlyList<PolicyVersion>> OneAsync(string policy, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.FollowPolicies);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var versions = await db.PolicyVersions.AsNoTracking().Where(v => v.Policy == policy).OrderByDescending(v => v.Number).Take(MostVersions).ToListAsync(cancellation);
        return versions.Count > 0 ? versions : throw new NotFoundException("policy", policy);
    }

    /// <summary>When somebody acknowledged which versions of a policy.</summary>
    public async Task<IReadOnlyDictionary<int, DateTimeOffset>> ReadByAsync(string policy, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.FollowPolicies);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.Acknowledgements.AsNoTracking().Where(a => a.Policy == policy && a.PersonId == reader.Id.Value).ToDictionaryAsync(a => a.Number, a => a.AcknowledgedAt, cancellation);
    }

    public async Task<IReadOnlyList<PolicyReach>> ReachAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadAcknowledgements);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var people = await db.People.CountAsync(p => p.IsActive, cancellation);
        var counts = await db.Acknowledgements.Where(a => db.People.Any(p => p.Id == a.PersonId && p.IsActive)).GroupBy(a => new { a.Policy, a.Number })
            .Select(g => new { g.Key.Policy, g.Key.Number, Count = g.Count() }).ToDictionaryAsync(g => (g.Policy, g.Number), g => g.Count, cancellation);
        return [.. (await AllAsync(db, cancellation)).GroupBy(v => v.Policy).Select(Current).OfType<PolicyVersion>()
            .Select(v => new PolicyReach(v, counts.GetValueOrDefault((v.Policy, v.Number)), people)).OrderBy(r => r.Version.Policy, StringComparer.Ordinal)];
    }

    /// <summary>Who has not acknowledged the version that holds today.</summary>
    public async Task<Page<Missing>> MissingAsync(string policy, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadAcknowledgements);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var number = Current((await AllAsync(db, cancellation)).Where(v => v.Policy == policy))?.Number ?? throw new NotFoundException("policy", policy);
        return await db.People.AsNoTracking().Where(p => p.IsActive && !db.Acknowledgements.Any(a => a.Policy == policy && a.Number == number && a.PersonId == p.Id))
            .OrderBy(p => p.Name).ThenBy(p => p.Id).Select(p => new Missing(p.Id, p.Name, p.BusinessUnit)).ToPageAsync(page, size, cancellation);
    }

    private static Task<List<PolicyVersion>> AllAsync(GovernanceDb db, CancellationToken cancellation) =>
        db.PolicyVersions.AsNoTracking().OrderByDescending(v => v.PublishedAt).Take(MostVersions).ToListAsync(cancellation);

    private PolicyVersion? Current(IEnumerable<PolicyVersion> versions) => versions.Where(v => v.EffectiveOn <= Today).MaxBy(v => v.Number);
}
