using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.ShadowAi;

public enum CampaignState { Open, Closed }

/// <summary>What a campaign looks at.</summary>
/// <param name="Title">For people; empty for the one of the quarter.</param>
/// <param name="FromOn">Earlier usage does not count.</param>
/// <param name="Unseen">What no source of it can see, in words: personal phones.</param>
public sealed record CampaignPlan(
    string Title, IReadOnlyList<string> Departments, IReadOnlyList<UsageSource> Sources, DateOnly FromOn, DateOnly DueOn, string Unseen = "");

/// <summary>A signature under the findings as they were. Written once.</summary>
public sealed class CampaignSignature
{
    public const int NoteLength = 1000;

    public Guid CampaignId { get; internal init; }

    public int Number { get; internal init; }

    public Role Function { get; internal init; }

    public string PersonId { get; internal init; } = "";

    public string PersonName { get; internal init; } = "";

    public string Note { get; internal init; } = "";

    /// <summary>Of all findings with their dispositions, and the coverage.</summary>
    public string ContentHash { get; internal init; } = "";

    public DateTimeOffset SignedAt { get; internal init; }
}

/// <summary>A look for the AI tools that people really use: once a quarter, or by hand. Closed by two people of two functions.</summary>
public sealed class Campaign : Aggregate
{
    public const int TitleLength = 120;
    public const int UnseenLength = 2000;
    public const int MostDepartments = 300;

    /// <summary>After it is closed; then the key of its names is destroyed.</summary>
    public static readonly TimeSpan KeepNames = TimeSpan.FromDays(90);

    private readonly List<CampaignSignature> _signatures = [];

    private Campaign()
    {
    }

    public Guid Id { get; private init; }

    /// <summary>E.g. <c>SC-0001</c>.</summary>
    public string Key { get; private init; } = "";

    public string Title { get; private init; } = "";

    /// <summary>E.g. <c>2026-Q4</c>.</summary>
    public string Quarter { get; private init; } = "";

    /// <summary>The one of its quarter; there is no second.</summary>
    public bool IsQuarterly { get; private init; }

    /// <summary>Usage of others is counted and left out.</summary>
    public List<string> Departments { get; private set; } = [];

    public List<UsageSource> Sources { get; private set; } = [];

    public string Unseen { get; private set; } = "";

    public string? UnseenBy { get; private set; }

    public DateOnly FromOn { get; private init; }

    public DateOnly DueOn { get; private set; }

    public string OwnerId { get; private set; } = "";

    public string OwnerName { get; private set; } = "";

    public CampaignState State { get; private set; }

    /// <summary>The one before it, with which it is compared.</summary>
    public Guid? PreviousId { get; private init; }

    public string RulesVersion { get; private set; } = "";

    /// <summary>Of all amounts in it; null as long as nothing was paid.</summary>
    public string? Currency { get; private set; }

    /// <summary>Of the list that says who belongs to which department.</summary>
    public int DepartmentLines { get; private set; }

    public DateTimeOffset OpenedAt { get; private init; }

    public DateTimeOffset? ClosedAt { get; private set; }

    public string? ClosedHash { get; private set; }

    public DateTimeOffset? NamesDestroyedAt { get; private set; }

    public DateOnly? SurveyReleasedOn { get; private set; }

    public IReadOnlyList<CampaignSignature> Signatures => _signatures;

    public bool HasNames => NamesDestroyedAt is null;

    public override (string Type, string Key) AuditSubject => ("campaign", Key);

