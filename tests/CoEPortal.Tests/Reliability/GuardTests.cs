using CoEPortal.Tests.Persistence;
using CoEPortal.Tests.Workflows;
using Npgsql;

namespace CoEPortal.Tests.Reliability;

/// <summary>
/// A race test that passes proves something only if it fails without what it guards. Here the guards are taken out, and
/// two transactions are led hand in hand so that the race is certain; `--full` takes them out of the source instead.
/// </summary>
public sealed class GuardTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    protected override bool LeavesTheDatabaseSound => false;

    private const Guard Record = Guard.Lock | Guard.Version | Guard.Numbering;
    private const Guard Everything = Record | Guard.OneForEachFunction | Guard.OneForEachPerson;

    private const string ElsewhereThanTold = "replayed, the lane ends elsewhere";

    /// <summary>What is taken out, who races, and what goes wrong then.</summary>
    public static TheoryData<Guard, string, string> Table => new()
    {
        // Without the lock the next guard still keeps the record whole, but by an error, or by telling somebody that they came too
        // late: a vote that counts is lost.
        { Guard.Lock, "the same person twice on one task", "error one_decision_for_each_function" },
        { Guard.Lock, "the same person for two functions", "error one_decision_for_each_person" },
        { Guard.Lock, "the last two votes", "= changed-meanwhile" },
        { Guard.Lock, "an approval against an edit", "= changed-meanwhile" },
        { Guard.Lock, "an approval against a veto", "= changed-meanwhile" },
        { Guard.Lock, "an approval against a veto on the last task", "error one_decision_for_each_function" },
        { Guard.Lock, "the last approval against a withdrawal", "= changed-meanwhile" },
        { Guard.Lock, "two stand-ins of one person on one task", "error one_decision_for_each_function" },
        { Guard.Lock, "two stand-ins of one person for two functions", "error one_decision_stands_behind_a_person" },

        { Guard.Lock, "two people who lift one veto", "error approval_round_use_case_id_number_key" },
        { Guard.Lock, "one draft submitted twice", "= changed-meanwhile" },

        // What takes no lock relies on the version of the use case.
        { Guard.Lock | Guard.Version, "one draft saved in two tabs", "First = done, Second = done" },

        // Both read "waits for the other", both save, and the review never ends.
        { Record, "the last two votes", "a running lane waits for somebody" },
        { Record, "an approval against an edit", ElsewhereThanTold },
        { Record, "an approval against a veto", ElsewhereThanTold },
        { Record, "the last approval against a withdrawal", ElsewhereThanTold },

        { Everything, "the same person twice on one task", "one person stands behind one decision of a round" },
        { Everything, "the same person for two functions", "one person stands behind one decision of a round" },
        { Everything, "an approval against a veto on the last task", ElsewhereThanTold },
        { Everything, "two stand-ins of one person on one task", "one person stands behind one decision of a round" },
        { Everything, "two stand-ins of one person for two functions", "one person stands behind one decision of a round" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Without_its_guard_a_race_goes_wrong(Guard without, string race, string expected) =>
        Assert.Contains(expected, string.Join('\n', await WrongAsync(Races.Named(race), without)), StringComparison.Ordinal);

    /// <summary>It takes no lock, so it can be led hand in hand with its guard in place.</summary>
    [Fact]
    public async Task Hand_in_hand_but_with_its_guard_a_race_ends_well() =>
        Assert.Empty(await WrongAsync(Races.Named("one draft saved in two tabs"), Guard.Lock));

    private async Task<List<string>> WrongAsync(Race race, Guard without)
    {
        await using var sound = Node.Start(Database.RuntimeConnectionString, Clock);
        await Races.GivenThePeopleAsync(sound, Clock.GetUtcNow());
        var contest = await race.PrepareAsync(sound);
        if (Weakened.Sql(without) is { Length: > 0 } sql)
        {
            await AsOwnerAsync(sql);
        }

        var pace = new Pace();
        await using var one = Node.Start(Database.RuntimeConnectionString, Clock, options => Weakened.Change(options, without, pace.One));
        await using var other = Node.Start(Database.RuntimeConnectionString, Clock, options => Weakened.Change(options, without, pace.Other));
        var (first, second) = await Race.RunAsync(pace.Lead(contest), one, other);
        await using var connection = new NpgsqlConnection(Database.OwnerConnectionString);
        await connection.OpenAsync();
        return
        [
            .. await race.WrongAsync([(contest, first, second)], connection),
            .. (await Invariants.BrokenAsync(connection)).Select(b => b.Split(':')[0]),
            .. (await Replay.DifferencesAsync(connection)).Select(_ => "replayed, the lane ends elsewhere"),
        ];
    }
}
