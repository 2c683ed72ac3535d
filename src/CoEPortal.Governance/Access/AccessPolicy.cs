namespace CoEPortal.Governance.Access;

/// <summary>What can be done with the portal. Pages, use cases and the test matrix read the same table.</summary>
public enum Permission
{
    ReadUseCases,

    /// <summary>Write comments on a use case, and answer for conditions set on it.</summary>
    TakePart,

    ProposeUseCase,

    /// <summary>Take use cases over from an inventory, and save mappings for it.</summary>
    ImportUseCases,

    ReadImports,

    /// <summary>Let a use case that was taken over run until a day without an approval.</summary>
    GrantGrace,

    /// <summary>End a use case for good, with the reason and what it taught.</summary>
    StopUseCases,

    /// <summary>Pass, send back or kill at a stage gate what another wrote, and move a use case from phase to phase.</summary>
    DecideStageGates,

    /// <summary>Read policies and acknowledge them, as everybody has to.</summary>
    FollowPolicies,

    ManagePolicies,

    /// <summary>Who has acknowledged which policy.</summary>
    ReadAcknowledgements,

    /// <summary>Register sources of data, and keep what is known of them true.</summary>
    ManageDataSources,

    /// <summary>Give somebody without an account a link to one frozen revision.</summary>
    ShareUseCases,

    /// <summary>Add documents to a use case, and withdraw one's own.</summary>
    AddDocuments,

    /// <summary>Withdraw documents that others added.</summary>
    WithdrawDocuments,

    /// <summary>Write pre-cleared patterns, publish what another wrote, and take them back.</summary>
    ManagePatterns,

    /// <summary>Look at samples of what was cleared by rule.</summary>
    ReviewClearances,

    /// <summary>Ask that a class or lane be set aside, and end it.</summary>
    ProposeOverrides,

    /// <summary>Confirm what another has asked: Legal a class, Risk a lane.</summary>
    ConfirmOverrides,

    DecideReviews,
    BindCredentials,
    EngageSwitches,
    ReleaseSwitches,
    ReadSwitches,
    ExportAuditPacks,
    ReadAudit,

    /// <summary>Take the whole audit log away, of every use case.</summary>
    ExportAuditLog,

    ManageTokens,
    ManageJobs,
    ReadWorkflows,
    OperateWorkflows,
    RepriceCalls,

    /// <summary>What is held of people, requests to erase them, and legal holds.</summary>
    ReadErasures,

    /// <summary>Ask that a person be erased, and carry out what another has asked.</summary>
    ErasePeople,

    /// <summary>Keep records from being erased, and lift what another has kept.</summary>
    HoldRecords,

    ReportIncidents,
    ReadIncidents,

    /// <summary>Triage, write on the timeline, settle deadlines, learn from it; hold the weekly review.</summary>
    HandleIncidents,

    /// <summary>Approve what another person wrote to affected people.</summary>
    ApproveIncidentMessages,

    ReadExercises,

    /// <summary>Plan, run and score tabletop exercises.</summary>
    RunExercises,

    ReadCampaigns,

    /// <summary>Open campaigns that look for AI tools, import what they look into, and decide what becomes of what they find.</summary>
    RunCampaigns,

    SignCampaigns,

    /// <summary>Read whose name stands behind a pseudonym. Not for those who run campaigns.</summary>
    RevealPeople,

    /// <summary>Say in the survey what one uses; nobody knows who said it.</summary>
    AnswerSurvey,

    /// <summary>Write model cards, and system cards of use cases.</summary>
    WriteCards,

    /// <summary>Write impact assessments, and answer the officer's advice on them.</summary>
    WriteDpias,

    /// <summary>Who completed which course, and who is late.</summary>
    ReadTraining,

    /// <summary>Define courses, record completions, say which use cases require them.</summary>
    ManageTraining,

    /// <summary>Plan to whom a use case is rolled out, and move it on or back.</summary>
    RunRollouts,

