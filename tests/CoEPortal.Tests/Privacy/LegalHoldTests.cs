using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Privacy;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Privacy;

public sealed class LegalHoldTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    [Fact]
    public async Task While_a_hold_stands_over_a_person_they_are_asked_about_but_not_erased()
    {
        var hold = await Get<SetLegalHold>().RunAsync(HoldKind.Person, Who("submitter2").Id.Value, "Claim 4711.", Who("legal"));
        var request = await Get<AskErasure>().RunAsync(Who("submitter2").Id, "Article 17.", "", Who("privacy"));

        var refused = await Assert.ThrowsAsync<RuleViolationException>(() => Get<CarryOutErasure>().RunAsync(request.Id, Who("coe-lead")));
        Assert.Contains("A legal hold stands over this person.", refused.Message, StringComparison.Ordinal);

        await Get<SetLegalHold>().LiftAsync(hold.Id, "The claim was settled.", Who("legal2"));
        await Get<CarryOutErasure>().RunAsync(request.Id, Who("coe-lead"));
    }

    [Fact]
    public async Task A_hold_over_a_use_case_keeps_everybody_who_is_part_of_its_record()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        await Get<SetLegalHold>().RunAsync(HoldKind.UseCase, key, "Claim 4711.", Who("coe-lead"));

        foreach (var part in new[] { "submitter", "security" })
        {
            var request = await Get<AskErasure>().RunAsync(Who(part).Id, "Article 17.", "", Who("privacy"));
            var refused = await Assert.ThrowsAsync<RuleViolationException>(() => Get<CarryOutErasure>().RunAsync(request.Id, Who("coe-lead2")));
            Assert.Contains($"A legal hold stands over {key}", refused.Message, StringComparison.Ordinal);
        }

        var other = await Get<AskErasure>().RunAsync(Who("brand").Id, "Article 17.", "", Who("privacy"));
        await Get<CarryOutErasure>().RunAsync(other.Id, Who("coe-lead2"));
        Assert.Contains("LegalHoldSet", await ActionsAsync(key));
    }

    [Fact]
    public async Task Who_set_a_hold_does_not_lift_it_and_it_is_lifted_once()
    {
        var hold = await Get<SetLegalHold>().RunAsync(HoldKind.Person, Who("brand").Id.Value, "Claim 4711.", Who("legal"));

        Assert.Equal("second-person-required", await RuleAsync(() => Get<SetLegalHold>().LiftAsync(hold.Id, "Settled.", Who("legal"))));
        Assert.Equal("reason-required", await RuleAsync(() => Get<SetLegalHold>().LiftAsync(hold.Id, "", Who("legal2"))));
        Assert.Equal("already-held", await RuleAsync(() => Get<SetLegalHold>().RunAsync(HoldKind.Person, Who("brand").Id.Value, "Again.", Who("coe-lead"))));
        await Get<SetLegalHold>().LiftAsync(hold.Id, "Settled.", Who("coe-lead"));
        Assert.Equal("hold-lifted", await RuleAsync(() => Get<SetLegalHold>().LiftAsync(hold.Id, "Settled.", Who("coe-lead2"))));

        var row = (await Get<LegalHolds>().PageAsync(Who("auditor"))).Items.Single();
        Assert.Equal(("Ravi Bose", "Aisha Rahman", "Mara Lindqvist"), (row.About, row.SetBy, row.LiftedBy));
    }

    [Theory]
    [InlineData("privacy")]
    [InlineData("auditor")]
    [InlineData("admin")]
    public async Task Only_Legal_and_CoE_leads_hold(string persona)
    {
        var hold = await Get<SetLegalHold>().RunAsync(HoldKind.Person, Who("brand").Id.Value, "Claim 4711.", Who("legal"));

        Assert.Equal("not-permitted", await RuleAsync(() => Get<SetLegalHold>().RunAsync(HoldKind.Person, Who("risk").Id.Value, "Claim.", Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<SetLegalHold>().LiftAsync(hold.Id, "Settled.", Who(persona))));
    }

    [Fact]
    public async Task What_is_held_has_to_be_there()
    {
        await Assert.ThrowsAsync<NotFoundException>(() => Get<SetLegalHold>().RunAsync(HoldKind.Person, "nobody@demo", "Claim.", Who("legal")));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<SetLegalHold>().RunAsync(HoldKind.UseCase, "UC-9999", "Claim.", Who("legal")));
    }

    [Fact]
    public async Task Retention_leaves_the_calls_of_a_held_use_case_alone_until_the_hold_is_lifted()
    {
        var held = await GivenAnApprovedAsync(HelpBotProposal);
        var free = await GivenAnApprovedAsync(HelpBotProposal);
        var old = Clock.GetUtcNow().AddMonths(-5);
        await using var db = await DbAsync();
        await db.Database.ExecuteSqlAsync($"select telemetry.make_month({DateOnly.FromDateTime(old.UtcDateTime)})");
        foreach (var key in new[] { held, free })
        {
            await Get<RecordCalls>().RunAsync(
                [
                    new ReportedCall { Source = "test", SourceEventId = "a" + key, StartedAt = old, InputTokens = 100 },
                    new ReportedCall { Source = "test", SourceEventId = "b" + key, StartedAt = Clock.GetUtcNow(), InputTokens = 100 },
                ],
                key, "litellm-eu");
        }

        var hold = await Get<SetLegalHold>().RunAsync(HoldKind.UseCase, held, "Claim 4711.", Who("legal"));
        var retain = new RetainCalls(Get<IDbContextFactory<GovernanceDb>>(), new TelemetryRetention(3), Clock);

        Assert.Equal(1, (await retain.RunAsync()).DroppedMonths);
        Assert.Equal(["a" + held, "b" + held, "b" + free], await CallsAsync(db));
        Assert.Equal(0, (await retain.RunAsync()).DroppedMonths);
        Assert.Equal(["a" + held, "b" + held, "b" + free], await CallsAsync(db));

        await Get<SetLegalHold>().LiftAsync(hold.Id, "Settled.", Who("legal2"));
        await retain.RunAsync();
        Assert.Equal(["b" + held, "b" + free], await CallsAsync(db));
    }

    private static Task<List<string>> CallsAsync(GovernanceDb db) =>
        db.Database.SqlQueryRaw<string>("select source_event_id as \"Value\" from telemetry.call order by started_at, use_case_key").ToListAsync();
}
