using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Portfolio;

/// <summary>Lift is told with what it rests on, and not at all where it rests on nothing.</summary>
public sealed class LiftTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static readonly DateOnly Day = new(2026, 11, 20);
    private static readonly Kpi Minutes = new() { Metric = "Minutes", Unit = "min", Baseline = 25, Target = 15 };

    [Fact]
    public void Both_arms_with_their_spread_give_a_difference_and_an_interval()
    {
        var lift = Of(new(Day, Arm.WithoutAi, 25, 8, 100), new(Day, Arm.WithAi, 18, 6, 120));

        Assert.Equal(-7, lift.Difference!.Value, 6);
        // Welch by hand: se 0.9695, 181.2 degrees of freedom, t 1.973.
        Assert.Equal(-8.913, lift.Low!.Value, 2);
        Assert.Equal(-5.087, lift.High!.Value, 2);
        Assert.Equal(LiftVerdict.Better, lift.Verdict);
    }

    [Theory]
    [InlineData(24.5, 8d, 100, LiftVerdict.CannotTell)]
    [InlineData(18, 6d, 10, LiftVerdict.CannotTell)]
    [InlineData(32, 6d, 120, LiftVerdict.Worse)]
    [InlineData(18, null, 120, LiftVerdict.CannotTell)]
    public void Chance_an_unknown_spread_or_few_cases_decide_nothing_and_worse_is_said(double mean, double? deviation, int sample, LiftVerdict expected) => Assert.Equal(
        expected, Of(new(Day, Arm.WithoutAi, 25, 8, 100), new(Day, Arm.WithAi, (decimal)mean, (decimal?)deviation, sample)).Verdict);

    [Fact]
    public void A_baseline_that_was_only_promised_gives_no_interval()
    {
        var lift = Of(new ReadingDraft(Day, Arm.WithAi, 18, 6, 120));

        Assert.Equal((-7d, null, LiftVerdict.CannotTell), (lift.Difference!.Value, lift.Low, lift.Verdict));
        Assert.Equal(LiftVerdict.NotMeasured, Of().Verdict);
    }

    [Fact]
    public void Several_readings_count_as_all_their_cases()
    {
        var lift = Of(new(Day, Arm.WithAi, 10, 0, 30), new(Day, Arm.WithAi, 20, 0, 10));

        Assert.Equal((12.5, 40L), (lift.With!.Mean, lift.With.Sample));
        Assert.Equal(4.385, lift.With.Deviation!.Value, 3);
    }

    [Theory]
    [InlineData(5, 2.571)]
    [InlineData(10, 2.228)]
    [InlineData(30, 2.042)]
    [InlineData(1000, 1.962)]
    public void The_quantile_is_that_of_the_tables(double freedom, double expected) => Assert.InRange(Lift.T95(freedom), expected * 0.995, expected * 1.005);

    [Fact]
    public async Task A_reading_is_entered_by_those_who_take_part_and_taken_back_visibly()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var draft = new ReadingDraft(Day, Arm.WithAi, 3, 1, 50);
        var enter = Get<EnterReading>();
        Assert.Equal("not-permitted", await RuleAsync(() => enter.RunAsync(key, draft, Who("auditor"))));
        await Assert.ThrowsAsync<NotFoundException>(() => enter.RunAsync(key, draft, Who("submitter2")));
        await Assert.ThrowsAsync<InvalidFieldsException>(() => enter.RunAsync(key, draft with { MeasuredOn = new(2027, 1, 1) }, Who("submitter")));
        await Assert.ThrowsAsync<InvalidFieldsException>(() => enter.RunAsync(key, draft with { Sample = 0 }, Who("submitter")));

        var entered = await enter.RunAsync(key, draft, Who("submitter"));
        Assert.NotNull((await Get<MeasuredEffect>().OfAsync(key, Who("auditor"))).Lift.With);
        await enter.WithdrawAsync(key, entered.Id, Who("submitter"));

        var effect = await Get<MeasuredEffect>().OfAsync(key, Who("auditor"));
        Assert.Null(effect.Lift.With);
        Assert.NotNull(Assert.Single(effect.Readings).WithdrawnAt);
        Assert.Equal("reading-withdrawn", await RuleAsync(() => enter.WithdrawAsync(key, entered.Id, Who("submitter"))));
        Assert.Equal(["KpiReadingEntered", "KpiReadingWithdrawn"], (await ActionsAsync(key))[^2..]);
    }

    private static Lift Of(params ReadingDraft[] drafts) =>
        Lift.Of(Minutes, [.. drafts.Select(d => KpiReading.Enter("UC-0001", d, Day, Who("submitter"), DateTimeOffset.UnixEpoch))]);
}
