using CoEPortal.Governance.Access;

namespace CoEPortal.Web.Layout;

/// <summary>A page in the menu. <paramref name="Key"/> follows G on the keyboard.</summary>
public sealed record MenuItem(string Group, string Text, string Href, string Icon, Func<Actor, bool> IsFor, string? Key = null);

/// <summary>The menu by job, not by table: everybody sees only what is theirs. A new page is one line here.</summary>
public static class Menu
{
    private static readonly MenuItem[] Items =
    [
        new("", "Home", "/", "home", _ => true, "h"),
        new("", "Inbox", "/inbox", "inbox", a => AccessPolicy.Allows(a, Permission.DecideReviews), "i"),
        new("", "Conditions", "/conditions", "checklist", a => a.Roles.Any(r => r is not (Role.Auditor or Role.Admin)), "c"),
        new("Evidence", "Audit", "/audit", "receipt_long", a => a.Is(Role.Auditor), "a"),
        new("Evidence", "Reports", "/reports", "summarize", a => a.Is(Role.Auditor)),
        new("Propose", "Propose a use case", "/propose", "edit_note", ProposesForOwnUnit, "p"),
        new("Propose", "My proposals", "/use-cases?mine", "list_alt", ProposesForOwnUnit),
        new("Propose", "Candidates", "/candidates", "travel_explore", ProposesForOwnUnit),
        new("Portfolio", "Use cases", "/use-cases", "apps", a => !ProposesForOwnUnit(a), "u"),
        new("Portfolio", "Propose a use case", "/propose", "edit_note", a => a.Is(Role.CoeLead), "p"),
        new("Portfolio", "Candidates", "/candidates", "travel_explore", a => AccessPolicy.Allows(a, Permission.ReadUseCases)),
        new("Portfolio", "Imports", "/imports", "upload_file", a => AccessPolicy.Allows(a, Permission.ReadImports)),
        new("Portfolio", "Ranking", "/ranking", "leaderboard", a => !ProposesForOwnUnit(a)),
        new("Propose", "Pre-cleared patterns", "/patterns", "bolt", ProposesForOwnUnit),
        new("Assurance", "Pre-cleared patterns", "/patterns", "bolt", a => AccessPolicy.Allows(a, Permission.ReadUseCases)),
        new("Assurance", "Policies", "/policies", "menu_book", a => !ProposesForOwnUnit(a)),
        new("Assurance", "Data sources", "/data-sources", "database", a => AccessPolicy.Allows(a, Permission.ReadUseCases)),
        new("Assurance", "Rules", "/rules", "rule", a => AccessPolicy.Allows(a, Permission.ReadWorkflows)),
        new("Assurance", "Impact assessments", "/dpias", "policy", a => AccessPolicy.Allows(a, Permission.ReadUseCases)),
        new("Assurance", "Cards", "/cards", "badge", a => AccessPolicy.Allows(a, Permission.ReadUseCases)),
        new("Assurance", "Gates and findings", "/gates", "science", a => AccessPolicy.Allows(a, Permission.ReadUseCases)),
        new("Assurance", "Workflows", "/workflows", "schema", a => AccessPolicy.Allows(a, Permission.ReadWorkflows)),
        new("Assurance", "Audit", "/audit", "receipt_long", a => AccessPolicy.Allows(a, Permission.ReadAudit), "a"),
        new("Assurance", "Reports", "/reports", "summarize", a => AccessPolicy.Allows(a, Permission.ExportAuditPacks)),
        new("Assurance", "Personal data", "/privacy", "shield_person", a => AccessPolicy.Allows(a, Permission.ReadErasures)),
        new("Run", "My use cases", "/use-cases", "apps", ProposesForOwnUnit, "u"),
        new("Run", "Usage and cost", "/usage", "monitoring", a => AccessPolicy.Allows(a, Permission.ReadUseCases)),
        new("Run", "Feedback", "/feedback", "forum", a => AccessPolicy.Allows(a, Permission.ReadUseCases)),
        new("Run", "Incidents", "/incidents", "warning", a => AccessPolicy.Allows(a, Permission.ReadIncidents)),
        new("Run", "Exercises", "/exercises", "sports_score", a => AccessPolicy.Allows(a, Permission.ReadExercises)),
        new("Shadow AI", "Campaigns", "/shadow-ai", "radar", a => AccessPolicy.Allows(a, Permission.ReadCampaigns)),
        new("Help", "Tell us about a tool", "/shadow-ai/survey", "campaign", a => AccessPolicy.Allows(a, Permission.AnswerSurvey)),
        new("People", "Champions", "/champions", "volunteer_activism", a => AccessPolicy.Allows(a, Permission.ReadChampions)),
        new("People", "Shared failures", "/failures", "lightbulb", a => AccessPolicy.Allows(a, Permission.ReadFailures)),
        new("People", "Training", "/training", "school", _ => true),
        new("Run", "Channels", "/channels", "campaign", a => AccessPolicy.Allows(a, Permission.ManageChannels)),
        new("Run", "Undelivered messages", "/outbox", "outgoing_mail", a => AccessPolicy.Allows(a, Permission.ReadOutbox)),
        new("Run", "Kill switches", "/switches", "power_settings_new", a => AccessPolicy.Allows(a, Permission.ReadSwitches), "k"),
        new("Help", "What is allowed", "/policies", "menu_book", ProposesForOwnUnit),
    ];

    public static IReadOnlyList<MenuItem> For(Actor actor) => [.. Items.Where(item => item.IsFor(actor)).DistinctBy(item => item.Href)];

    /// <summary>The item of the page being shown: the longest address that leads there.</summary>
    /// <param name="items">What the person sees.</param>
    /// <param name="path">Path and query, from the root.</param>
    public static MenuItem? Current(IEnumerable<MenuItem> items, string path) => items
        .Where(item => LeadsTo(item.Href, path))
        .MaxBy(item => item.Href.Length);

    private static bool ProposesForOwnUnit(Actor actor) =>
        AccessPolicy.Allows(actor, Permission.ProposeUseCase) && AccessPolicy.OnlyOwnUnit(actor, Permission.ReadUseCases);

    private static bool LeadsTo(string href, string path)
    {
        if (!path.StartsWith(href, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        return path.Length == href.Length || path[href.Length] is '?' or '#' or '&' || href != "/" && path[href.Length] is '/';
    }
}
