using CoEPortal.Governance.Access;

namespace CoEPortal.Tests.Access;

public sealed class AccessPolicyTests
{
    [Fact]
    public void An_admin_approves_stops_and_releases_nothing()
    {
        var admin = DemoPersonas.Find("admin")!.Actor;
        foreach (var permission in new[] { Permission.DecideReviews, Permission.EngageSwitches, Permission.ReleaseSwitches, Permission.ProposeUseCase, Permission.BindCredentials })
        {
            Assert.False(AccessPolicy.Allows(admin, permission));
        }
    }

    [Fact]
    public void An_auditor_reads_everything_and_changes_nothing_but_reports_an_incident_and_follows_policies_as_anybody_does()
    {
        var granted = AccessPolicy.Table.Where(r => r.Role is Role.Auditor).Select(r => r.Permission).Order();

        Assert.Equal(
            [
                Permission.ReadUseCases, Permission.ReadImports, Permission.FollowPolicies, Permission.ReadAcknowledgements, Permission.ReadSwitches, Permission.ExportAuditPacks, Permission.ReadAudit, Permission.ExportAuditLog, Permission.ReadWorkflows, Permission.ReadErasures, Permission.ReportIncidents, Permission.ReadIncidents, Permission.ReadExercises, Permission.ReadCampaigns, Permission.ReadTraining, Permission.ReadChampions, Permission.ReadFailures, Permission.ReadOutbox,
            ], granted);
    }

    [Fact]
    public void A_rule_holds_no_permission_at_all() =>
        Assert.All(Enum.GetValues<Permission>(), p => Assert.False(AccessPolicy.Allows(Actor.Rule("budget-k1"), p)));

    [Fact]
    public void Somebody_without_a_role_may_nothing()
    {
        var nobody = new Actor(PersonId.Of("nobody", "demo"), "Nobody", new HashSet<Role>(), "Claims");

        Assert.All(Enum.GetValues<Permission>(), p => Assert.False(AccessPolicy.Allows(nobody, p, new Subject("Claims", [nobody.Id]))));
    }

    [Fact]
    public void A_submitter_reads_their_own_unit_and_what_they_wrote()
    {
        var nils = DemoPersonas.Find("submitter")!.Actor;
        bool Reads(string unit, params PersonId[] authors) => AccessPolicy.Allows(nils, Permission.ReadUseCases, new Subject(unit, authors));

        Assert.True(Reads("Claims"));
        Assert.True(Reads("Finance", nils.Id));
        Assert.False(Reads("Finance"));
    }

    [Fact]
    public void An_empty_business_unit_is_nobodys_own()
    {
        var drifter = new Actor(PersonId.Of("drifter", "demo"), "Drifter", new HashSet<Role> { Role.Submitter }, "");

        Assert.False(AccessPolicy.Allows(drifter, Permission.ReadUseCases, new Subject("", [])));
    }

    [Fact]
    public void A_refusal_names_the_roles_that_may()
    {
        var refusal = Assert.Throws<RuleViolationException>(() => AccessPolicy.Demand(DemoPersonas.Find("auditor")!.Actor, Permission.ManageTokens));

        Assert.Equal("Elin Vasquez may not do this. It is for these roles: CoeLead, Admin.", refusal.Message);
    }

    [Fact]
    public void Every_role_of_the_demo_has_a_person_and_the_four_eyes_roles_have_two()
    {
        var roles = DemoPersonas.All.SelectMany(p => p.Roles).CountBy(r => r).ToDictionary();

        Assert.Equal(Enum.GetValues<Role>().Order(), roles.Keys.Order());
        Assert.All(new[] { Role.Legal, Role.Security, Role.Privacy, Role.Risk, Role.CoeLead, Role.Submitter }, r => Assert.Equal(2, roles[r]));
    }
}
