using System.Text.Json.Serialization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Approvals;

/// <summary>Something said about a use case. Never edited; the author can take it back, and that it was said stays visible.</summary>
public sealed class Comment : Aggregate
{
    public const int TextLength = 4000;
    public const int MostMentions = 20;

    private Comment()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    /// <summary>The latest revision when it was written; 0 for a draft that was never submitted.</summary>
    public int Revision { get; private init; }

    /// <summary>The question of the one-pager at which it stands, e.g. <c>Kpi.Target</c>; null when it is about the whole.</summary>
    public string? Question { get; private init; }

    public string AuthorId { get; private init; } = "";

    public string AuthorName { get; private init; } = "";

    public string Text { get; private init; } = "";

    /// <summary>The people whose names follow an @ in the text, and who may read the use case.</summary>
    public List<string> Mentions { get; private init; } = [];

    public DateTimeOffset WrittenAt { get; private init; }

    public DateTimeOffset? RetractedAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("comment", Id.ToString());

    internal static Comment Write(string useCaseKey, int revision, string? question, string text, IReadOnlyList<Actor> mentioned, Actor author, DateTimeOffset now)
    {
        Refuse.If(string.IsNullOrWhiteSpace(text), "comment-empty", "Write something first.");
        Refuse.If(text.Length > TextLength, "comment-too-long", $"Write at most {TextLength:N0} characters.");
        Refuse.If(mentioned.Count > MostMentions, "too-many-mentions", $"Mention at most {MostMentions} people.");
        var comment = new Comment
        {
            Id = Guid.CreateVersion7(now),
            UseCaseKey = useCaseKey,
            Revision = revision,
            Question = question,
            AuthorId = author.Id.Value,
            AuthorName = author.Name,
            Text = text.Trim(),
            Mentions = [.. mentioned.Select(m => m.Id.Value)],
            WrittenAt = now,
        };
        comment.Record(new CommentWritten(useCaseKey, revision, comment.Text, comment.Mentions, author, now) { Question = question });
        return comment;
    }

    internal void Retract(Actor by, DateTimeOffset now)
    {
        Refuse.If(by.Id.Value != AuthorId, "not-your-comment", "Only who wrote a comment takes it back.");
        Refuse.If(RetractedAt is not null, "comment-retracted", "This comment was taken back already.");
        RetractedAt = now;
        Record(new CommentRetracted(UseCaseKey, by, now));
    }
}

public sealed record CommentWritten(
    string UseCase, int Revision, [property: Personal] string Text, IReadOnlyList<string> Mentions, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    /// <summary>The question at which it stands.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Question { get; init; }
}

public sealed record CommentRetracted(string UseCase, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
