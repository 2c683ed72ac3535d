using CoEPortal.Governance.Access;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Tests.Incidents;

/// <summary>Deadlines by the rules that ship, without a database.</summary>
public sealed class ClockRulesTests
{
    private static readonly Organisation Berlin = new();

    private static readonly string Shipped = File.ReadAllText(Path.Combine(Repository.Root, "templates", "clocks", "2026-08.yaml"));

    private static readonly DateTimeOffset Aware = new(2026, 10, 20, 12, 0, 0, TimeSpan.Zero);

    private static ClockRules Rules => ClockRules.Parse(Shipped);

    [Theory]
    [InlineData(HarmKind.Infrastructure, "ai-act-73-widespread", 2)]
    [InlineData(HarmKind.Death, "ai-act-73-death", 10)]
    [InlineData(HarmKind.Health, "ai-act-73-serious", 15)]
    [InlineData(HarmKind.Rights, "ai-act-73-serious", 15)]
    [InlineData(HarmKind.Property, "ai-act-73-serious", 15)]
    [InlineData(HarmKind.Environment, "ai-act-73-serious", 15)]
    public void Article_73_gives_2_10_or_15_days_by_what_was_harmed(HarmKind harm, string rule, int days)
    {
        var (started, due) = Assert.Single(Started(new IncidentTriage(IncidentSeverity.Critical, IncidentCategory.Malfunction, [harm], ["UC-0001"], false, AwareAt: Aware), RiskClass.High), c => c.Rule.StartsWith("ai-act-73", StringComparison.Ordinal));

        Assert.Equal(rule, started);
        Assert.Equal(Local(Aware).AddDays(days), Local(due));
    }

    [Fact]
    public void A_widespread_infringement_has_two_days_whatever_else_was_harmed() => Assert.Contains(
        Started(new IncidentTriage(IncidentSeverity.Critical, IncidentCategory.Misuse, [HarmKind.Rights], ["UC-0001"], false, IsWidespread: true, AwareAt: Aware), RiskClass.High), c => c.Rule == "ai-act-73-widespread");

    [Fact]
    public void Parallel_clocks_run_from_one_moment_of_awareness()
    {
        var started = Started(new IncidentTriage(IncidentSeverity.Critical, IncidentCategory.DataBreach, [HarmKind.Death, HarmKind.Rights], ["UC-0001"], true, RiskToPeople.High, AwareAt: Aware), RiskClass.High, "Claims");

        Assert.Equal(["ai-act-26-provider", "ai-act-73-death", "ai-act-73-serious", "contract-claims-partners", "gdpr-33", "gdpr-34"], started.Select(c => c.Rule).Order());
        Assert.Equal(Aware.AddHours(72), started.Single(c => c.Rule == "gdpr-33").Due);
    }

    [Theory]
    [InlineData(RiskClass.Limited, 0)]
    [InlineData(RiskClass.High, 1)]
    [InlineData(null, 1)]
    public void What_is_not_known_of_a_use_case_starts_the_clock_and_what_is_known_may_not(RiskClass? known, int clocks) => Assert.Equal(
        clocks, Started(new IncidentTriage(IncidentSeverity.Serious, IncidentCategory.Malfunction, [HarmKind.Rights], ["UC-0001"], false, AwareAt: Aware), known).Count(c => c.Rule == "ai-act-73-serious"));

    [Theory]
    [InlineData(null, RiskToPeople.Unknown, 1)]
    [InlineData(true, RiskToPeople.Likely, 1)]
    [InlineData(true, RiskToPeople.Unlikely, 0)]
    [InlineData(false, RiskToPeople.Likely, 0)]
    public void GDPR_33_runs_unless_no_personal_data_is_concerned_or_the_risk_is_unlikely(bool? personalData, RiskToPeople risk, int clocks) => Assert.Equal(
        clocks, Started(new IncidentTriage(IncidentSeverity.Serious, IncidentCategory.DataBreach, [], ["UC-0001"], personalData, risk, AwareAt: Aware), RiskClass.High).Count(c => c.Rule == "gdpr-33"));

    // Clocks go back on Sunday 25 October 2026 at 03:00 and forward on Sunday 28 March 2027 at 02:00 in Berlin.
    [Theory]
    [InlineData("2026-10-24T10:00:00+02:00", 72, ClockUnit.Hours, "2026-10-27T09:00:00+01:00")]
    [InlineData("2027-03-27T10:00:00+01:00", 72, ClockUnit.Hours, "2027-03-30T11:00:00+02:00")]
    [InlineData("2026-10-20T14:00:00+02:00", 10, ClockUnit.Days, "2026-10-30T14:00:00+01:00")]
    [InlineData("2027-03-20T14:00:00+01:00", 15, ClockUnit.Days, "2027-04-04T14:00:00+02:00")]
    [InlineData("2027-03-26T02:30:00+01:00", 2, ClockUnit.Days, "2027-03-28T03:00:00+02:00")]
    [InlineData("2026-10-23T02:30:00+02:00", 2, ClockUnit.Days, "2026-10-25T02:30:00+02:00")]
    [InlineData("2026-10-23T15:00:00+02:00", 1, ClockUnit.WorkingDays, "2026-10-26T17:00:00+01:00")]
    [InlineData("2028-02-28T23:30:00+01:00", 2, ClockUnit.Days, "2028-03-01T23:30:00+01:00")]
    public void Hours_pass_and_days_end_at_the_same_time_of_day_across_daylight_saving(string aware, int within, ClockUnit unit, string due)
    {
        var rule = Rules.Clocks[0] with { Within = within, Unit = unit };

        Assert.Equal(DateTimeOffset.Parse(due, System.Globalization.CultureInfo.InvariantCulture), rule.DueAfter(DateTimeOffset.Parse(aware, System.Globalization.CultureInfo.InvariantCulture), Berlin));
    }

