using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.DataSources;

/// <summary>On which ground of Chapter V of the GDPR data may leave for another country.</summary>
public enum Safeguard
{
    /// <summary>The Commission found its protection adequate (Art. 45).</summary>
    Adequacy,

    /// <summary>Standard contractual clauses (Art. 46(2)(c)).</summary>
    StandardClauses,

    /// <summary>Binding corporate rules (Art. 47).</summary>
    BindingRules,

    /// <summary>An exception for single cases (Art. 49).</summary>
    Derogation,

    /// <summary>Nobody has named one.</summary>
    None,
}

/// <summary>Data goes from one country to another.</summary>
/// <param name="From">Country or region, e.g. Germany.</param>
/// <param name="Reference">The decision or contract, e.g. Decision (EU) 2021/1772.</param>
public sealed record BorderFlow(string From, string To, Safeguard Safeguard, string Reference);

/// <summary>What somebody says of a source.</summary>
/// <param name="System">Where it lies, e.g. the name of the archive.</param>
/// <param name="FeedsOn">Keys of the sources that it is filled from.</param>
public sealed record DataSourceDraft(
    string Name, string Description, string System, DataClass DataClass, PersonalData PersonalData, Residency Residency, IReadOnlyList<string> FeedsOn, IReadOnlyList<BorderFlow> Flows);

/// <summary>A source of data that use cases read from, as the organisation knows it.</summary>
public sealed class DataSource : Aggregate
{
    public const int NameLength = 200;
    public const int TextLength = 4000;
    public const int Most = 50;

    private DataSource()
    {
    }

    public Guid Id { get; private init; }

    /// <summary>E.g. <c>DS-0001</c>.</summary>
    public string Key { get; private init; } = "";

    public string Name { get; private set; } = "";

    public string Description { get; private set; } = "";

    public string System { get; private set; } = "";

    public DataClass DataClass { get; private set; }

    public PersonalData PersonalData { get; private set; }

    /// <summary>The widest circle in which it may be processed.</summary>
    public Residency Residency { get; private set; }

    public List<string> FeedsOn { get; private set; } = [];

    public List<BorderFlow> Flows { get; private set; } = [];

    public string OwnerId { get; private set; } = "";

    public string OwnerName { get; private set; } = "";

    public DateTimeOffset ChangedAt { get; private set; }

    public DateTimeOffset? RetiredAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("data-source", Key);

    /// <summary>Data leaves without a ground, or on one that is for single cases only.</summary>
    public bool HasWeakFlow => Flows.Exists(f => f.Safeguard is Safeguard.None or Safeguard.Derogation);

    internal static DataSource Register(string key, DataSourceDraft draft, Actor by, DateTimeOffset now)
    {
        AccessPolicy.Demand(by, Permission.ManageDataSources);
        var source = new DataSource { Id = Guid.CreateVersion7(now), Key = key, OwnerId = by.Id.Value, OwnerName = by.Name };
        source.Take(draft, now);
        source.Record(new DataSourceRegistered(key, source.DataClass, source.PersonalData, source.Residency, by, now));
        return source;
    }

    internal void Change(DataSourceDraft draft, Actor by, DateTimeOffset now)
    {
        DemandOpen(by);
        Take(draft, now);
        Record(new DataSourceChanged(Key, DataClass, PersonalData, Residency, FeedsOn.Count, Flows.Count, by, now));
    }

    internal void GiveTo(Actor owner, Actor by, DateTimeOffset now)
    {
        DemandOpen(by);
        (OwnerId, OwnerName, ChangedAt) = (owner.Id.Value, owner.Name, now);
        Record(new DataSourceGiven(Key, OwnerId, OwnerName, by, now));
    }

    /// <summary>It is not there any more. Use cases that name it show it as not registered.</summary>
    internal void Retire(Actor by, DateTimeOffset now)
    {
        DemandOpen(by);
        (RetiredAt, ChangedAt) = (now, now);
        Record(new DataSourceRetired(Key, by, now));
    }

    private void DemandOpen(Actor by)
    {
        AccessPolicy.Demand(by, Permission.ManageDataSources);
        Refuse.If(RetiredAt is not null, "retired", $"{Key} is no longer there. Register it anew if it came back.");
    }

    private void Take(DataSourceDraft draft, DateTimeOffset now)
    {
        Refuse.If(!IsLine(draft.Name, NameLength), "name-required", $"Name the source in 1 to {NameLength} characters, as people call it in their one-pagers.");
        Refuse.If(draft.System.Length > NameLength || draft.System.Any(char.IsControl), "system-unusable", $"Name the system in at most {NameLength} characters.");
        Refuse.If(draft.Description.Length > TextLength || draft.Description.Contains('\0', StringComparison.Ordinal), "text-too-long", $"Write at most {TextLength:N0} characters.");
        Refuse.If(draft.FeedsOn.Count > Most || draft.Flows.Count > Most, "too-many", $"At most {Most} sources before it, and {Most} flows.");
        Refuse.If(draft.FeedsOn.Contains(Key), "feeds-itself", $"{Key} does not feed itself.");
        foreach (var flow in draft.Flows)
        {
            Refuse.If(!IsLine(flow.From, 100) || !IsLine(flow.To, 100), "flow-unusable", "A flow goes from a country or region to another, each in 1 to 100 characters.");
            Refuse.If(flow.Reference.Length > NameLength || flow.Reference.Any(char.IsControl), "flow-unusable", $"Name the decision or contract in at most {NameLength} characters.");
            Refuse.If(flow.Safeguard is not Safeguard.None && string.IsNullOrWhiteSpace(flow.Reference), "reference-required", $"Say which decision or contract lets data go from {flow.From} to {flow.To}, or that there is none.");
        }

        (Name, Description, System) = (draft.Name.Trim(), draft.Description.Trim(), draft.System.Trim());
        (DataClass, PersonalData, Residency, ChangedAt) = (draft.DataClass, draft.PersonalData, draft.Residency, now);
        FeedsOn = [.. draft.FeedsOn.Distinct(StringComparer.Ordinal)];
        Flows = [.. draft.Flows.Select(f => f with { From = f.From.Trim(), To = f.To.Trim(), Reference = f.Reference.Trim() })];
    }

    private static bool IsLine(string text, int length) => text.Trim().Length > 0 && text.Length <= length && !text.Any(char.IsControl);
}

public sealed record DataSourceRegistered(string Source, DataClass DataClass, PersonalData PersonalData, Residency Residency, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record DataSourceChanged(string Source, DataClass DataClass, PersonalData PersonalData, Residency Residency, int FeedsOn, int Flows, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record DataSourceGiven(string Source, string Owner, [property: Personal(nameof(DataSourceGiven.Owner))] string OwnerName, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record DataSourceRetired(string Source, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);
