using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Incidents;

/// <summary>What somebody says who reports an incident: a title is enough, the rest can come later.</summary>
/// <param name="Title">In one line.</param>
/// <param name="Description">What happened, to whom, what was done already.</param>
/// <param name="Category">As far as it is known.</param>
/// <param name="UseCaseKeys">Those concerned; none when nobody knows.</param>
/// <param name="OccurredAt">When it happened; null is now.</param>
/// <param name="PersonalData">Whether personal data is concerned; null when nobody knows.</param>
/// <param name="PeopleAffected">About how many; null when nobody knows.</param>
/// <param name="GroupsAffected">Who: customers, applicants …</param>
public sealed record IncidentReport(
    string Title, string Description = "", IncidentCategory Category = IncidentCategory.Other, IReadOnlyList<string>? UseCaseKeys = null,
    DateTimeOffset? OccurredAt = null, bool? PersonalData = null, int? PeopleAffected = null, string GroupsAffected = "")
{
    public const int TitleLength = 200;
    public const int TextLength = 8000;
    public const int GroupsLength = 500;
    public const int MostUseCases = 20;
    public const int MostPeople = 1_000_000_000;

    private static readonly TimeSpan Oldest = TimeSpan.FromDays(3650);

    /// <summary>The same within bounds, and without keys and account numbers that people paste.</summary>
    internal IncidentReport Checked(DateTimeOffset now)
    {
        var errors = new Dictionary<string, string[]>();
        void Demand(bool holds, string field, string message)
        {
            if (!holds)
            {
                errors[field] = [message];
            }
        }

        Demand(!string.IsNullOrWhiteSpace(Title), "title", "Say in one line what happened, e.g. letters quote the tariff of another customer.");
        Demand(Title.Length <= TitleLength && !Title.Any(char.IsControl), "title", $"Write one line of at most {TitleLength} characters; the rest goes below.");
        Demand(Description.Length <= TextLength, "description", $"Write at most {TextLength:N0} characters.");
        Demand(GroupsAffected.Length <= GroupsLength, "groupsAffected", $"Write at most {GroupsLength} characters.");
        Demand(Enum.IsDefined(Category), "category", "Choose one of the categories.");
        Demand((UseCaseKeys?.Count ?? 0) <= MostUseCases, "useCases", $"Name at most {MostUseCases} use cases.");
        Demand(PeopleAffected is null or >= 0 and <= MostPeople, "peopleAffected", "Write a number from 0.");
        Demand(OccurredAt is not { } at || at <= now.AddMinutes(1), "occurredAt", "That lies in the future. Say when it happened.");
        Demand(OccurredAt is not { } past || past > now - Oldest, "occurredAt", "That is more than ten years ago. Check the date.");
        return errors.Count > 0 ? throw new InvalidFieldsException(errors) : this with
        {
            Title = Redaction.Of(Title),
            Description = Redaction.Of(Description),
            GroupsAffected = Redaction.Of(GroupsAffected),
            UseCaseKeys = [.. (UseCaseKeys ?? []).Select(k => k.Trim()).Where(k => k.Length > 0).Distinct(StringComparer.Ordinal)],
            OccurredAt = OccurredAt is { } when && when < now ? when.ToUniversalTime() : now,
        };
    }
}

/// <summary>What triage finds: how bad it is, and what the clocks need to know.</summary>
/// <param name="AwareAt">From this moment the clocks run; null leaves it as it is.</param>
/// <param name="IsWidespread">A widespread infringement, over several member states (AI Act Article 3(61)).</param>
public sealed record IncidentTriage(
    IncidentSeverity Severity, IncidentCategory Category, IReadOnlyList<HarmKind> Harms, IReadOnlyList<string> UseCaseKeys, bool? PersonalData = null,
    RiskToPeople RiskToPeople = RiskToPeople.Unknown, bool IsWidespread = false, int? PeopleAffected = null, string GroupsAffected = "", DateTimeOffset? AwareAt = null)
{
    internal IncidentTriage Checked(Incident incident, DateTimeOffset now)
    {
        Refuse.If(!Enum.IsDefined(Severity) || !Enum.IsDefined(Category) || !Enum.IsDefined(RiskToPeople) || Harms.Any(h => !Enum.IsDefined(h)), "unknown-choice", "Choose severity, category, risk and harms from the lists.");
        Refuse.If(UseCaseKeys.Count > IncidentReport.MostUseCases, "too-many-use-cases", $"Name at most {IncidentReport.MostUseCases} use cases.");
        Refuse.If(PeopleAffected is < 0 or > IncidentReport.MostPeople, "people-out-of-range", "Write a number of people from 0.");
        Refuse.If(GroupsAffected.Length > IncidentReport.GroupsLength, "text-too-long", $"Write at most {IncidentReport.GroupsLength} characters.");
        Refuse.If(AwareAt > now.AddMinutes(1), "aware-in-the-future", "Nobody can have become aware of it in the future. Say when somebody of the organisation knew.");
        Refuse.If(AwareAt < incident.OccurredAt, "aware-before-it-occurred", "Nobody knew of it before it happened. Say when somebody of the organisation knew.");
        return this with
        {
            Harms = [.. Harms.Distinct().Order()],
            UseCaseKeys = [.. UseCaseKeys.Select(k => k.Trim()).Where(k => k.Length > 0).Distinct(StringComparer.Ordinal)],
            GroupsAffected = Redaction.Of(GroupsAffected),
            AwareAt = AwareAt is { } at && at < now ? at.ToUniversalTime() : AwareAt is null ? null : now,
        };
    }
}
