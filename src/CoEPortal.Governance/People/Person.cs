using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Notifications;

namespace CoEPortal.Governance.People;

/// <summary>Somebody who has signed in, with the roles they hold now. Roles are read here on every command.</summary>
public sealed class Person : Aggregate
{
    private Person()
    {
    }

    public string Id { get; private init; } = "";

    public string Name { get; private set; } = "";

    public string BusinessUnit { get; private set; } = "";

    public List<Role> Roles { get; private set; } = [];

    public bool IsActive { get; private set; } = true;

    public DateTimeOffset FirstSeenAt { get; private init; }

    /// <summary>Where mail goes, as the sign-in said last. Addresses are given to others, so it never says who somebody is.</summary>
    public string? Email { get; private set; }

    public bool WantsMail { get; private set; } = true;

    /// <summary>The local hour from which what was gathered for them is sent.</summary>
    public int DigestHour { get; private set; } = 8;

    /// <summary>Local time from which mail waits, unless it is urgent.</summary>
    public TimeOnly? QuietFrom { get; private set; }

    public TimeOnly? QuietUntil { get; private set; }

    /// <summary>When they last signed in or confirmed that it is them. Written by <see cref="ConfirmIdentity"/>.</summary>
    public DateTimeOffset? ConfirmedAt { get; private init; }

    public override (string Type, string Key) AuditSubject => ("person", Id);

    public Actor Actor => new(new PersonId(Id), Name, Roles.ToHashSet(), BusinessUnit) { ConfirmedAt = ConfirmedAt };

    public static Person Register(Actor actor, Actor by, DateTimeOffset now, string? email = null)
    {
        var person = new Person
        {
            Id = actor.Id.Value,
            Name = actor.Name,
            BusinessUnit = actor.BusinessUnit,
            Roles = [.. actor.Roles.Order()],
            FirstSeenAt = now,
            Email = email is not null && EmailAddress.IsPlain(email) ? email : null,
        };
        person.Record(new PersonRegistered(person.Id, [.. person.Roles], by, now));
        return person;
    }

    /// <summary>What cannot be written to is as good as no address: an odd one at the identity provider keeps nobody out.</summary>
    public void LearnEmail(string email)
    {
        var plain = EmailAddress.IsPlain(email) ? email : null;
        if (plain != Email)
        {
            Email = plain;
            Touch();
        }
    }

    internal void ChooseTimes(int digestHour, TimeOnly? quietFrom, TimeOnly? quietUntil)
    {
        Refuse.If(digestHour is < 0 or > 23, "digest-hour-out-of-range", "A digest is sent at an hour from 0 to 23.");
        QuietHours.Demand(quietFrom, quietUntil);
        (DigestHour, QuietFrom, QuietUntil) = (digestHour, quietFrom, quietUntil);
        Touch();
    }

    public void ChooseMail(bool wanted)
    {
        WantsMail = wanted;
        Touch();
    }
}

public sealed record PersonRegistered(string Person, IReadOnlyList<Role> Roles, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);
