using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>What becomes of a tool in a department.</summary>
public enum Disposition { Undecided, Approved, Replaced, Restricted, Blocked, Exception }

/// <param name="ReplacedBy">Needed where it is replaced.</param>
/// <param name="Until">The last day of an exception.</param>
public sealed record DispositionDraft(Disposition Disposition, string Reason, PersonId Owner, DateOnly DueOn, string? ReplacedBy = null, DateOnly? Until = null);

/// <summary>A tool that is used in a department: how much, how risky, and what becomes of it.</summary>
public sealed class ToolFinding : Aggregate
{
    public const int ReasonLength = 1000;
    public const int NameLength = 120;
    public const int MostOfACampaign = 10_000;
    public const int LongestException = 366;

    private ToolFinding()
    {
    }

    public Guid Id { get; private init; }

    public Guid CampaignId { get; private init; }

    public string CampaignKey { get; private init; } = "";

    public int Number { get; private init; }

    /// <summary>Of the catalogue; <c>host:…</c> for a look-alike, <c>other:…</c> for what only people named.</summary>
    public string ToolId { get; private init; } = "";

    public string Name { get; private init; } = "";

    public string Vendor { get; private init; } = "";

    public string Department { get; private init; } = "";

    public bool IsLookAlike { get; private init; }

    public List<UsageSource> Sources { get; private set; } = [];

    /// <summary>Who signed in; nobody is counted twice.</summary>
    public int People { get; private set; }

    /// <summary>Addresses that nobody had signed in from.</summary>
    public int Addresses { get; private set; }

    /// <summary>Of the survey; answers, not people.</summary>
    public int Answers { get; private set; }

    public long Requests { get; private set; }

    public long BlockedRequests { get; private set; }

    public long Bytes { get; private set; }

    public decimal? Spend { get; private set; }

    public DateTimeOffset? FirstSeen { get; private set; }

    public DateTimeOffset? LastSeen { get; private set; }

    public List<DateOnly> SeenOn { get; private set; } = [];

    /// <summary>As somebody said in the survey.</summary>
    public DataClass? MostSensitive { get; private set; }

    public int Risk { get; private set; }

    public RiskLevel RiskLevel { get; private set; }

    public IReadOnlyList<RiskPoint> RiskPoints { get; private set; } = [];

    public Disposition Disposition { get; private set; }

    public string? ReplacedBy { get; private set; }

    public string Reason { get; private set; } = "";

    public string? OwnerId { get; private set; }

    public string? OwnerName { get; private set; }

    public DateOnly? DueOn { get; private set; }

    public DateOnly? Until { get; private set; }

    public string? DecidedBy { get; private set; }

    public string? DecidedByName { get; private set; }

    public DateTimeOffset? DecidedAt { get; private set; }

    public string? DoneBy { get; private set; }

    public string? DoneByName { get; private set; }

    public DateTimeOffset? DoneAt { get; private set; }

    /// <summary>When an exception ended; it then lacks a disposition again.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    public string? UseCaseKey { get; private set; }

    /// <summary>An exception of an earlier campaign that ended; seen or not, it is to be decided.</summary>
    public bool IsCarriedOver { get; private init; }

    public string Key => FormattableString.Invariant($"{CampaignKey}/F{Number}");

    public bool IsOpen => Disposition is Disposition.Undecided || EndedAt is not null;

    public override (string Type, string Key) AuditSubject => ("shadow-finding", Key);

    internal static ToolFinding Found(Campaign campaign, int number, FoundTool tool, string department, bool isCarriedOver, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        CampaignId = campaign.Id,
        CampaignKey = campaign.Key,
        Number = number,
        ToolId = tool.Id,
        Name = tool.Name,
        Vendor = tool.Vendor,
        IsLookAlike = tool.IsLookAlike,
        Department = department,
        IsCarriedOver = isCarriedOver,
    };

