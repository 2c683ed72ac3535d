using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Web.KillSwitches;

namespace CoEPortal.Web.UseCases;

/// <summary>A use case as its page shows it to one person.</summary>
public sealed record UseCaseView(
    Actor Actor, UseCase UseCase, IReadOnlyList<CredentialBinding> Bindings, SwitchRow Switch, IReadOnlyList<WiderSwitch> WiderSwitches)
{
    public string Key => UseCase.Key;

    public string Name => UseCaseWords.NameOf(UseCase);

    /// <summary>What is in force; before that what was submitted last, or the draft.</summary>
    public Proposal Proposal => Revision?.Proposal ?? UseCase.Draft;

    public UseCaseRevision? Revision => UseCase.ApprovedRevision is { } approved
        ? UseCase.Revisions.Single(r => r.Number == approved)
        : UseCase.Revisions.MaxBy(r => r.Number);

    public IReadOnlyList<CredentialBinding> ActiveBindings => [.. Bindings.Where(b => b.RemovedAt is null)];

    /// <summary>The smallest budget of a day that is in force.</summary>
    public decimal? DailyLimit => UseCase.ApprovedRevision is null ? null : Proposal.KillCriteria
        .Where(c => c is { Kind: KillCriterionKind.Budget, Window: KillCriterionWindow.Day }).Min(c => (decimal?)c.Limit);

    /// <summary>Switches that stop this one too: of everything, or of a model it may call.</summary>
    public IEnumerable<WiderSwitch> StoppedBy => WiderSwitches.Where(w =>
        w.Switch.Scope is SwitchScope.All || w.Switch.Scope is SwitchScope.Model && Proposal.Endpoints.Contains(w.Switch.Target));

    /// <summary>Where it stands: nothing runs while everything is stopped, whatever its own switch says.</summary>
    public SwitchStanding Standing => Switch.Reading is SwitchReading.Running
        && WiderSwitches.FirstOrDefault(w => w.Switch.Scope is SwitchScope.All) is { } all ? all.Standing : SwitchWords.StandingOf(Switch);

    public SwitchReading Reading => Standing.Reading;

    public bool MayEdit => MayInvite && UseCase.Stage is not Stage.InReview;

    public bool MayInvite => May(Permission.ProposeUseCase) && UseCase.Stage is not Stage.Retired && !UseCase.FormerEditors.Contains(Actor.Id.Value);

    public bool MayWithdraw => May(Permission.ProposeUseCase) && UseCase.Stage is Stage.InReview;

    public bool MayExport => May(Permission.ExportAuditPacks) && UseCase.LatestRevision > 0;

    public bool MayBind => May(Permission.BindCredentials) && (UseCase.IsApproved || UseCase.IsUngoverned);

    public bool MayGrantGrace => May(Permission.GrantGrace) && UseCase.IsUngoverned;

    public bool MayStopForGood => May(Permission.StopUseCases) && UseCase.Stage is not (Stage.Retired or Stage.InReview);

    public bool MayDecideGates => May(Permission.DecideStageGates) && UseCase.Stage is not Stage.Retired;

    public bool MayEngage => May(Permission.EngageSwitches) && (UseCase.IsApproved || UseCase.GraceUntil is not null) && Switch.Switch is not { IsEngaged: true };

    public bool MayRelease => May(Permission.ReleaseSwitches) && Switch.Switch is { IsEngaged: true };

    private bool May(Permission permission) => AccessPolicy.Allows(Actor, permission, UseCase.Subject);
}
