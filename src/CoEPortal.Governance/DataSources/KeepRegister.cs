using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.DataSources;

/// <summary>Registers sources of data and keeps what is known of them true.</summary>
public sealed class KeepRegister(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public async Task<DataSource> RegisterAsync(DataSourceDraft draft, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManageDataSources);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await DemandSoundAsync(db, "", draft, cancellation);
        var number = await db.Database.SqlQuery<long>($"select nextval('data_source_number') as \"Value\"").SingleAsync(cancellation);
        var source = DataSource.Register(FormattableString.Invariant($"DS-{number:0000}"), draft, by, clock.GetUtcNow());
        db.DataSources.Add(source);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return source;
    }

    /// <param name="version">What the writer saw.</param>
    public Task<DataSource> ChangeAsync(string key, DataSourceDraft draft, int version, Actor by, CancellationToken cancellation = default) => OnAsync(key, by, async (db, source, now) =>
    {
        Refuse.If(version != source.Version, "changed-meanwhile", $"{key} was changed in another tab or by somebody else since you opened it. Copy what you need, then load the newer one.");
        await DemandSoundAsync(db, key, draft, cancellation);
        source.Change(draft, by, now);
    }, cancellation);

    public Task<DataSource> GiveAsync(string key, PersonId owner, Actor by, CancellationToken cancellation = default) => OnAsync(key, by, async (db, source, now) =>
    {
        var person = await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == owner.Value && p.IsActive, cancellation);
        Refuse.If(person is null, "owner-cannot", "Choose somebody who can sign in.");
        source.GiveTo(person.Actor, by, now);
    }, cancellation);

    public Task<DataSource> RetireAsync(string key, Actor by, CancellationToken cancellation = default) => OnAsync(key, by, async (db, source, now) =>
    {
        var fed = await db.DataSources.AsNoTracking().Where(s => s.RetiredAt == null && s.FeedsOn.Contains(key)).OrderBy(s => s.Key).Select(s => s.Key).FirstOrDefaultAsync(cancellation);
        Refuse.If(fed is not null, "feeds-another", $"{fed} is filled from {key}. Say first where it comes from instead.");
        source.Retire(by, now);
    }, cancellation);

    private async Task<DataSource> OnAsync(string key, Actor by, Func<GovernanceDb, DataSource, DateTimeOffset, Task> change, CancellationToken cancellation)
    {
        AccessPolicy.Demand(by, Permission.ManageDataSources);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var source = await db.DataSources.SingleOrDefaultAsync(s => s.Key == key, cancellation) ?? throw new NotFoundException("data source", key);
        await change(db, source, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return source;
    }

    /// <summary>One name is one source, and nothing is filled from what does not exist or comes from itself by a detour.</summary>
    private static async Task DemandSoundAsync(GovernanceDb db, string key, DataSourceDraft draft, CancellationToken cancellation)
    {
        // One change of lineage at a time: two that each close half of a circle would both be let through.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtext('data-sources'))", cancellation);
        var all = await db.DataSources.AsNoTracking().Where(s => s.RetiredAt == null).Select(s => new { s.Key, s.Name, s.FeedsOn }).ToDictionaryAsync(s => s.Key, cancellation);
        var twin = all.Values.FirstOrDefault(s => s.Key != key && string.Equals(s.Name, draft.Name.Trim(), StringComparison.OrdinalIgnoreCase));
        Refuse.If(twin is not null, "name-taken", $"{twin?.Key} is called so already.");
        var unknown = draft.FeedsOn.FirstOrDefault(k => !all.ContainsKey(k));
        Refuse.If(unknown is not null, "unknown-source", $"There is no source {(unknown?.Length > 40 ? unknown[..40] : unknown)} that it could be filled from.");
        var (seen, next) = (new HashSet<string>(), new Stack<string>(draft.FeedsOn));
        while (next.TryPop(out var at))
        {
            Refuse.If(at == key, "circle", $"{key} would be filled from itself by a detour.");
            if (seen.Add(at) && all.TryGetValue(at, out var source))
            {
                source.FeedsOn.ForEach(next.Push);
            }
        }
    }
}
