using System.Collections.Concurrent;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Reliability;

/// <summary>
/// Two nodes, one database, two people in the same moment:
/// <code>
/// node 1   node 2
/// begin    begin
/// lock     lock …waits
/// decide
/// commit   …has it, and reads what node 1 wrote
///          decides on that, or refuses in words
/// </code>
/// Each ending that is not written down in <see cref="Races"/> is wrong, also when nothing was damaged: a vote that was
/// refused only because another came in the same moment, for instance.
/// </summary>
public sealed class RaceTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private const int PreparedAtOnce = 4;

    private static int Rounds => FullRun.IsOn ? 2000 : 100;

    public static TheoryData<string> Names => [.. Races.All.Select(r => r.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task However_two_people_race_there_is_no_wrong_outcome(string name)
    {
        var race = Races.Named(name);
        await using var one = Node.Start(Database.RuntimeConnectionString, Clock);
        await using var other = Node.Start(Database.RuntimeConnectionString, Clock);
        await Races.GivenThePeopleAsync(one, Clock.GetUtcNow());
        var contests = new ConcurrentBag<Contest>();
        await Parallel.ForAsync(0, Rounds, new ParallelOptions { MaxDegreeOfParallelism = PreparedAtOnce }, async (_, _) => contests.Add(await race.PrepareAsync(one)));

        var run = new List<(Contest, string, string)>();
        foreach (var contest in contests)
        {
            var (first, second) = await Race.RunAsync(contest, one, other);
            run.Add((contest, first, second));
        }

        await using var connection = new NpgsqlConnection(Database.OwnerConnectionString);
        await connection.OpenAsync();
        Assert.Empty(await race.WrongAsync(run, connection));
    }
}
