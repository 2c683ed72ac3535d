using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Training;

/// <summary>What a course is.</summary>
/// <param name="ForRoles">Whose training it is; empty for everybody.</param>
/// <param name="ValidForDays">After so many days it has to be taken again: about 91 for a quarter, 365 for a year.</param>
public sealed record CourseDraft(string Title, string Description, string? Link, IReadOnlyList<Role> ForRoles, int ValidForDays);

/// <summary>
/// A course of the register. A new edition may count beside older ones, or make everybody take it again. Use cases can require
/// it: then enforcement lets through only whom the register knows to have completed it.
/// </summary>
public sealed class Course : Aggregate
{
    public const int LongestTitle = 200;
    public const int LongestDescription = 2000;
    public const int LongestValidity = 1830;

    /// <summary>How many use cases may require one course; snapshots name them all.</summary>
    public const int MostUseCases = 500;

    private Course()
    {
    }

    public string Key { get; private init; } = "";

    public string Title { get; private set; } = "";

    public string Description { get; private set; } = "";

    public string? Link { get; private set; }

    public List<Role> ForRoles { get; private set; } = [];

    /// <summary>Counts from 1.</summary>
    public int Edition { get; private set; } = 1;

    /// <summary>Completions of earlier editions count no more.</summary>
    public int OldestCounting { get; private set; } = 1;

    public int ValidForDays { get; private set; }

    /// <summary>Keys of use cases.</summary>
    public List<string> RequiredBy { get; private set; } = [];

    public DateTimeOffset? RetiredAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("course", Key);

    internal static Course Add(string key, CourseDraft draft, Actor by, DateTimeOffset now)
    {
        key = key.Trim();
        Refuse.If(
            key.Length is 0 or > 60 || !key.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') || key.StartsWith('-') || key.EndsWith('-') || key.Contains("--", StringComparison.Ordinal),
            "course-key-unusable", "The key of a course is words in lower case with dashes, e.g. prompt-safety: an LMS names the course by it.");
        var course = new Course { Key = key };
        course.Take(draft);
        course.Record(new CourseAdded(key, course.Title, [.. course.ForRoles], course.ValidForDays, by, now));
        return course;
    }

    /// <param name="isNewEdition">What is taught has changed.</param>
    /// <param name="isNeededAgain">Whoever completed an earlier edition has to take this one.</param>
    internal void Change(CourseDraft draft, bool isNewEdition, bool isNeededAgain, Actor by, DateTimeOffset now)
    {
        DemandInUse();
        Refuse.If(isNeededAgain && !isNewEdition, "edition-required", "Only a new edition makes people take a course again.");
        Take(draft);
        Edition += isNewEdition ? 1 : 0;
        OldestCounting = isNeededAgain ? Edition : OldestCounting;
        Record(new CourseChanged(Key, Title, Edition, OldestCounting, [.. ForRoles], ValidForDays, by, now));
    }

    internal void RequireFor(string useCase, Actor by, DateTimeOffset now)
    {
        DemandInUse();
        Refuse.If(RequiredBy.Contains(useCase), "already-required", $"{useCase} requires this course already.");
        Refuse.If(RequiredBy.Count >= MostUseCases, "too-many-use-cases", $"At most {MostUseCases} use cases require one course.");
        RequiredBy = [.. RequiredBy.Append(useCase).Order(StringComparer.Ordinal)];
        Record(new CourseRequired(Key, useCase, by, now));
    }

    internal void NoLongerRequireFor(string useCase, Actor by, DateTimeOffset now)
    {
        Refuse.If(!RequiredBy.Contains(useCase), "not-required", $"{useCase} does not require this course.");
        RequiredBy = [.. RequiredBy.Where(u => u != useCase)];
        Record(new CourseNoLongerRequired(Key, useCase, by, now));
    }

    internal void Retire(Actor by, DateTimeOffset now)
    {
        DemandInUse();
        Refuse.If(RequiredBy.Count > 0, "course-required", $"{string.Join(", ", RequiredBy)} require this course. Take the requirement away first.");
        RetiredAt = now;
        Record(new CourseRetired(Key, by, now));
    }

    private void DemandInUse() => Refuse.If(RetiredAt is not null, "course-retired", "This course is retired.");

    private void Take(CourseDraft draft)
    {
        var (title, description, link) = (draft.Title.Trim(), draft.Description.Trim(), string.IsNullOrWhiteSpace(draft.Link) ? null : draft.Link.Trim());
        Refuse.If(title.Length is 0 or > LongestTitle || title.Any(char.IsControl), "title-required", $"Give the course a title of at most {LongestTitle} characters.");
        Refuse.If(description.Length > LongestDescription, "description-too-long", $"Describe the course in at most {LongestDescription:N0} characters.");
        Refuse.If(
            link is not null && (link.Length > 500 || !Uri.TryCreate(link, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps), "link-unusable",
            "The link of a course begins with https://.");
        Refuse.If(draft.ValidForDays is < 1 or > LongestValidity, "validity-out-of-range", $"A course is good for 1 to {LongestValidity:N0} days.");
        (Title, Description, Link, ForRoles, ValidForDays) = (title, description, link, [.. draft.ForRoles.Distinct().Order()], draft.ValidForDays);
    }
}

public sealed record CourseAdded(string Course, string Title, IReadOnlyList<Role> ForRoles, int ValidForDays, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record CourseChanged(
    string Course, string Title, int Edition, int OldestCounting, IReadOnlyList<Role> ForRoles, int ValidForDays, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record CourseRequired(string Course, string UseCase, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record CourseNoLongerRequired(string Course, string UseCase, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record CourseRetired(string Course, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

/// <param name="Source">Where the rows came from.</param>
/// <param name="FileHash">Of exactly what was taken.</param>
public sealed record TrainingRecorded(TrainingSource Source, string FileHash, int Recorded, int Known, int Refused, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

/// <param name="Person">Empty where only the gateway knows them.</param>
public sealed record TrainingWithdrawn(string Course, string Person, DateOnly CompletedOn, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);
