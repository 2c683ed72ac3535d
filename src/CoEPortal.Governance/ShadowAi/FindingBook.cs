using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>The findings of one campaign while something is added to them, in the transaction that holds the campaign.</summary>
internal sealed class FindingBook
{
    private readonly GovernanceDb _db;
    private readonly Campaign _campaign;
    private readonly Dictionary<(string Tool, string Department), ToolFinding> _known;
    private readonly Dictionary<string, string> _scope;
    private readonly HashSet<ToolFinding> _touched = [];
    private int _last;

    private FindingBook(GovernanceDb db, Campaign campaign, List<ToolFinding> known)
    {
        (_db, _campaign) = (db, campaign);
        _known = known.ToDictionary(f => (f.ToolId, f.Department));
        _scope = campaign.Departments.ToDictionary(d => d, StringComparer.OrdinalIgnoreCase);
        _scope[Departments.Unknown] = Departments.Unknown;
        _last = known.Count == 0 ? 0 : known.Max(f => f.Number);
    }

    public int Added { get; private set; }

    public bool IsCut { get; private set; }

    public IReadOnlyCollection<ToolFinding> Touched => _touched;

    public static async Task<FindingBook> OfAsync(GovernanceDb db, Campaign campaign, CancellationToken cancellation) =>
        new(db, campaign, await db.ToolFindings.Where(f => f.CampaignId == campaign.Id).ToListAsync(cancellation));

    /// <returns>As the campaign writes it; null when it does not look there.</returns>
    public string? InScope(string department) => _scope.GetValueOrDefault(department);

    /// <returns>Null when the campaign holds as many as it can.</returns>
    public ToolFinding? For(FoundTool tool, string department, DateTimeOffset now, bool isCarriedOver = false)
    {
        if (!_known.TryGetValue((tool.Id, department), out var finding))
        {
            if (_known.Count >= ToolFinding.MostOfACampaign)
            {
                IsCut = true;
                return null;
            }

            finding = _known[(tool.Id, department)] = ToolFinding.Found(_campaign, ++_last, tool, department, isCarriedOver, now);
            _db.ToolFindings.Add(finding);
            Added++;
        }

        _touched.Add(finding);
        return finding;
    }

    public void Judge(ToolRisk rules, ServiceCatalogue catalogue)
    {
        var services = catalogue.Services.ToDictionary(s => s.Id, StringComparer.Ordinal);
        foreach (var finding in _touched)
        {
            finding.Judge(rules, services.GetValueOrDefault(finding.ToolId));
        }
    }
}
