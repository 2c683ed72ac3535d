using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Incidents;

/// <summary>What of the list somebody wants to see; null is all.</summary>
/// <param name="UnderWay">Those that are not resolved.</param>
/// <param name="Mine">Reported by, or with a role or an open action of, this person.</param>
public sealed record IncidentFilter(
    IncidentState? State = null, IncidentSeverity? Severity = null, IncidentCategory? Category = null, string? UseCaseKey = null, bool UnderWay = false, bool Mine = false, string? Search = null);

public enum IncidentSort { Reported, Severity, State, Deadline }

/// <param name="NextDue">Of its running clocks; null when none runs.</param>
public sealed record IncidentRow(
    string Key, string Title, IncidentCategory Category, IncidentSeverity? Severity, IncidentState State, IReadOnlyList<string> UseCaseKeys, string ReportedByName, string? LeadName,
    DateTimeOffset ReportedAt, DateTimeOffset? NextDue, int OpenActions);

public sealed record IncidentCounts(IReadOnlyDictionary<IncidentState, int> States)
{
    public int All => States.Values.Sum();

    public int UnderWay => Of(IncidentState.Reported) + Of(IncidentState.Open) + Of(IncidentState.Contained);

    public int Of(IncidentState state) => States.GetValueOrDefault(state);
}

/// <summary>The incidents that somebody may know of, filtered, sorted and paged by the database.</summary>
public sealed class IncidentList(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<Page<IncidentRow>> PageAsync(
        IncidentFilter filter, Actor reader, IncidentSort sort = IncidentSort.Reported, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var found = Filtered(IncidentScope.Visible(db, reader), filter, reader);
        // Enumerations are stored as words, which the database would sort by the alphabet.
        var sorted = sort switch
        {
            IncidentSort.Severity => found.OrderByDescending(i => i.Severity == IncidentSeverity.Critical ? 4 : i.Severity == IncidentSeverity.Serious ? 3 : i.Severity == IncidentSeverity.Moderate ? 2 : i.Severity == IncidentSeverity.Low ? 1 : 5),
            IncidentSort.State => found.OrderBy(i => i.State == IncidentState.Reported ? 0 : i.State == IncidentState.Open ? 1 : i.State == IncidentState.Contained ? 2 : i.State == IncidentState.Resolved ? 3 : 4),
            IncidentSort.Deadline => found.OrderBy(i => i.Clocks.Where(c => c.State == ClockState.Running).Min(c => (DateTimeOffset?)c.DueAt) ?? DateTimeOffset.MaxValue),
            _ => found.OrderByDescending(i => i.ReportedAt),
        };
        return await sorted.ThenByDescending(i => i.ReportedAt).ThenByDescending(i => i.Id).Select(i => new IncidentRow(
            i.Key, i.Title, i.Category, i.Severity, i.State, i.UseCaseKeys, i.ReportedByName,
            i.Roles.Where(r => r.Role == IncidentRoleKind.Lead).Select(r => r.PersonName).FirstOrDefault(), i.ReportedAt,
            i.Clocks.Where(c => c.State == ClockState.Running).Min(c => (DateTimeOffset?)c.DueAt),
            i.Actions.Count(a => a.State == ActionState.Open || a.State == ActionState.Done))).ToPageAsync(page, size, cancellation);
    }

    /// <summary>How many are in each state, whichever of them the filter names.</summary>
    public async Task<IncidentCounts> CountsAsync(IncidentFilter filter, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return new IncidentCounts(await Filtered(IncidentScope.Visible(db, reader), filter with { State = null, UnderWay = false }, reader)
            .GroupBy(i => i.State).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellation));
    }

    private static IQueryable<Incident> Filtered(IQueryable<Incident> all, IncidentFilter filter, Actor reader)
    {
        var me = reader.Id.Value;
        all = filter.State is { } state ? all.Where(i => i.State == state) : all;
        all = filter.UnderWay ? all.Where(i => i.State == IncidentState.Reported || i.State == IncidentState.Open || i.State == IncidentState.Contained) : all;
        all = filter.Severity is { } severity ? all.Where(i => i.Severity == severity) : all;
        all = filter.Category is { } category ? all.Where(i => i.Category == category) : all;
        all = filter.UseCaseKey is { Length: > 0 } key ? all.Where(i => i.UseCaseKeys.Contains(key)) : all;
        all = filter.Mine ? all.Where(i => i.ReportedBy == me || i.Roles.Any(r => r.PersonId == me) || i.Actions.Any(a => a.OwnerId == me && a.State == ActionState.Open)) : all;
        if (filter.Search is { Length: > 0 } search)
        {
            var pattern = Search.Pattern(search);
            all = all.Where(i => EF.Functions.ILike(i.Key, pattern, Search.Escape) || EF.Functions.ILike(i.Title, pattern, Search.Escape) || EF.Functions.ILike(i.Description, pattern, Search.Escape));
        }

        return all;
    }
}