    internal void Seen(UsageSource source, ServiceUsage usage)
    {
        AddSource(source);
        (Requests, BlockedRequests, Bytes) = (Requests + usage.Requests, BlockedRequests + usage.BlockedRequests, Bytes + usage.Bytes);
        Spend = source is UsageSource.Spend ? (Spend ?? 0) + usage.Cost : Spend;
        SeenOn = [.. SeenOn.Concat(usage.Days.Select(d => DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(d)))).Distinct().Order()];
        FirstSeen = FirstSeen is { } first && first < usage.FirstSeen ? first : usage.FirstSeen;
        LastSeen = LastSeen is { } last && last > usage.LastSeen ? last : usage.LastSeen;
    }

    internal void Said(int answers, DataClass? mostSensitive)
    {
        AddSource(UsageSource.Survey);
        Answers += answers;
        MostSensitive = mostSensitive > (MostSensitive ?? DataClass.Public) || MostSensitive is null ? mostSensitive : MostSensitive;
    }

    internal void Count(int people, int addresses) => (People, Addresses) = (people, addresses);

    internal void Judge(ToolRisk rules, AiService? service)
    {
        RiskPoints = rules.PointsOf(new ToolFacts(service, IsLookAlike, Department, Sources, People, Addresses, Answers, Bytes, Spend, SeenOn.Count, Requests, BlockedRequests, MostSensitive));
        Risk = Math.Min(RiskPoints.Sum(p => p.Points), ToolRisk.Most);
        RiskLevel = rules.LevelOf(Risk);
    }

    internal void Decide(DispositionDraft draft, Actor owner, DateOnly today, Actor by, DateTimeOffset now)
    {
        var (until, replacedBy) = (draft.Disposition is Disposition.Exception ? draft.Until : null, draft.Disposition is Disposition.Replaced ? draft.ReplacedBy?.Trim() : null);
        Refuse.If(draft.Disposition is Disposition.Undecided, "disposition-required", "Approve it, replace it, restrict it, block it, or make an exception until a day.");
        Refuse.If(draft.Disposition is Disposition.Approved && IsLookAlike, "look-alike", $"{Name} imitates another service. It is never approved: block it, and ask who typed a password into it.");
        Refuse.If(string.IsNullOrWhiteSpace(draft.Reason) || draft.Reason.Length > ReasonLength, "reason-required", $"Say why, in 1 to {ReasonLength:N0} characters.");
        Refuse.If(draft.DueOn < today || draft.DueOn > today.AddYears(1), "due-out-of-range", "Choose a day from today within a year by which it is carried out.");
        Refuse.If(draft.Disposition is Disposition.Replaced && replacedBy is not { Length: > 0 and <= NameLength }, "replacement-required", $"Say by what it is replaced, in at most {NameLength} characters: a tool, or a use case.");
        Refuse.If(draft.Disposition is Disposition.Exception && (until is not { } end || end <= today || end > today.AddDays(LongestException)), "until-required", "An exception ends: choose a day after today within a year.");
        var before = EndedAt is null ? Disposition : Disposition.Undecided;
        (Disposition, Reason, ReplacedBy, Until, DueOn) = (draft.Disposition, Redaction.Of(draft.Reason.Trim()), replacedBy, until, draft.DueOn);
        (OwnerId, OwnerName) = (owner.Id.Value, owner.Name);
        (DecidedBy, DecidedByName, DecidedAt, EndedAt) = (by.Id.Value, by.Name, now, null);
        (DoneBy, DoneByName, DoneAt) = (null, null, null);
        Record(new FindingDecided(Key, UseCaseKey, Name, Department, Disposition, before, ReplacedBy, Reason, OwnerId, OwnerName, draft.DueOn, until, by, now));
    }

    internal void CarryOut(Actor by, DateTimeOffset now)
    {
        Refuse.If(IsOpen, "disposition-required", "Nothing was decided yet that could be carried out.");
        Refuse.If(DoneAt is not null, "already-done", "It was carried out already.");
        (DoneBy, DoneByName, DoneAt) = (by.Id.Value, by.Name, now);
        Record(new FindingCarriedOut(Key, UseCaseKey, Name, Disposition, by, now));
    }

    internal void Promote(string useCaseKey, Actor by, DateTimeOffset now)
    {
        UseCaseKey = useCaseKey;
        Record(new FindingPromoted(Key, useCaseKey, Name, by, now));
    }

    internal void DemandNoUseCase()
    {
        Refuse.If(UseCaseKey is not null, "already-promoted", $"{Name} became {UseCaseKey} already.");
        Refuse.If(IsLookAlike, "look-alike", $"{Name} imitates another service and becomes no use case.");
    }

    internal void EndException(Actor by, DateTimeOffset now)
    {
        EndedAt = now;
        Record(new FindingExceptionEnded(Key, UseCaseKey, Name, Until!.Value, by, now));
    }

    private void AddSource(UsageSource source) => Sources = [.. Sources.Append(source).Distinct().Order()];
}

/// <summary>What a finding is about.</summary>
internal sealed record FoundTool(string Id, string Name, string Vendor, bool IsLookAlike, AiService? Service)
{
    private const string Other = "other:";

    public static FoundTool Of(AiService service) => new(service.Id, service.Name, service.Vendor, false, service);

    public static FoundTool LookAlike(string host, AiService imitates) => new($"host:{host}", Cut(host), $"looks like {imitates.Name}", true, null);

    public static FoundTool Named(string name) => new(Other + name.ToLowerInvariant(), Cut(name), "", false, null);

    private static string Cut(string name) => name.Length <= ToolFinding.NameLength ? name : name[..ToolFinding.NameLength];
}