    /// <summary>Who is champion of which department.</summary>
    ReadChampions,

    /// <summary>Ask people to be champions, and end it.</summary>
    NameChampions,

    /// <summary>Read failures that were published for everybody to learn from.</summary>
    ReadFailures,

    /// <summary>Tell of a failure, and that one happened to oneself too.</summary>
    ShareFailures,

    /// <summary>Publish what others told, and withdraw it.</summary>
    ModerateFailures,

    /// <summary>Say which channels of Slack and Teams are told of what.</summary>
    ManageChannels,

    /// <summary>See which messages have not left, without what they say.</summary>
    ReadOutbox,

    /// <summary>Send again what was given up, or drop it.</summary>
    RepairOutbox,
}

/// <summary>How somebody must stand to the thing for a row of the table to allow it.</summary>
public enum Relation
{
    /// <summary>Every use case of the organisation.</summary>
    Any,

    /// <summary>Only those of the person's own business unit, and those they wrote.</summary>
    OwnUnit,
}

/// <summary>What the policy needs to know of the thing that somebody wants to act on.</summary>
public sealed record Subject(string BusinessUnit, IReadOnlyCollection<PersonId> Authors);

/// <summary>
/// Which role may do what. What depends on a record's history (own work, already decided, second person) is
/// refused by the record itself; this table answers only "may this role, on this record, at all".
/// Admin holds no approving right, Auditor no changing one.
/// </summary>
public static class AccessPolicy
{
    private static readonly Role[] Reviewers = [Role.Legal, Role.Security, Role.Privacy, Role.Risk, Role.Brand];

    private static readonly Role[] Everyone = Enum.GetValues<Role>();

