namespace CoEPortal.Governance.Notifications;

/// <summary>A sort of occasion that people are told of.</summary>
/// <param name="Name">As notices carry it, e.g. <c>review-asked</c>.</param>
/// <param name="Area">Under which heading somebody looks for it.</param>
/// <param name="Title">What it is, to the person who is told.</param>
/// <param name="ToChannel">What a channel is told: fixed words in which no person can stand. Null where it concerns one person only.</param>
public sealed record NoticeKind(string Name, string Area, string Title, string? ToChannel)
{
    /// <summary>Waits for no quiet hours, and is in no digest.</summary>
    public bool IsUrgent { get; init; }
}

/// <summary>Every sort of occasion that somebody can choose about. One that is missing here is told of all the same, at once, and to no channel.</summary>
public static class NoticeKinds
{
    private const string Reviews = "Reviews";
    private const string Conditions = "Conditions";
    private const string Incidents = "Incidents";
    private const string Switches = "Kill switches";
    private const string Assessments = "Impact assessments";
    private const string ShadowAi = "Shadow AI";
    private const string Exercises = "Exercises";
    private const string People = "People";

    public static IReadOnlyList<NoticeKind> All { get; } =
    [
        new("switch-engaged", Switches, "A switch is engaged", "A kill switch is engaged") { IsUrgent = true },
        new("switch-released", Switches, "A switch is released", "A kill switch is released") { IsUrgent = true },
        new("incident-reported", Incidents, "An incident was reported", "An incident was reported and waits for triage") { IsUrgent = true },
        new("incident-severe", Incidents, "An incident is serious", "An incident is serious, its deadlines run") { IsUrgent = true },
        new("incident-role", Incidents, "You have a role in an incident", null) { IsUrgent = true },
        new("incident-told", Incidents, "You are affected by an incident", null) { IsUrgent = true },
        new("incident-deadline", Incidents, "A deadline of an incident comes near", "A deadline of an incident comes near") { IsUrgent = true },
        new("incident-overdue", Incidents, "A deadline of an incident has passed", "A deadline of an incident has passed") { IsUrgent = true },
        new("incident-message", Incidents, "A message of an incident waits for approval", "A message of an incident waits for approval") { IsUrgent = true },
        new("incident-action", Incidents, "An action of an incident is yours", null),
        new("incident-action-late", Incidents, "An action of an incident is late", "An action of an incident is late"),
        new("review-asked", Reviews, "A review waits for you", "A review was asked for"),
        new("review-reminder", Reviews, "A review is due soon", "A review is due soon"),
        new("review-overdue", Reviews, "A review is overdue", "A review is overdue"),
        new("review-taken-over", Reviews, "Somebody took over your review", null),
        new("review-delegated", Reviews, "You stand in for somebody", null),
        new("review-settled", Reviews, "A review of yours has ended", "A review has ended"),
        new("lane-stopped", Reviews, "The workflow of a review stopped at an error", "The workflow of a review stopped at an error"),
        new("mentioned", Reviews, "Somebody mentioned you", null),
        new("editor-invited", "Proposals", "You were invited to write on a proposal", null),
        new("stage-gate-waits", "Proposals", "An answer at a stage gate waits for you", "An answer at a stage gate waits for a decision"),
        new("stage-gate-decided", "Proposals", "A stage gate that you answered is decided", null),
        new("condition-set", Conditions, "A condition is yours", null),
        new("condition-due", Conditions, "A condition is due or late", "A condition is due or late"),
        new("condition-reported", Conditions, "A condition was reported as met", "A condition was reported as met"),
        new("condition-sent-back", Conditions, "A condition is not met yet", null),
        new("dpia-advice", Assessments, "An assessment waits for your advice", "An impact assessment waits for the officer’s advice"),
        new("dpia-answer", Assessments, "Advice on an assessment waits for an answer", "Advice on an impact assessment waits for an answer"),
        new("dpia-signature", Assessments, "An assessment waits to be signed off", "An impact assessment waits to be signed off"),
        new("dpia-overdue", Assessments, "A step of an assessment is overdue", "A step of an impact assessment is overdue"),
        new("dpia-signed", Assessments, "An assessment is signed off", "An impact assessment is signed off"),
        new("dpia-review", Assessments, "An assessment is to be looked at again", "An impact assessment is to be looked at again"),
        new("campaign-opened", ShadowAi, "A campaign was opened", "A shadow AI campaign was opened"),
        new("campaign-due", ShadowAi, "A campaign is due soon", "A shadow AI campaign is due soon"),
        new("campaign-late", ShadowAi, "A campaign is late", "A shadow AI campaign is late"),
        new("finding-yours", ShadowAi, "A finding of a campaign is yours", null),
        new("finding-late", ShadowAi, "A finding of a campaign is late", "A finding of a shadow AI campaign is late"),
        new("exception-ended", ShadowAi, "An exception for a tool has ended", "An exception for a tool has ended"),
        new("usage-imported", ShadowAi, "A log was read", null),
        new("training-due", "Training", "Training is due", null),
        new("champion-asked", People, "You are asked to be a champion", null),
        new("champion-answered", People, "Somebody answered whether they are champion", null),
        new("rollout-agreement", People, "A rollout asks for your agreement", null),
        new("failure-waiting", People, "A shared failure waits to be published", null),
        new("failure-settled", People, "A failure that you shared is published or withdrawn", null),
        new("survey-due", ShadowAi, "The survey on AI tools ends soon", null),
        new("survey-late", ShadowAi, "The survey on AI tools is past its day", null),
        new("finding-due", ShadowAi, "A finding of a campaign is due soon", null),
        new("exercise-seat", Exercises, "You play a part in an exercise", null),
        new("exercise-finding", Exercises, "A finding of an exercise is yours", null),
    ];

    private static readonly Dictionary<string, NoticeKind> ByName = All.ToDictionary(k => k.Name);

    public static NoticeKind? Find(string name) => ByName.GetValueOrDefault(name);

    internal static IReadOnlyList<string> Urgent { get; } = [.. All.Where(k => k.IsUrgent).Select(k => k.Name)];
}
