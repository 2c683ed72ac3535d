using CoEPortal.Governance.Reports;

namespace CoEPortal.Web.Reports;

/// <summary>A heading that the table of contents leads to.</summary>
/// <param name="Id">The anchor.</param>
/// <param name="Number">E.g. <c>3</c> or <c>3.12</c>.</param>
public sealed record OutlineEntry(string Id, string Number, string Title, bool IsSub = false);

/// <summary>The parts of a report and their order: the contents list them, and each part takes its number and title from here.</summary>
public sealed class ReportOutline
{
    private ReportOutline(IReadOnlyList<OutlineEntry> entries) => Entries = entries;

    public IReadOnlyList<OutlineEntry> Entries { get; }

    public OutlineEntry this[string id] => Entries.First(e => e.Id == id);

    public static ReportOutline Of(AuditPack pack) => pack switch
    {
        UseCasePack => Numbered(
            ("summary", "Summary"), ("proposal", "Proposal"), ("score", "Score, class and articles"), ("decisions", "Decisions"),
            ("assurance", "DPIA, cards, gates, incidents and documents"), ("usage", "Use and budgets"), ("switches", "Kill switches"), ("timeline", "Timeline"), ("verify", "How to verify")),
        PeriodPack => Numbered(
            ("summary", "Summary"), ("decisions", "Decisions"), ("classes", "Classes and lanes"), ("usage", "Use and cost"), ("switches", "Kill switches"),
            ("drills", "Drills"), ("audit", "Audit log"), ("timeline", "Timeline"), ("verify", "How to verify")),
        PortfolioPack portfolio => WithSubs(
            Numbered(("summary", "Summary"), ("register", "Register"), ("cases", "Use cases one by one"), ("verify", "How to verify")),
            "cases", portfolio.UseCases.Select(u => (u.UseCase.Key, $"{u.UseCase.Key} {PrintedText.Visible(u.UseCase.Title)}"))),
        DrillPack => Numbered(
            ("summary", "Summary"), ("steps", "Steps against the objective"), ("points", "Enforcement points"), ("leaks", "What got through"),
            ("earlier", "Earlier drills"), ("timeline", "Timeline"), ("verify", "How to verify")),
        ExercisePack => Numbered(
            ("summary", "Summary"), ("steps", "Steps against the clock"), ("injects", "What the players were told"), ("drill", "The rehearsal in it"), ("notes", "Observers’ notes"),
            ("findings", "Findings"), ("timeline", "Audit log"), ("verify", "How to verify")),
        CampaignPack => Numbered(
            ("summary", "Summary"), ("coverage", "Coverage, and what it cannot see"), ("difference", "What is other than before"), ("findings", "Findings and what becomes of them"), ("imports", "What was looked into"),
            ("reveals", "Names that were revealed"), ("signatures", "Signatures"), ("timeline", "Audit log"), ("verify", "How to verify")),
        IncidentPack => Numbered(
            ("summary", "Summary"), ("deadlines", "Deadlines"), ("entries", "Timeline of the incident"), ("switches", "Kill switches"), ("evidence", "Locked evidence"), ("steps", "Runbooks"),
            ("messages", "Messages to affected people"), ("learning", "Post-mortem and actions"), ("timeline", "Audit log"), ("verify", "How to verify")),
        _ => throw new ArgumentOutOfRangeException(nameof(pack)),
    };

    private static ReportOutline Numbered(params (string Id, string Title)[] parts) =>
        new([.. parts.Select((p, i) => new OutlineEntry(p.Id, (i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), p.Title))]);

    private static ReportOutline WithSubs(ReportOutline outline, string under, IEnumerable<(string Id, string Title)> subs) => new(
    [
        .. outline.Entries.SelectMany(e => e.Id == under ? [e, .. subs.Select((s, i) => new OutlineEntry(s.Id, $"{e.Number}.{i + 1}", s.Title, IsSub: true))] : new[] { e }),
    ]);
}