    public static IReadOnlyList<(Permission Permission, Role Role, Relation Relation)> Table { get; } =
    [
        .. Rows(Permission.ReadUseCases, Relation.Any, [.. Reviewers, Role.CoeLead, Role.Auditor, Role.Admin]),
        .. Rows(Permission.ReadUseCases, Relation.OwnUnit, Role.Submitter, Role.Operator),
        .. Rows(Permission.TakePart, Relation.Any, [.. Reviewers, Role.CoeLead, Role.Admin]),
        .. Rows(Permission.TakePart, Relation.OwnUnit, Role.Submitter, Role.Operator),
        .. Rows(Permission.ProposeUseCase, Relation.OwnUnit, Role.Submitter, Role.Operator),
        .. Rows(Permission.ProposeUseCase, Relation.Any, Role.CoeLead),
        .. Rows(Permission.ImportUseCases, Relation.Any, Role.CoeLead),
        .. Rows(Permission.ReadImports, Relation.Any, Role.CoeLead, Role.Auditor),
        .. Rows(Permission.GrantGrace, Relation.Any, Role.CoeLead),
        .. Rows(Permission.StopUseCases, Relation.Any, Role.CoeLead, Role.Risk),
        .. Rows(Permission.DecideStageGates, Relation.Any, Role.CoeLead, Role.Risk),
        .. Rows(Permission.FollowPolicies, Relation.Any, Everyone),
        .. Rows(Permission.ManagePolicies, Relation.Any, Role.CoeLead),
        .. Rows(Permission.ReadAcknowledgements, Relation.Any, Role.Risk, Role.CoeLead, Role.Auditor),
        .. Rows(Permission.ManageDataSources, Relation.Any, Role.Privacy, Role.Security, Role.CoeLead),
        .. Rows(Permission.ShareUseCases, Relation.Any, Role.CoeLead),
        .. Rows(Permission.ShareUseCases, Relation.OwnUnit, Role.Submitter, Role.Operator),
        .. Rows(Permission.AddDocuments, Relation.Any, [.. Reviewers, Role.CoeLead]),
        .. Rows(Permission.AddDocuments, Relation.OwnUnit, Role.Submitter, Role.Operator),
        .. Rows(Permission.WithdrawDocuments, Relation.Any, Role.Privacy, Role.CoeLead),
        .. Rows(Permission.ManagePatterns, Relation.Any, Role.CoeLead),
        .. Rows(Permission.ReviewClearances, Relation.Any, Role.Legal, Role.Security, Role.Privacy, Role.Risk, Role.CoeLead),
        .. Rows(Permission.ProposeOverrides, Relation.Any, Role.Legal, Role.Risk, Role.CoeLead),
        .. Rows(Permission.ConfirmOverrides, Relation.Any, Role.Legal, Role.Risk),
        .. Rows(Permission.DecideReviews, Relation.Any, [.. Reviewers, Role.CoeLead]),
        .. Rows(Permission.BindCredentials, Relation.Any, Role.CoeLead),
        .. Rows(Permission.BindCredentials, Relation.OwnUnit, Role.Operator),
        .. Rows(Permission.EngageSwitches, Relation.Any, Role.Legal, Role.Security, Role.Privacy, Role.Risk, Role.CoeLead),
        .. Rows(Permission.EngageSwitches, Relation.OwnUnit, Role.Operator),
        .. Rows(Permission.ReleaseSwitches, Relation.Any, Role.Legal, Role.Security, Role.Privacy, Role.Risk, Role.CoeLead),
        .. Rows(Permission.ReadSwitches, Relation.Any, [.. Reviewers, Role.CoeLead, Role.Operator, Role.Auditor, Role.Admin]),
        .. Rows(Permission.ExportAuditPacks, Relation.Any, [.. Reviewers, Role.CoeLead, Role.Auditor]),
        .. Rows(Permission.ReadAudit, Relation.Any, [.. Reviewers, Role.CoeLead, Role.Auditor, Role.Admin]),
        .. Rows(Permission.ExportAuditLog, Relation.Any, Role.CoeLead, Role.Auditor),
        .. Rows(Permission.ManageTokens, Relation.Any, Role.Admin, Role.CoeLead),
        .. Rows(Permission.ManageJobs, Relation.Any, Role.Admin),
        .. Rows(Permission.ReadWorkflows, Relation.Any, [.. Reviewers, Role.CoeLead, Role.Auditor, Role.Admin]),
        .. Rows(Permission.OperateWorkflows, Relation.Any, Role.CoeLead, Role.Admin),
        .. Rows(Permission.RepriceCalls, Relation.Any, Role.CoeLead, Role.Admin),
        .. Rows(Permission.ReadErasures, Relation.Any, Role.Privacy, Role.Legal, Role.CoeLead, Role.Auditor),
        .. Rows(Permission.ErasePeople, Relation.Any, Role.Privacy, Role.CoeLead),
        .. Rows(Permission.HoldRecords, Relation.Any, Role.Legal, Role.CoeLead),
        .. Rows(Permission.ReportIncidents, Relation.Any, Everyone),
        .. Rows(Permission.ReadIncidents, Relation.Any, [.. Reviewers, Role.CoeLead, Role.Auditor, Role.Admin]),
        .. Rows(Permission.ReadIncidents, Relation.OwnUnit, Role.Submitter, Role.Operator),
        .. Rows(Permission.HandleIncidents, Relation.Any, Role.Legal, Role.Security, Role.Privacy, Role.Risk, Role.CoeLead),
        .. Rows(Permission.HandleIncidents, Relation.OwnUnit, Role.Operator),
        .. Rows(Permission.ReadExercises, Relation.Any, [.. Reviewers, Role.CoeLead, Role.Auditor, Role.Admin]),
        .. Rows(Permission.RunExercises, Relation.Any, Role.Legal, Role.Security, Role.Privacy, Role.Risk, Role.CoeLead),
        .. Rows(Permission.ReadCampaigns, Relation.Any, [.. Reviewers, Role.CoeLead, Role.Auditor, Role.Admin]),
        .. Rows(Permission.RunCampaigns, Relation.Any, Role.Security, Role.Risk, Role.CoeLead),
        .. Rows(Permission.SignCampaigns, Relation.Any, Role.Legal, Role.Security, Role.Privacy, Role.Risk, Role.CoeLead),
        .. Rows(Permission.RevealPeople, Relation.Any, Role.Legal, Role.Privacy),
        .. Rows(Permission.AnswerSurvey, Relation.Any, [.. Everyone.Where(r => r is not Role.Auditor)]),
        .. Rows(Permission.ApproveIncidentMessages, Relation.Any, Role.Legal, Role.Privacy, Role.Brand, Role.CoeLead),
        .. Rows(Permission.WriteCards, Relation.Any, Role.Security, Role.Privacy, Role.Risk, Role.CoeLead),
        .. Rows(Permission.WriteDpias, Relation.Any, Role.Privacy, Role.CoeLead),
        .. Rows(Permission.WriteDpias, Relation.OwnUnit, Role.Submitter, Role.Operator),
        .. Rows(Permission.WriteCards, Relation.OwnUnit, Role.Submitter, Role.Operator),
        .. Rows(Permission.ReadTraining, Relation.Any, Role.Privacy, Role.Risk, Role.CoeLead, Role.Auditor),
        .. Rows(Permission.ManageTraining, Relation.Any, Role.CoeLead),
        .. Rows(Permission.RunRollouts, Relation.Any, Role.CoeLead),
        .. Rows(Permission.RunRollouts, Relation.OwnUnit, Role.Submitter, Role.Operator),
        .. Rows(Permission.ReadChampions, Relation.Any, Everyone),
        .. Rows(Permission.NameChampions, Relation.Any, Role.CoeLead),
        .. Rows(Permission.ReadFailures, Relation.Any, Everyone),
        .. Rows(Permission.ShareFailures, Relation.Any, [.. Everyone.Where(r => r is not Role.Auditor)]),
        .. Rows(Permission.ModerateFailures, Relation.Any, Role.CoeLead),
        .. Rows(Permission.ManageChannels, Relation.Any, Role.CoeLead),
        .. Rows(Permission.ReadOutbox, Relation.Any, Role.CoeLead, Role.Operator, Role.Admin, Role.Auditor),
        .. Rows(Permission.RepairOutbox, Relation.Any, Role.CoeLead, Role.Operator, Role.Admin),
    ];

