using CoEPortal.Governance.Access;
using Microsoft.AspNetCore.Authorization;

namespace CoEPortal.Web.SignIn;

/// <summary>
/// A page for those who hold a permission: <c>@attribute [Permitted(Permission.ReadSwitches)]</c>. It only keeps people
/// off pages that are not theirs; use cases check again, by the directory and by the record.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class PermittedAttribute(Permission permission) : AuthorizeAttribute(permission.ToString())
{
    public Permission Permission { get; } = permission;
}
