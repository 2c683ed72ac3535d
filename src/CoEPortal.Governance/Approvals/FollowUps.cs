using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>A condition as a list shows it.</summary>
public sealed record FollowUpRow(ConditionFollowUp FollowUp, string Title, bool IsOverdue, bool MayReport, bool MayJudge, bool MayMove);

/// <summary>What conditions ask of whom: those of a use case, and those that wait for a person.</summary>
public sealed class FollowUps(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    private const int MostOfUseCase = 200;

    public async Task<IReadOnlyList<FollowUpRow>> OfUseCaseAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var title = await db.UseCases.Where(u => u.Key == useCaseKey).Select(u => u.Title).SingleAsync(cancellation);
        var followUps = await db.ConditionFollowUps.AsNoTracking().Where(f => f.UseCaseKey == useCaseKey)
            .OrderByDescending(f => f.RoundNumber).ThenBy(f => f.Number).Take(MostOfUseCase).ToListAsync(cancellation);
        return followUps.ConvertAll(f => RowOf(f, title, reader));
    }

    /// <summary>Open ones that the person owns, and reported ones that their function judges; the most urgent first.</summary>
    public async Task<Page<FollowUpRow>> WaitingAsync(Actor person, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var rows = Waiting(db, person);
        var found = await (
            from followUp in rows
            join useCase in db.UseCases.AsNoTracking() on followUp.UseCaseKey equals useCase.Key
            orderby followUp.DueOn, followUp.Id
            select new { followUp, useCase.Title }).ToPageAsync(page, size, cancellation);
        return new Page<FollowUpRow>([.. found.Items.Select(f => RowOf(f.followUp, f.Title, person))], found.Total, found.Number, found.Size);
    }

    public async Task<int> CountWaitingAsync(Actor person, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await Waiting(db, person).CountAsync(cancellation);
    }

    private static IQueryable<ConditionFollowUp> Waiting(GovernanceDb db, Actor person)
    {
        var functions = person.Roles.ToList();
        var me = person.Id.Value;
        return db.ConditionFollowUps.AsNoTracking().Where(f =>
            f.State == FollowUpState.Open && f.OwnerId == me
            || f.State == FollowUpState.Reported && functions.Contains(f.Function) && f.ReportedBy != me);
    }

    private FollowUpRow RowOf(ConditionFollowUp followUp, string title, Actor reader) => new(
        followUp, title,
        followUp.State is FollowUpState.Open && followUp.DueOn < organisation.DayOf(clock.GetUtcNow()),
        followUp.State is FollowUpState.Open && (followUp.OwnerId == reader.Id.Value || reader.Is(Role.CoeLead)),
        followUp.State is FollowUpState.Reported && reader.Is(followUp.Function) && followUp.ReportedBy != reader.Id.Value,
        followUp.State is FollowUpState.Open && (reader.Is(followUp.Function) || reader.Is(Role.CoeLead)));
}
