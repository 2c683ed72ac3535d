using System.Text.Json.Nodes;

namespace CoEPortal.Evidence.Log;

/// <summary>
/// An event as its leaf covers it: every column of the row, also those that the database sets by itself. A column that
/// the leaf left out could be changed without a trace.
/// </summary>
/// <param name="TransactionId">Of the database; numbers beyond 2⁵³ are text in JSON.</param>
/// <param name="Body">As stored, not as read: another spelling of the same JSON is another leaf.</param>
/// <param name="Sealed">Personal texts, encrypted (<see cref="SealedTexts"/>), as stored. Null in events from before there was such a thing.</param>
public sealed record LoggedEvent(
    Guid EventId, string SubjectType, string SubjectKey, int SubjectVersion, string? UseCaseKey, DateTimeOffset OccurredAt, DateTimeOffset RecordedAt,
    string TransactionId, string DatabaseUser, string ActorId, string ActorName, string? OnBehalfOf, string Action, string? ContentHash, string Body,
    string? Sealed = null)
{
    /// <summary>The version of this list of columns. Leaves of an earlier one stay what they are.</summary>
    public int Format => Sealed is null ? 1 : 2;

    /// <summary>The data of the leaf: canonical JSON (RFC 8785).</summary>
    public byte[] Write()
    {
        var columns = Columns();
        if (Sealed is not null)
        {
            columns["sealed"] = Sealed;
        }

        return CanonicalJson.Write(columns);
    }

    private JsonObject Columns() => new()
    {
        ["format"] = Format,
        ["eventId"] = EventId.ToString(),
        ["subjectType"] = SubjectType,
        ["subjectKey"] = SubjectKey,
        ["subjectVersion"] = SubjectVersion,
        ["useCaseKey"] = UseCaseKey,
        ["occurredAt"] = CanonicalJson.Text(OccurredAt),
        ["recordedAt"] = CanonicalJson.Text(RecordedAt),
        ["transactionId"] = TransactionId,
        ["databaseUser"] = DatabaseUser,
        ["actorId"] = ActorId,
        ["actorName"] = ActorName,
        ["onBehalfOf"] = OnBehalfOf,
        ["action"] = Action,
        ["contentHash"] = ContentHash,
        ["body"] = Body,
    };
}
