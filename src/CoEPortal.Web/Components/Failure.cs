using CoEPortal.Governance.Access;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Components;

/// <summary>Why something was not done, in words for the page.</summary>
public sealed record Failure(string Icon, string Title, string? Detail, string? Reference = null, bool IsStale = false)
{
    /// <summary>The rule of every use case that is told which version somebody saw.</summary>
    private const string ChangedMeanwhile = "changed-meanwhile";

    /// <summary>Expected refusals speak for themselves; everything else gets a reference and goes to the log.</summary>
    public static Failure Of(Exception exception, ILogger log)
    {
        switch (exception)
        {
            case RuleViolationException { Rule: ChangedMeanwhile }:
                var (changed, then) = Sentences(exception.Message);
                return new("sync_problem", changed, then, IsStale: true);

            case RuleViolationException or NotFoundException:
                var (title, detail) = Sentences(exception.Message);
                return new("block", title, detail);

            case InvalidFieldsException invalid:
                return new(
                    "edit_note",
                    invalid.Errors.Count == 1 ? "One answer needs correcting" : $"{invalid.Errors.Count} answers need correcting",
                    string.Join(" ", invalid.Errors.SelectMany(e => e.Value)));

            case DbUpdateConcurrencyException:
                return new(
                    "sync_problem",
                    "Somebody changed this while you were reading",
                    "Nothing of yours was recorded. Look at the newest version, then decide again.",
                    IsStale: true);

            default:
                var reference = ErrorReference.New();
                log.LogError(exception, "Failed with reference {Reference}", reference);
                return new("cloud_off", "This did not work", "The portal made a mistake, or the database did not answer.", reference);
        }
    }

    // The first sentence is the headline. A full stop ends it only before a capital: "Art. 5(1)(f)" goes on.
    private static (string Title, string? Detail) Sentences(string message)
    {
        for (var at = message.IndexOf(". ", StringComparison.Ordinal); at >= 0; at = message.IndexOf(". ", at + 1, StringComparison.Ordinal))
        {
            if (at + 2 < message.Length && char.IsUpper(message[at + 2]))
            {
                return (message[..at], message[(at + 2)..]);
            }
        }

        return (message.TrimEnd('.'), null);
    }
}
