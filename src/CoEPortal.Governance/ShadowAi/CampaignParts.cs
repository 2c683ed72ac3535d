using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>Somebody of one campaign, by a pseudonym that means nothing in another.</summary>
public sealed class CampaignPerson
{
    public Guid CampaignId { get; init; }

    public byte[] Pseudonym { get; init; } = [];

    public bool IsAddress { get; init; }

    /// <summary>The name, encrypted; null once the person was erased.</summary>
    internal byte[]? Sealed { get; init; }
}

public sealed class FindingPerson
{
    public Guid FindingId { get; init; }

    public byte[] Pseudonym { get; init; } = [];
}

/// <summary>Somebody looked whose name stands behind a pseudonym. Written once.</summary>
public sealed class PersonReveal
{
    public const int ReasonLength = 1000;

    public Guid Id { get; init; }

    public Guid CampaignId { get; init; }

    public int FindingNumber { get; init; }

    public byte[] Pseudonym { get; init; } = [];

    public string Reason { get; init; } = "";

    public string RevealedBy { get; init; } = "";

    public string RevealedByName { get; init; } = "";

    public DateTimeOffset RevealedAt { get; init; }
}

public sealed class CampaignCoverage
{
    public Guid CampaignId { get; init; }

    public UsageSource Source { get; init; }

    public string Department { get; init; } = "";

    public long Events { get; init; }
}

/// <summary>What people use a tool for; chosen, so that no words of theirs give them away.</summary>
public enum SurveyPurpose { Writing, Translation, Summaries, Code, Meetings, Research, Images, Data, Other }

/// <summary>An answer to the survey. It says nothing of who gave it: no person, no time, no place, no words but the tool's name.</summary>
public sealed record SurveyAnswer(string Tool, string Department, SurveyPurpose Purpose, DataClass DataClass);

/// <summary>One that waits until enough others came.</summary>
public sealed class SurveyAnswerHeld
{
    public Guid Id { get; init; }

    public Guid CampaignId { get; init; }

    /// <summary>The day only.</summary>
    public DateOnly AnsweredOn { get; init; }

    public string Tool { get; init; } = "";

    public string Department { get; init; } = "";

    public SurveyPurpose Purpose { get; init; }

    public DataClass DataClass { get; init; }
}

public sealed class SurveyAnswerReleased
{
    public Guid Id { get; init; }

    public Guid CampaignId { get; init; }

    public string Tool { get; init; } = "";

    public string Department { get; init; } = "";

    public SurveyPurpose Purpose { get; init; }

    public DataClass DataClass { get; init; }
}
