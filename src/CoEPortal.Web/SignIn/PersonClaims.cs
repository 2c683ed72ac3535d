using System.Security.Claims;
using CoEPortal.Governance.Access;

namespace CoEPortal.Web.SignIn;

/// <summary>
/// An <see cref="Actor"/> as claims and back. The claims serve page guards and say who it is; what somebody may do
/// is read from the directory each time, because claims are as old as the sign-in.
/// </summary>
public static class PersonClaims
{
    public const string ObjectId = "oid";
    public const string TenantId = "tid";
    public const string Name = "name";
    public const string Roles = "roles";
    public const string BusinessUnit = "business_unit";

    /// <summary>Where mail goes; says nothing about who somebody is.</summary>
    public const string Email = "email";

    public static ClaimsPrincipal Principal(Actor actor, string scheme)
    {
        var (objectId, tenantId) = Parts(actor.Id);
        return new(new ClaimsIdentity(
            [
                new(ObjectId, objectId),
                new(TenantId, tenantId),
                new(Name, actor.Name),
                new(BusinessUnit, actor.BusinessUnit),
                .. actor.Roles.Order().Select(role => new Claim(Roles, role.ToString())),
            ],
            scheme,
            Name,
            Roles));
    }

    public static PersonId? PersonOf(ClaimsPrincipal principal) =>
        principal.Identity is { IsAuthenticated: true }
        && principal.FindFirstValue(ObjectId) is { Length: > 0 } objectId
        && principal.FindFirstValue(TenantId) is { Length: > 0 } tenantId
            ? PersonId.Of(objectId, tenantId)
            : null;

    /// <summary>Whether the claims still say what the directory says.</summary>
    public static bool AreCurrent(ClaimsPrincipal principal, Actor actor) =>
        PersonOf(principal) == actor.Id
        && principal.FindFirstValue(Name) == actor.Name
        && principal.FindFirstValue(BusinessUnit) == actor.BusinessUnit
        && principal.FindAll(Roles).Select(claim => claim.Value).ToHashSet()
            .SetEquals(actor.Roles.Select(role => role.ToString()));

    private static (string ObjectId, string TenantId) Parts(PersonId id)
    {
        var at = id.Value.LastIndexOf('@');
        return (id.Value[..at], id.Value[(at + 1)..]);
    }
}