    /// <summary>E.g. <c>2026-Q4</c>.</summary>
    public static string QuarterOf(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{day.Year}-Q{(day.Month + 2) / 3}");

    public static DateOnly FirstDayOf(DateOnly day) => new(day.Year, (day.Month - 1) / 3 * 3 + 1, 1);

    internal static Campaign Open(
        string key, CampaignPlan plan, bool isQuarterly, Guid? previous, string rulesVersion, Actor owner, DateOnly today, Actor by, DateTimeOffset now)
    {
        var quarter = QuarterOf(today);
        Refuse.If(plan.FromOn > today || plan.FromOn < today.AddYears(-2), "day-out-of-range", "Usage counts from a day of the last two years, today at the latest.");
        var campaign = new Campaign
        {
            Id = Guid.CreateVersion7(now),
            Key = key,
            Title = plan.Title.Trim() is { Length: > 0 } title ? title : $"{quarter[5..]} {quarter[..4]}",
            Quarter = quarter,
            IsQuarterly = isQuarterly,
            FromOn = plan.FromOn,
            PreviousId = previous,
            RulesVersion = rulesVersion,
            OpenedAt = now,
        };
        Refuse.If(campaign.Title.Length > TitleLength || campaign.Title.Any(char.IsControl), "title-unusable", $"A title has at most {TitleLength} characters on one line.");
        campaign.Take(plan, owner, today, by);
        campaign.Record(new CampaignOpened(key, quarter, isQuarterly, campaign.Departments, campaign.Sources, campaign.DueOn, campaign.OwnerId, campaign.OwnerName, rulesVersion, by, now));
        return campaign;
    }

    internal void Change(CampaignPlan plan, Actor owner, DateOnly today, Actor by, DateTimeOffset now)
    {
        DemandOpen();
        Take(plan, owner, today, by);
        Record(new CampaignChanged(Key, Departments, Sources, DueOn, OwnerId, OwnerName, Unseen, by, now));
    }

    internal void GiveDepartments(int lines, string hash, Actor by, DateTimeOffset now)
    {
        DemandOpen();
        DepartmentLines = lines;
        Record(new CampaignDepartmentsGiven(Key, lines, hash, by, now));
    }

    /// <summary>A signature counts for the content it saw; two of two people and two functions close the campaign.</summary>
    internal void Sign(Role function, string note, string seenHash, string contentHash, int undecided, int findings, Actor by, DateTimeOffset now)
    {
        DemandOpen();
        Refuse.If(!by.Is(function), "not-your-function", $"{by.Name} does not sign for {function}.");
        Refuse.If(undecided > 0, "findings-undecided", $"{undecided:N0} findings have no disposition. Decide each of them first.");
        Refuse.If(seenHash != contentHash, "changed-meanwhile", "Findings have changed since you looked. Look again, then sign.");
        Refuse.If(note.Length > CampaignSignature.NoteLength, "text-too-long", $"Write at most {CampaignSignature.NoteLength:N0} characters.");
        var counting = _signatures.Where(s => s.ContentHash == contentHash).ToList();
        Refuse.If(counting.Exists(s => s.PersonId == by.Id.Value), "second-person-required", "You have signed this already. Somebody else of another function has to sign too.");
        Refuse.If(counting.Exists(s => s.Function == function), "second-function-required", $"{function} has signed already. Somebody of another function has to sign too.");
        var signature = new CampaignSignature
        {
            CampaignId = Id,
            Number = _signatures.Count + 1,
            Function = function,
            PersonId = by.Id.Value,
            PersonName = by.Name,
            Note = Redaction.Of(note.Trim()),
            ContentHash = contentHash,
            SignedAt = now,
        };
        _signatures.Add(signature);
        Record(new CampaignSigned(Key, function, contentHash, signature.Note, by, now));
        if (counting.Count > 0)
        {
            (State, ClosedAt, ClosedHash) = (CampaignState.Closed, now, contentHash);
            Record(new CampaignClosed(Key, contentHash, findings, by, now));
        }
    }

    internal void Reveal(string pseudonym, int finding, string reason, Actor by, DateTimeOffset now)
    {
        Refuse.If(!HasNames, "names-destroyed", $"The names of {Key} were destroyed {KeepNames.Days} days after it was closed. Nobody can read them any more.");
        Refuse.If(string.IsNullOrWhiteSpace(reason) || reason.Length > PersonReveal.ReasonLength, "reason-required", $"Say in 1 to {PersonReveal.ReasonLength:N0} characters why you have to know who it is. The reason stays in the campaign.");
        Record(new PersonRevealed(Key, pseudonym, finding, Redaction.Of(reason.Trim()), by, now));
    }

    internal void DestroyNames(int people, Actor by, DateTimeOffset now)
    {
        (NamesDestroyedAt, DepartmentLines) = (now, 0);
        Record(new CampaignNamesDestroyed(Key, people, by, now));
    }

    internal void Released(int answers, DateOnly on, Actor by, DateTimeOffset now)
    {
        SurveyReleasedOn = on;
        Record(new SurveyAnswersReleased(Key, answers, by, now));
    }

    /// <summary>The rules and the currency that findings are counted by from now on.</summary>
    internal void CountBy(string rulesVersion, string? currency)
    {
        (RulesVersion, Currency) = (rulesVersion, Currency ?? currency);
        Touch();
    }

    internal void DemandOpen() => Refuse.If(State is CampaignState.Closed, "campaign-closed", $"{Key} is closed. What is found from now on belongs to the next campaign.");

    private void Take(CampaignPlan plan, Actor owner, DateOnly today, Actor by)
    {
        var departments = plan.Departments.Select(d => d.Trim()).Where(d => d.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        Refuse.If(departments.Count is 0 or > MostDepartments, "departments-required", $"Name 1 to {MostDepartments} departments that it looks at.");
        Refuse.If(departments.Exists(d => d.Length > ShadowAi.Departments.LongestName || d.Any(char.IsControl) || d.Equals(ShadowAi.Departments.Unknown, StringComparison.OrdinalIgnoreCase)),
            "department-unusable", $"A department has at most {ShadowAi.Departments.LongestName} characters and is not called “{ShadowAi.Departments.Unknown}”.");
        Refuse.If(plan.Sources.Count == 0, "sources-required", "Choose at least one source that it looks into.");
        Refuse.If(plan.DueOn < today || plan.DueOn > today.AddYears(1), "due-out-of-range", "Choose a day from today within a year.");
        Refuse.If(plan.Unseen.Length > UnseenLength, "text-too-long", $"Write at most {UnseenLength:N0} characters.");
        if (plan.Unseen.Trim() is var unseen && unseen != Unseen)
        {
            (Unseen, UnseenBy) = (Redaction.Of(unseen), by.Id.Value);
        }

        (Departments, Sources, DueOn) = (departments, [.. plan.Sources.Distinct().Order()], plan.DueOn);
        (OwnerId, OwnerName) = (owner.Id.Value, owner.Name);
    }
}
