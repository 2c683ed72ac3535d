using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Training;

/// <summary>
/// Once a day: moves the day by which enforcement reads validity, and reminds whose training is missing, ended or ends soon. Until
/// a sweep runs, enforcement goes by the day before: a portal without a worker stops nobody, and lets nobody new in.
/// </summary>
public sealed class SweepTraining(IDbContextFactory<GovernanceDb> databases, Notices notices, Organisation organisation, TimeProvider clock)
{
    private const int AtOnce = 500;

    /// <returns>How many were reminded.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation = default)
    {
        var today = organisation.DayOf(clock.GetUtcNow());
        await MoveDayAsync(today, cancellation);
        var (reminded, after) = (0, ("", ""));
        while (true)
        {
            await using var db = await databases.CreateDbContextAsync(cancellation);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            var isDue = await db.Database.SqlQuery<bool>($"select (reminded_on is null or reminded_on < {today}) as \"Value\" from training_state").ToListAsync(cancellation);
            if (!isDue[0])
            {
                return reminded;
            }

            var (soon, person, course) = (today.AddDays(TrainingStanding.SoonDays), after.Item1, after.Item2);
            var some = await db.Database.SqlQuery<TrainingStanding>(
                $"""
                select person_id "PersonId", person "Person", business_unit "BusinessUnit", course_key "CourseKey", title "Title", until "Until" from training_standing
                where (until is null or until < {soon}) and (person_id, course_key) > ({person}, {course}) order by person_id, course_key limit {AtOnce}
                """).ToListAsync(cancellation);
            if (some.Count == 0)
            {
                await db.Database.ExecuteSqlAsync($"update training_state set reminded_on = {today}", cancellation);
            }

            // Who was told of this state already is told no second time.
            await notices.SendAsync(db, [.. some.Select(s => NoticeOf(s, s.On(today)))], clock.GetUtcNow(), cancellation);
            await transaction.CommitAsync(cancellation);
            if (some.Count == 0)
            {
                return reminded;
            }

            (reminded, after) = (reminded + some.Count, (some[^1].PersonId, some[^1].CourseKey));
        }
    }

    private async Task MoveDayAsync(DateOnly today, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var isMoved = await db.Database.ExecuteSqlAsync($"update training_state set today = {today} where today <> {today}", cancellation) > 0;
        if (isMoved && await db.Courses.AnyAsync(c => c.RequiredBy.Count > 0, cancellation))
        {
            await EnforcementGeneration.NextAsync(db, cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    private static Notice NoticeOf(TrainingStanding s, Standing standing) => new(
        new PersonId(s.PersonId), "training-due",
        standing switch { Standing.Never => $"{s.Title} is for you to take", Standing.Ended => $"{s.Title} has to be taken again", _ => $"{s.Title} ends soon" },
        s.Until is { } until ? $"It counts until {until:yyyy-MM-dd}." : "You have not completed it yet.", "/training", null, $"training/{s.CourseKey}/{s.Until:yyyyMMdd}/{standing}");
}
