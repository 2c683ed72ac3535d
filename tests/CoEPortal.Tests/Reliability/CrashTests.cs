using System.Globalization;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Reliability;

/// <summary>
/// A process dies at every point of a command, between any two statements and around the commit. What it left is the
/// state before or the state after, never something between; and whoever tries again gets to where it would have got.
/// </summary>
public sealed class CrashTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private const int ProcessesAtOnce = 2;

    /// <summary>Of the points, in the ordinary run.</summary>
    private const int EveryFifth = 5;

    private static readonly string[] Sample = ["the last vote, with a condition"];

    public static TheoryData<string> Commands => [.. CrashCommand.All.Select(c => c.Name).Where(n => FullRun.IsOn || Sample.Contains(n))];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_process_that_dies_anywhere_in_a_command_leaves_all_of_it_or_nothing(string name)
    {
        var command = CrashCommand.Named(name);
        await using var node = Node.Start(Database.RuntimeConnectionString, Clock);
        // Who acts for the first time is given a key, which is more to do than ever after.
        Assert.Equal(0, (await StartAsync(command, await command.PrepareAsync(node), 0)).ExitCode);
        var whole = await command.PrepareAsync(node);
        var before = await StandingOfAsync(whole);
        var (exit, points) = await StartAsync(command, whole, 0);
        var after = await StandingOfAsync(whole);
        Assert.Equal(0, exit);
        Assert.NotEqual(before, after);

        var last = int.Parse(points, CultureInfo.InvariantCulture);
        var chosen = Enumerable.Range(1, last).Where(p => FullRun.IsOn || p % EveryFifth == 1 || p >= last - 1);
        await Parallel.ForEachAsync(chosen, new ParallelOptions { MaxDegreeOfParallelism = ProcessesAtOnce }, async (point, _) =>
        {
            var subject = await command.PrepareAsync(node);
            Assert.Equal((CrashingNode.Killed, ""), await StartAsync(command, subject, point));

            var left = await StandingOfAsync(subject);
            // Only the last point is after the commit.
            Assert.Equal(point == last ? after : before, left);
            await DemandInvariantsAsync();

            Assert.Equal(point == last ? command.RefusedAfter : "done", await Node.OutcomeAsync(() => command.RunAsync(node, subject)));
            Assert.Equal(after, await StandingOfAsync(subject));
        });
    }

    private Task<(int ExitCode, string Output)> StartAsync(CrashCommand command, CrashSubject subject, int point) =>
        CrashingNode.StartAsync(Database.RuntimeConnectionString, Clock.GetUtcNow(), command, subject, point);

    private async Task<string> StandingOfAsync(CrashSubject subject)
    {
        await using var connection = new NpgsqlConnection(Database.OwnerConnectionString);
        await connection.OpenAsync();
        return await Standing.OfAsync(connection, subject.Key);
    }
}
