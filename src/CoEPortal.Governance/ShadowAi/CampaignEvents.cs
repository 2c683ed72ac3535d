using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.ShadowAi;

public sealed record CampaignOpened(
    string Campaign, string Quarter, bool IsQuarterly, IReadOnlyList<string> Departments, IReadOnlyList<UsageSource> Sources, DateOnly DueOn, string OwnerId,
    [property: Personal(nameof(CampaignOpened.OwnerId))] string OwnerName, string RulesVersion, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record CampaignChanged(
    string Campaign, IReadOnlyList<string> Departments, IReadOnlyList<UsageSource> Sources, DateOnly DueOn, string OwnerId, [property: Personal(nameof(CampaignChanged.OwnerId))] string OwnerName,
    [property: Personal] string Unseen, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record CampaignSigned(string Campaign, Role Function, string ContentHash, [property: Personal] string Note, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? SignedContent => ContentHash;
}

public sealed record CampaignClosed(string Campaign, string ContentHash, int Findings, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? SignedContent => ContentHash;
}

/// <summary>Who belongs to which department, kept under seal until the names of the campaign are destroyed.</summary>
public sealed record CampaignDepartmentsGiven(string Campaign, int Lines, string ListHash, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? SignedContent => ListHash;
}

/// <summary>The key of the names was destroyed: pseudonyms lead to nobody any more.</summary>
public sealed record CampaignNamesDestroyed(string Campaign, int People, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

/// <param name="Answers">So many at once that none of them leads to a person; of whom is not known to anybody.</param>
public sealed record SurveyAnswersReleased(string Campaign, int Answers, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

/// <summary>Somebody looked whose name stands behind a pseudonym. The name itself is not here.</summary>
public sealed record PersonRevealed(string Campaign, string Pseudonym, int Finding, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record UsageImportReceived(string Campaign, Guid Import, UsageSource Source, string Format, string FileHash, long Bytes, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? SignedContent => FileHash;
}

public sealed record UsageImported(
    string Campaign, Guid Import, UsageSource Source, string Format, string FileHash, long Lines, long Refused, long Matched, long Assigned, int NewFindings, string CatalogueVersion, string RulesVersion,
    Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? SignedContent => FileHash;
}

public sealed record UsageImportEnded(string Campaign, Guid Import, ImportState State, string Why, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

/// <summary>What happened to a finding; on the timeline of the use case it became, if any.</summary>
public abstract record FindingEvent(string Finding, string? UseCase, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record FindingDecided(
    string Finding, string? UseCase, string Tool, string Department, Disposition Disposition, Disposition Before, string? ReplacedBy, [property: Personal] string Reason, string OwnerId,
    [property: Personal(nameof(FindingDecided.OwnerId))] string OwnerName, DateOnly DueOn, DateOnly? Until, Actor By, DateTimeOffset At) : FindingEvent(Finding, UseCase, By, At);

public sealed record FindingCarriedOut(string Finding, string? UseCase, string Tool, Disposition Disposition, Actor By, DateTimeOffset At) : FindingEvent(Finding, UseCase, By, At);

public sealed record FindingPromoted(string Finding, string? UseCase, string Tool, Actor By, DateTimeOffset At) : FindingEvent(Finding, UseCase, By, At);

public sealed record FindingExceptionEnded(string Finding, string? UseCase, string Tool, DateOnly Until, Actor By, DateTimeOffset At) : FindingEvent(Finding, UseCase, By, At);
