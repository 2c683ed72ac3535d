using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.ShadowAi;

public enum ImportState { Receiving, Waiting, Running, Done, Failed, Cancelled }

/// <summary>What a file said, counted. The file itself is gone.</summary>
/// <param name="Assigned">Lines of a department that is known.</param>
/// <param name="OutOfScope">Lines that name a tool in a department that the campaign does not look at.</param>
public sealed record ImportCounts(long Lines, long Matched, long Assigned, long OutOfScope, IReadOnlyList<FaultyLines> Faults, int People, int NewFindings, bool IsCut);

/// <summary>A log or an export on its way into a campaign. It is kept encrypted while it waits, and not at all after it was read.</summary>
public sealed class UsageImport : Aggregate
{
    public const int TitleLength = 120;
    public const int MostAttempts = 3;
    public const int MostAtOnce = 10;

    private UsageImport()
    {
    }

    public Guid Id { get; private init; }

    public Guid CampaignId { get; private init; }

    public UsageSource Source { get; private init; }

    public string Format { get; private init; } = "";

    /// <summary>What whoever imports it calls it.</summary>
    public string FileTitle { get; private init; } = "";

    /// <summary>Of what was in it, however it was compressed.</summary>
    public string? FileHash { get; private set; }

    public long FileBytes { get; private set; }

    public ImportState State { get; private set; }

    public int Attempts { get; private set; }

    public long ReadBytes { get; private set; }

    public long Lines { get; private set; }

    /// <summary>Lines that name a tool which is known.</summary>
    public long Matched { get; private set; }

    public long Assigned { get; private set; }

    public long OutOfScope { get; private set; }

    public IReadOnlyList<FaultyLines> Faults { get; private set; } = [];

    public int People { get; private set; }

    public int NewFindings { get; private set; }

    public bool IsCut { get; private set; }

    public string Failure { get; private set; } = "";

    public string ImportedBy { get; private init; } = "";

    public string ImportedByName { get; private init; } = "";

    public DateTimeOffset ReceivedAt { get; private init; }

    /// <summary>Whoever receives or reads it is taken for dead some time after this.</summary>
    public DateTimeOffset TouchedAt { get; private set; }

    public DateTimeOffset? FinishedAt { get; private set; }

    public bool IsOver => State is ImportState.Done or ImportState.Failed or ImportState.Cancelled;

    public long Refused => Faults.Where(f => f.Fault is not LineFault.Other).Sum(f => f.Count);

    public override (string Type, string Key) AuditSubject => ("usage-import", Id.ToString());

    internal static UsageImport Receive(Campaign campaign, UsageFormat format, string title, Actor by, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        CampaignId = campaign.Id,
        Source = format.Source,
        Format = format.Name,
        FileTitle = title,
        ImportedBy = by.Id.Value,
        ImportedByName = by.Name,
        ReceivedAt = now,
        TouchedAt = now,
    };

    internal void Received(string campaign, string hash, long bytes, Actor by, DateTimeOffset now)
    {
        Refuse.If(State is not ImportState.Receiving, "import-ended", "This import was ended while the file was on its way.");
        (State, FileHash, FileBytes, TouchedAt) = (ImportState.Waiting, hash, bytes, now);
        Record(new UsageImportReceived(campaign, Id, Source, Format, hash, bytes, by, now));
    }

    internal void Start(DateTimeOffset now)
    {
        (State, ReadBytes, TouchedAt) = (ImportState.Running, 0, now);
        Attempts++;
        Touch();
    }

    internal void Finish(string campaign, ImportCounts counts, string catalogueVersion, string rulesVersion, Actor by, DateTimeOffset now)
    {
        (State, FinishedAt, ReadBytes) = (ImportState.Done, now, FileBytes);
        (Lines, Matched, Assigned, OutOfScope, Faults, People, NewFindings, IsCut) =
            (counts.Lines, counts.Matched, counts.Assigned, counts.OutOfScope, counts.Faults, counts.People, counts.NewFindings, counts.IsCut);
        Record(new UsageImported(campaign, Id, Source, Format, FileHash!, Lines, Refused, Matched, Assigned, NewFindings, catalogueVersion, rulesVersion, by, now));
    }

    internal void Fail(string campaign, string why, Actor by, DateTimeOffset now) => End(campaign, ImportState.Failed, why, by, now);

    internal void Cancel(string campaign, Actor by, DateTimeOffset now)
    {
        Refuse.If(IsOver, "import-ended", "This import has ended already. There is nothing to cancel.");
        End(campaign, ImportState.Cancelled, "Cancelled; nothing of it counts.", by, now);
    }

    private void End(string campaign, ImportState state, string why, Actor by, DateTimeOffset now)
    {
        (State, Failure, FinishedAt) = (state, why.Length > 1000 ? why[..1000] : why, now);
        Record(new UsageImportEnded(campaign, Id, state, Failure, by, now));
    }
}
