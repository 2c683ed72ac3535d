using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Training;

public enum Standing { Valid, EndsSoon, Ended, Never }

/// <summary>How somebody stands to a course that is for them.</summary>
/// <param name="Until">The last day on which it counts; null when nothing counts.</param>
public sealed record TrainingStanding(string PersonId, string Person, string BusinessUnit, string CourseKey, string Title, DateOnly? Until)
{
    /// <summary>So many days before its end people are reminded.</summary>
    public const int SoonDays = 14;

    public Standing On(DateOnly today) => Until is not { } until ? Standing.Never : until < today ? Standing.Ended : until < today.AddDays(SoonDays) ? Standing.EndsSoon : Standing.Valid;
}

/// <param name="Trained">How many persons and end users hold it now.</param>
public sealed record CourseRow(Course Course, int Trained);

/// <summary>A course of one's own, with where to take it.</summary>
public sealed record MyCourse(TrainingStanding Standing, string Description, string? Link, DateOnly? CompletedOn);

/// <param name="Learner">The beginning of the hash of an end user; null where only the portal knows them.</param>
public sealed record CompletionRow(Guid Id, string CourseKey, int Edition, string? Person, string? Learner, DateOnly CompletedOn, string Evidence, string? EvidenceHash, string? FileType, int? FileLength, TrainingSource Source, bool IsWithdrawn);

/// <summary>Who completed what, who is late, and what is for oneself.</summary>
public sealed class TrainingRegister(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    private const int MostPeople = 1000;

    public DateOnly Today => organisation.DayOf(clock.GetUtcNow());

    /// <summary>Everybody's own; what is late first.</summary>
    public async Task<IReadOnlyList<MyCourse>> MineAsync(Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var me = reader.Id.Value;
        var standings = await Standings(db).Where(s => s.PersonId == me).OrderBy(s => s.Until == null ? DateOnly.MinValue : s.Until).ThenBy(s => s.Title).Take(200).ToListAsync(cancellation);
        var courses = await db.Courses.AsNoTracking().Where(c => c.RetiredAt == null).ToDictionaryAsync(c => c.Key, cancellation);
        return [.. standings.Select(s => new MyCourse(s, courses[s.CourseKey].Description, courses[s.CourseKey].Link, s.Until?.AddDays(-courses[s.CourseKey].ValidForDays)))];
    }

    public async Task<int> CountMineLateAsync(Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var (me, today) = (reader.Id.Value, Today);
        return await Standings(db).CountAsync(s => s.PersonId == me && (s.Until == null || s.Until < today), cancellation);
    }

    public async Task<IReadOnlyList<CourseRow>> CoursesAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadTraining);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var today = Today;
        var trained = await db.Database.SqlQuery<Trained>(
            $"""
            select t.course_key "Course", count(distinct coalesce(t.person_id, encode(t.learner, 'hex')))::int "People" from training_completion t join course c on c.key = t.course_key
            where t.withdrawn_at is null and t.edition >= c.oldest_counting and t.completed_on + c.valid_for_days >= {today} group by 1
            """).ToDictionaryAsync(t => t.Course, t => t.People, cancellation);
        var courses = await db.Courses.AsNoTracking().OrderBy(c => c.RetiredAt != null).ThenBy(c => c.Title).Take(500).ToListAsync(cancellation);
        return [.. courses.Select(c => new CourseRow(c, trained.GetValueOrDefault(c.Key)))];
    }

    /// <summary>Persons of the portal whose training is missing, ended or ends soon; the latest first.</summary>
    public async Task<Page<TrainingStanding>> OverdueAsync(string? course, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadTraining);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var soon = Today.AddDays(TrainingStanding.SoonDays);
        return await Standings(db).Where(s => (s.Until == null || s.Until < soon) && (course == null || s.CourseKey == course))
            .OrderBy(s => s.Until == null ? DateOnly.MinValue : s.Until).ThenBy(s => s.Person).ThenBy(s => s.PersonId).ThenBy(s => s.CourseKey).ToPageAsync(page, size, cancellation);
    }

    public async Task<Page<CompletionRow>> CompletionsAsync(string? course, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadTraining);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var found = await db.Completions.AsNoTracking().Where(c => course == null || c.CourseKey == course)
            .OrderByDescending(c => c.CompletedOn).ThenByDescending(c => c.Id)
            .Select(c => new { Completion = c, Person = db.People.Where(p => p.Id == c.PersonId).Select(p => p.Name).FirstOrDefault() }).ToPageAsync(page, size, cancellation);
        return new(
            [
                .. found.Items.Select(r => new CompletionRow(
                    r.Completion.Id, r.Completion.CourseKey, r.Completion.Edition, r.Person, r.Completion.Learner is { } learner ? Convert.ToHexStringLower(learner.AsSpan(0, 4)) : null,
                    r.Completion.CompletedOn, r.Completion.Evidence, r.Completion.EvidenceHash, r.Completion.FileType, r.Completion.FileLength, r.Completion.Source, r.Completion.WithdrawnAt is not null)),
            ],
            found.Total, found.Number, found.Size);
    }

    /// <exception cref="NotFoundException">No certificate of it is kept, or no longer.</exception>
    public async Task<(Completion Completion, byte[] Content)> CertificateAsync(Guid id, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadTraining);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var found = await (
            from completion in db.Completions.AsNoTracking()
            join certificate in db.Certificates on completion.Id equals certificate.CompletionId
            where completion.Id == id
            select new { completion, certificate.Content }).SingleOrDefaultAsync(cancellation);
        return found is null ? throw new NotFoundException("certificate", id.ToString()) : (found.completion, found.Content);
    }

    /// <summary>Of whom a completion can be recorded by hand, by name.</summary>
    public async Task<IReadOnlyList<Actor>> PeopleAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ManageTraining);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return [.. (await db.People.AsNoTracking().Where(p => p.IsActive).OrderBy(p => p.Name).ThenBy(p => p.Id).Take(MostPeople).ToListAsync(cancellation)).Select(p => p.Actor)];
    }

    internal static IQueryable<TrainingStanding> Standings(GovernanceDb db) => db.Database.SqlQuery<TrainingStanding>(
        $"""select person_id "PersonId", person "Person", business_unit "BusinessUnit", course_key "CourseKey", title "Title", until "Until" from training_standing""");

    private sealed record Trained(string Course, int People);
}
