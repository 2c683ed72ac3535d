using System.Collections.Immutable;
using System.Text.Json;

namespace CoEPortal.Workflows;

/// <summary>What the payload of a review task says: who is asked, what they may answer, and by when.</summary>
/// <param name="Function">The function that is asked, in the host's spelling, for example <c>CoeLead</c>.</param>
/// <param name="Actions">The answers on offer, in the author's order.</param>
/// <param name="DueInWorkingDays">Null when the task has no deadline.</param>
/// <param name="RemindBeforeWorkingDays">How long before the deadline the function is reminded; null for the host's own rule.</param>
/// <param name="EscalateAfterWorkingDays">How long after the deadline the task is escalated; null for the host's own rule.</param>
public sealed record ReviewPayload(
    string Function,
    ImmutableArray<string> Actions,
    int? DueInWorkingDays,
    int? RemindBeforeWorkingDays,
    int? EscalateAfterWorkingDays)
{
    /// <summary>Null when nobody is named: then the task is no review.</summary>
    public static ReviewPayload? From(JsonElement? payload) =>
        payload?.Member("function")?.AsText() is { Length: > 0 } function
            ? new ReviewPayload(
                function,
                payload.Value.Member("actions").Texts(),
                Days(payload.Value, "dueInWorkingDays"),
                Days(payload.Value, "remindBeforeWorkingDays"),
                Days(payload.Value, "escalateAfterWorkingDays"))
            : null;

    /// <summary>What a task will ask for, as far as the file says it without being run; null for a computed payload.</summary>
    public static ReviewPayload? Of(Activity task) => task.FindSlot("payload")?.Expression switch
    {
        Expressions.Expression.ObjectText text when JsonElements.TryParse(text.Json) is { } payload => From(payload),
        Expressions.Expression.Literal literal => From(literal.Value),
        _ => null,
    };

    private static int? Days(JsonElement payload, string name) =>
        payload.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var days) ? days : null;
}