    [Fact]
    public void The_zone_is_the_organisations_not_the_machines()
    {
        var rule = Rules.Clocks[0] with { Within = 1, Unit = ClockUnit.Days };
        var aware = new DateTimeOffset(2026, 3, 7, 20, 0, 0, TimeSpan.Zero);

        Assert.Equal(aware.AddHours(23), rule.DueAfter(aware, new Organisation { TimeZone = "America/New_York" }));
        Assert.Equal(aware.AddHours(24), rule.DueAfter(aware, new Organisation { TimeZone = "Asia/Tokyo" }));
    }

    [Fact]
    public void Every_shipped_rule_names_its_source_its_parties_and_a_draft_that_can_be_filled()
    {
        Assert.True(Rules.Clocks.Count >= 7);
        Assert.All(Rules.Clocks, r => Assert.True(r.Source.Length > 10 && r.Notifies.Length > 0 && r.Notified.Length > 0 && r.WarnBefore.Count > 0));
        var incident = Triaged(new IncidentTriage(IncidentSeverity.Serious, IncidentCategory.DataBreach, [HarmKind.Rights], ["UC-0001"], true, RiskToPeople.Likely, PeopleAffected: 120));
        var text = NotificationDraft.Of(Rules.Clocks.Single(r => r.Id == "gdpr-33").Draft, incident, null, [new("UC-0001", "Claims assistant", "Claims", RiskClass.High)], [], Berlin);
        Assert.Contains("Claims assistant (UC-0001, high risk)", text, StringComparison.Ordinal);
        Assert.Contains("about 120", text, StringComparison.Ordinal);
        Assert.Contains("[to be completed]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("    source: Regulation (EU) 2024/1689, Article 73(3)\n", "", 6, "names no source")]
    [InlineData("source: Regulation (EU) 2024/1689, Article 73(3)", "source: \" \"", 6, "names no source")]
    [InlineData("within: 2 days", "within: soon", 12, "72 hours or 15 days")]
    [InlineData("harms: [Infrastructure]", "harms: [Feelings]", 16, "'Feelings' is none of")]
    [InlineData("notified: Market", "notify: Market", 11, "'notify' is not known here")]
    [InlineData("id: ai-act-73-death", "id: ai-act-73-widespread", 36, "used twice")]
    [InlineData("{{organisation}}", "{{password}}", 20, "{{password}}")]
    [InlineData("effectiveFrom: 2026-08-02\nclocks", "effectiveFrom: August\nclocks", 4, "as a day")]
    [InlineData("tell: [Legal, Risk]", "tell: [Legal, 3]", 14, "'3' is none of")]
    [InlineData("version: \"2026-08\"", "version: &a x\nother: *a", 4, "Anchors are not used")]
    [InlineData("clocks:\n", "clocks: [\n", 7, "")]
    public void A_file_that_is_wrong_is_refused_with_the_line_and_the_reason(string good, string bad, int line, string reason)
    {
        var fault = Assert.Throws<ClockRulesException>(() => ClockRules.Parse(Replaced(good, bad)));

        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
        Assert.InRange(fault.Line, line - 1, line + 2);
    }

    [Fact]
    public void A_rule_that_is_not_in_effect_on_the_day_of_awareness_starts_nothing() => Assert.DoesNotContain(
        Started(
            new IncidentTriage(IncidentSeverity.Serious, IncidentCategory.Malfunction, [HarmKind.Rights], ["UC-0001"], false, AwareAt: new DateTimeOffset(2026, 8, 1, 10, 0, 0, TimeSpan.Zero)), RiskClass.High),
        c => c.Rule.StartsWith("ai-act", StringComparison.Ordinal));

    private static string Replaced(string good, string bad)
    {
        var at = Shipped.IndexOf(good, StringComparison.Ordinal);
        Assert.True(at >= 0, good);
        return Shipped[..at] + bad + Shipped[(at + good.Length)..];
    }

    private static List<(string Rule, DateTimeOffset Due)> Started(IncidentTriage triage, RiskClass? riskClass, string unit = "Finance") =>
        [.. Rules.For(Triaged(triage), [new ConcernedUseCase("UC-0001", "A use case", unit, riskClass)], Berlin).Select(c => (c.Rule.Id, c.DueAt))];

    private static Incident Triaged(IncidentTriage triage)
    {
        var (by, now) = (DemoPersonas.Find("risk")!.Actor, new DateTimeOffset(2026, 11, 1, 9, 0, 0, TimeSpan.Zero));
        var incident = Incident.Report("INC-0001", new IncidentReport("It failed", OccurredAt: new DateTimeOffset(2026, 7, 30, 9, 0, 0, TimeSpan.Zero), UseCaseKeys: ["UC-0001"]), by, now);
        incident.Triage(triage, by, now);
        return incident;
    }

    private static DateTime Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Berlin.Zone).DateTime;
}
