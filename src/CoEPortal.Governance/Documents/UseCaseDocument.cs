using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Documents;

/// <summary>
/// A paper that belongs to a use case: a contract, a test report, an opinion. What it holds never changes; a better one is another
/// one, and one that counts no more is withdrawn.
/// </summary>
public sealed class UseCaseDocument : Aggregate
{
    public const int TitleLength = 200;
    public const int ReasonLength = 1000;

    /// <summary>Of one use case, withdrawn ones too.</summary>
    public const int Most = 200;

    /// <summary>Of one use case, together.</summary>
    public const long MostBytes = 200L * 1024 * 1024;

    private UseCaseDocument()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    /// <summary>Of the documents of its use case, from 1.</summary>
    public int Number { get; private init; }

    public string Title { get; private init; } = "";

    /// <summary>As the person called it; only shown.</summary>
    public string FileName { get; private init; } = "";

    public string MediaType { get; private init; } = "";

    /// <summary>In bytes.</summary>
    public int Length { get; private init; }

    /// <summary>Of the content as it is kept, as <c>sha256:…</c>.</summary>
    public string ContentHash { get; private init; } = "";

    /// <summary>Whether keys were taken out of it: what is kept is then not quite what was given.</summary>
    public bool KeysTaken { get; private init; }

    public string AddedBy { get; private init; } = "";

    public string AddedByName { get; private init; } = "";

    public DateTimeOffset AddedAt { get; private init; }

    public string? WithdrawnBy { get; private set; }

    public string? WithdrawnByName { get; private set; }

    public DateTimeOffset? WithdrawnAt { get; private set; }

    /// <summary>Why it was withdrawn; empty while it counts.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Whether its content is still there.</summary>
    public bool IsKept { get; private set; } = true;

    /// <summary>As a revision names it that was submitted with it.</summary>
    public string RecordKey => $"{UseCaseKey}/D{Number}";

    public override (string Type, string Key) AuditSubject => ("document", $"{UseCaseKey}/{Number}");

    internal static UseCaseDocument Add(string useCaseKey, int number, string title, UploadedFile file, Actor by, DateTimeOffset now)
    {
        title = Redaction.Of(title).ReplaceLineEndings(" ");
        Refuse.If(title.Length is 0 or > TitleLength, "title-required", $"Say what it is in at most {TitleLength} characters, for example “Penetration test, October”.");
        var document = new UseCaseDocument
        {
            Id = Guid.CreateVersion7(now),
            UseCaseKey = useCaseKey,
            Number = number,
            Title = title,
            FileName = file.Name,
            MediaType = file.MediaType,
            Length = file.Content.Length,
            ContentHash = file.Hash,
            KeysTaken = file.KeysTaken,
            AddedBy = by.Id.Value,
            AddedByName = by.Name,
            AddedAt = now,
        };
        document.Record(new DocumentAdded(useCaseKey, number, document.Title, document.FileName, document.MediaType, document.Length, document.ContentHash, by, now));
        return document;
    }

    /// <param name="isReliedOn">Somebody may have decided with it: then its content stays.</param>
    internal void Withdraw(string reason, bool isReliedOn, Actor by, DateTimeOffset now)
    {
        Refuse.If(WithdrawnAt is not null, "already-withdrawn", $"{WithdrawnByName} has withdrawn this document.");
        // As it is kept: without what must not be stored, it may be empty or longer.
        reason = Redaction.Of(reason);
        Refuse.If(reason.Length is 0 or > ReasonLength, "reason-required", $"Say why it counts no more, in at most {ReasonLength:N0} characters.");
        (WithdrawnBy, WithdrawnByName, WithdrawnAt, Reason, IsKept) = (by.Id.Value, by.Name, now, reason, isReliedOn);
        Record(new DocumentWithdrawn(UseCaseKey, Number, Reason, ContentHash, IsKept, by, now));
    }
}

/// <summary>What a document holds. Apart from it, so that a list is read without its files.</summary>
public sealed class DocumentContent
{
    public Guid DocumentId { get; internal init; }

    public byte[] Content { get; internal init; } = [];
}

public sealed record DocumentAdded(
    string UseCase, int Number, [property: Personal] string Title, [property: Personal] string FileName, string MediaType, int Length, string ContentHash, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}

public sealed record DocumentWithdrawn(string UseCase, int Number, [property: Personal] string Reason, string ContentHash, bool IsKept, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
