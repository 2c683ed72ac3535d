using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Notifications;

/// <summary>Something a person should know.</summary>
/// <param name="Person">Who is told.</param>
/// <param name="Kind">What sort of thing happened, in lower case with dashes, e.g. <c>review-asked</c>.</param>
/// <param name="Title">What.</param>
/// <param name="Text">One fact.</param>
/// <param name="Link">Where it leads: a path of the portal.</param>
/// <param name="UseCaseKey">The use case it is about, if any.</param>
/// <param name="DedupeKey">Names the occasion: a person is told of it once, however often it is sent.</param>
public sealed record Notice(PersonId Person, string Kind, string Title, string Text, string Link, string? UseCaseKey, string DedupeKey);

/// <summary>A notice that was sent. Read once; what it says never changes.</summary>
public sealed class Notification
{
    public const int LongestTitle = 200;
    public const int LongestText = 500;

    private Notification()
    {
    }

    public Guid Id { get; private init; }

    public string PersonId { get; private init; } = "";

    public string Kind { get; private init; } = "";

    public string Title { get; private init; } = "";

    public string Text { get; private init; } = "";

    public string Link { get; private init; } = "";

    public string? UseCaseKey { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset? ReadAt { get; private init; }

    public string DedupeKey { get; private init; } = "";
}
