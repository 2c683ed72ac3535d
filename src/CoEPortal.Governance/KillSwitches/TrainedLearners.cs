using System.Collections.Frozen;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Training;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>
/// Who may use what asks for training: for each required course the salted hashes of those whose completion counts on the day of
/// the snapshot. Nothing of it leads back to a name.
/// </summary>
/// <param name="Salt">16 bytes, the same for all courses.</param>
/// <param name="ByCourse">By the course's key; see <see cref="LearnerHash"/>.</param>
public sealed record TrainedLearners(byte[] Salt, FrozenDictionary<string, FrozenSet<UInt128>> ByCourse)
{
    public static TrainedLearners Nobody { get; } = new([], FrozenDictionary<string, FrozenSet<UInt128>>.Empty);

    /// <returns>The first required course that this user has not completed, null when there is none. Who is unknown has completed nothing.</returns>
    public string? MissingOf(GovernedUseCase useCase, string? user)
    {
        if (LearnerHash.Of(Salt, user) is not { } learner)
        {
            return useCase.Courses[0];
        }

        foreach (var course in useCase.Courses)
        {
            if (!ByCourse.TryGetValue(course, out var trained) || !trained.Contains(learner))
            {
                return course;
            }
        }

        return null;
    }

    internal static async Task<TrainedLearners> LoadAsync(GovernanceDb db, CancellationToken cancellation)
    {
        var salt = (await db.Database.SqlQuery<byte[]>($"select salt \"Value\" from training_state").ToListAsync(cancellation))[0];
        var rows = await db.Database.SqlQuery<Trained>(
            $"""
            select distinct t.course_key "Course", t.learner "Learner" from training_completion t join course c on c.key = t.course_key cross join training_state s
            where cardinality(c.required_by) > 0 and t.learner is not null and t.withdrawn_at is null and t.edition >= c.oldest_counting and t.completed_on + c.valid_for_days >= s.today
            """).ToListAsync(cancellation);
        return new(salt, rows.GroupBy(r => r.Course).ToFrozenDictionary(g => g.Key, g => g.Select(r => LearnerHash.Read(r.Learner)).ToFrozenSet()));
    }

    private sealed record Trained(string Course, byte[] Learner);
}
