using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Training;

/// <summary>Adds and changes courses, and says which use cases require them. What changes who may pass raises the generation.</summary>
public sealed class DefineCourse(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public async Task<Course> AddAsync(string key, CourseDraft draft, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManageTraining);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var course = Course.Add(key, draft, by, clock.GetUtcNow());
        Refuse.If(await db.Courses.AnyAsync(c => c.Key == course.Key, cancellation), "course-known", $"There is a course {course.Key} already. Change that one, or use another key.");
        db.Courses.Add(course);
        await db.SaveChangesAsync(cancellation);
        return course;
    }

    public Task<Course> ChangeAsync(string key, CourseDraft draft, bool isNewEdition, bool isNeededAgain, int? version, Actor by, CancellationToken cancellation = default) => DoAsync(
        key, course =>
        {
            Refuse.If(version is not null && version != course.Version, "changed-meanwhile", "Somebody else changed this at the same moment. Look again, then decide.");
            course.Change(draft, isNewEdition, isNeededAgain, by, clock.GetUtcNow());
        }, by, cancellation);

    public Task<Course> RetireAsync(string key, Actor by, CancellationToken cancellation = default) => DoAsync(key, c => c.Retire(by, clock.GetUtcNow()), by, cancellation);

    /// <summary>From now on a request of an end user passes only if the register knows that they completed it. Nobody known, nobody passes.</summary>
    public Task<Course> RequireAsync(string key, string useCase, Actor by, CancellationToken cancellation = default) => DoAsync(key, c => c.RequireFor(useCase, by, clock.GetUtcNow()), by, cancellation, useCase);

    public Task<Course> NoLongerRequireAsync(string key, string useCase, Actor by, CancellationToken cancellation = default) =>
        DoAsync(key, c => c.NoLongerRequireFor(useCase, by, clock.GetUtcNow()), by, cancellation, useCase);

    private async Task<Course> DoAsync(string key, Action<Course> change, Actor by, CancellationToken cancellation, string? useCase = null)
    {
        AccessPolicy.Demand(by, Permission.ManageTraining);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (useCase is not null)
        {
            await db.DemandReadableAsync(useCase, by, cancellation);
        }

        var course = await db.Courses.SingleOrDefaultAsync(c => c.Key == key, cancellation) ?? throw new NotFoundException("course", key);
        change(course);
        if (useCase is not null || course.RequiredBy.Count > 0)
        {
            await EnforcementGeneration.SaveAsync(db, cancellation);
        }
        else
        {
            await db.SaveChangesAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return course;
    }
}
