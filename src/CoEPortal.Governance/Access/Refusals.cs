using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace CoEPortal.Governance.Access;

/// <summary>The rules refuse. The message is for the person, the rule's name for programs, tests and the audit log.</summary>
public sealed class RuleViolationException(string rule, string message) : Exception(message)
{
    /// <summary>Stable, kebab-case, e.g. <c>own-proposal</c>.</summary>
    public string Rule { get; } = rule;
}

/// <summary>Some fields hold what cannot be stored or submitted; one or more messages for each field's path.</summary>
public sealed class InvalidFieldsException(IReadOnlyDictionary<string, string[]> errors)
    : Exception(string.Join(" ", errors.SelectMany(e => e.Value)))
{
    public IReadOnlyDictionary<string, string[]> Errors { get; } = errors;
}

/// <summary>There is no such thing, or it is not for this person to know: both read the same.</summary>
public sealed class NotFoundException(string kind, string key) : Exception($"There is no {kind} {key}.")
{
    public string Kind { get; } = kind;
}

public static class Refuse
{
    public static void If([DoesNotReturnIf(true)] bool condition, string rule, string message)
    {
        if (condition)
        {
            throw new RuleViolationException(rule, message);
        }
    }

    /// <summary>For a message with holes in it: they are filled in only when somebody is refused, so that a rule costs those who keep it nothing.</summary>
    public static void If(
        [DoesNotReturnIf(true)] bool condition, string rule, [InterpolatedStringHandlerArgument(nameof(condition))] ref RefusalMessage message)
    {
        if (condition)
        {
            throw new RuleViolationException(rule, message.ToStringAndClear());
        }
    }
}
