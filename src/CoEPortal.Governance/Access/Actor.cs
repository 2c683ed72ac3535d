namespace CoEPortal.Governance.Access;

/// <summary>A job in the portal. A person can hold several; none of them implies another.</summary>
public enum Role
{
    Submitter,
    Legal,
    Security,
    Privacy,
    Risk,
    Brand,
    CoeLead,
    Operator,
    Auditor,
    Admin,
}

/// <summary>
/// Who somebody is, for good: the object id within a tenant (`oid@tid`). Names, e-mail addresses and
/// user names change and are given to others, so they never identify.
/// </summary>
public readonly record struct PersonId(string Value)
{
    public static PersonId Of(string objectId, string tenantId) => new($"{objectId}@{tenantId}");

    /// <summary>False for rules and accounts of the machine, which have no personal data.</summary>
    public bool IsOfAPerson => !Value.EndsWith(Actor.RuleSuffix, StringComparison.Ordinal) && !Value.EndsWith(Actor.CommandLineSuffix, StringComparison.Ordinal);

    public override string ToString() => Value;
}

/// <summary>Who does something: a person with the roles they hold now, or a named rule of the portal itself.</summary>
public sealed record Actor(PersonId Id, string Name, IReadOnlySet<Role> Roles, string BusinessUnit)
{
    /// <summary>How the ids of rules end, and those of nobody else.</summary>
    public const string RuleSuffix = "@" + RuleTenant;

    internal const string CommandLineSuffix = "@" + CommandLineTenant;

    private const string RuleTenant = "rule";
    private const string CommandLineTenant = "command-line";

    /// <summary>When this person last proved who they are; what weighs most needs it to be a few minutes ago. Null: unknown.</summary>
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>The portal acting by itself, by a rule that people approved. Holds no role, so it can never decide.</summary>
    public static Actor Rule(string name) => new(PersonId.Of(name, RuleTenant), name, new HashSet<Role>(), "");

    /// <summary>Whoever may run commands on the portal's machine, by the name of their account there.</summary>
    public static Actor OnTheCommandLine(string account) =>
        new(PersonId.Of(account, CommandLineTenant), $"{account} on the command line", new HashSet<Role> { Role.Admin }, "");

    public bool IsRule => Id.Value.EndsWith(RuleSuffix, StringComparison.Ordinal);

    public bool Is(Role role) => Roles.Contains(role);
}
