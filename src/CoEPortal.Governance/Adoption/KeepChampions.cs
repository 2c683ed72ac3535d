using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Adoption;

/// <summary>Names champions, takes their answer, and ends what has to end.</summary>
public sealed class KeepChampions(IDbContextFactory<GovernanceDb> databases, Notices notices, Organisation organisation, TimeProvider clock)
{
    internal const string Link = "/champions";

    public async Task<Champion> NameAsync(ChampionDraft draft, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.NameChampions);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var (now, today) = (clock.GetUtcNow(), organisation.DayOf(clock.GetUtcNow()));
        draft = draft with { Department = draft.Department.Trim(), UseCaseKey = string.IsNullOrWhiteSpace(draft.UseCaseKey) ? null : draft.UseCaseKey.Trim().ToUpperInvariant() };
        if (draft.UseCaseKey is { } useCase)
        {
            await db.DemandReadableAsync(useCase, by, cancellation);
        }

        var person = await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == draft.Person.Value && p.IsActive, cancellation);
        Refuse.If(person is null, "person-cannot", "Choose somebody who can sign in.");
        // One at a time: two that name the same person would both find nobody.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtext('champions'))", cancellation);
        Refuse.If(
            await db.Champions.AnyAsync(
                c => c.PersonId == draft.Person.Value && c.Department == draft.Department && c.UseCaseKey == draft.UseCaseKey && c.UntilOn >= draft.FromOn && c.FromOn <= draft.UntilOn
                    && (c.State == ChampionState.Asked || c.State == ChampionState.Accepted), cancellation),
            "champion-known", $"{person.Name} is named for {draft.Department} on these days already.");
        var champion = Champion.Name(draft, person.Actor, today, by, now);
        db.Champions.Add(champion);
        await db.SaveChangesAsync(cancellation);
        await notices.SendAsync(db, [new Notice(
            draft.Person, "champion-asked", $"{by.Name} asks you to be champion for {champion.Department}",
            $"{(champion.UseCaseKey is { } key ? $"For {key}" : "For every use case")}, {champion.FromOn:yyyy-MM-dd} to {champion.UntilOn:yyyy-MM-dd}. Accept or decline.", Link, null, $"champion-asked/{champion.Id:N}")], now, cancellation);
        await transaction.CommitAsync(cancellation);
        return champion;
    }

    public Task<Champion> AnswerAsync(Guid id, bool accepts, string reason, Actor by, CancellationToken cancellation = default) => OnAsync(id, champion =>
    {
        champion.Answer(accepts, reason, by, clock.GetUtcNow());
        return new Notice(
            new PersonId(champion.NamedBy), "champion-answered", $"{champion.PersonName} {(accepts ? "is champion for" : "declined to be champion for")} {champion.Department}",
            champion.UseCaseKey is { } key ? $"For {key}." : "For every use case.", Link, null, $"champion-answered/{champion.Id:N}");
    }, cancellation);

    /// <summary>By a CoE lead, or by the champion.</summary>
    public Task<Champion> EndAsync(Guid id, string reason, Actor by, CancellationToken cancellation = default) => OnAsync(id, champion =>
    {
        if (champion.PersonId != by.Id.Value)
        {
            AccessPolicy.Demand(by, Permission.NameChampions);
        }

        champion.End(reason, by, clock.GetUtcNow());
        return null;
    }, cancellation);

    private async Task<Champion> OnAsync(Guid id, Func<Champion, Notice?> change, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var champion = await db.Champions.SingleOrDefaultAsync(c => c.Id == id, cancellation) ?? throw new NotFoundException("champion", id.ToString());
        var notice = change(champion);
        await db.SaveChangesAsync(cancellation);
        await notices.SendAsync(db, notice is null ? [] : [notice], clock.GetUtcNow(), cancellation);
        await transaction.CommitAsync(cancellation);
        return champion;
    }
}