    public static bool Allows(Actor actor, Permission permission) =>
        Table.Any(row => row.Permission == permission && actor.Is(row.Role));

    public static bool Allows(Actor actor, Permission permission, Subject subject) =>
        Table.Any(row => row.Permission == permission && actor.Is(row.Role)
            && (row.Relation is Relation.Any
                || row.Relation is Relation.OwnUnit && IsOwn(actor, subject)));

    /// <summary>Whether a query must be limited to the actor's own business unit and writings.</summary>
    public static bool OnlyOwnUnit(Actor actor, Permission permission) =>
        !Table.Any(row => row.Permission == permission && actor.Is(row.Role) && row.Relation is Relation.Any);

    public static void Demand(Actor actor, Permission permission) =>
        Refuse.If(!Allows(actor, permission), "not-permitted", $"{actor.Name} may not do this. It is for these roles: {Holders(permission)}.");

    public static void Demand(Actor actor, Permission permission, Subject subject) =>
        Refuse.If(!Allows(actor, permission, subject), "not-permitted", $"{actor.Name} may not do this. It is for these roles: {Holders(permission)}.");

    private static bool IsOwn(Actor actor, Subject subject) =>
        subject.Authors.Contains(actor.Id) || actor.BusinessUnit.Length > 0 && subject.BusinessUnit == actor.BusinessUnit;

    private static string Holders(Permission permission) =>
        string.Join(", ", Everyone.Where(r => Table.Any(t => t.Permission == permission && t.Role == r)));

    private static IEnumerable<(Permission, Role, Relation)> Rows(Permission permission, Relation relation, params Role[] roles) =>
        roles.Select(role => (permission, role, relation));
}
