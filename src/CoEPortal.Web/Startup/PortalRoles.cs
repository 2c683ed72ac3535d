namespace CoEPortal.Web.Startup;

/// <summary>
/// What this process does: <c>Portal__Roles=portal,worker,enforcement</c> (default: all). Production runs enforcement
/// apart, so that it answers while the portal is redeployed.
/// </summary>
public sealed record PortalRoles(bool Portal, bool Worker, bool Enforcement)
{
    public static PortalRoles From(IConfiguration settings)
    {
        var names = (settings["Portal:Roles"] ?? "portal,worker,enforcement")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var unknown = names.Except(["portal", "worker", "enforcement"]).FirstOrDefault();
        return unknown is null && names.Length > 0
            ? new PortalRoles(names.Contains("portal"), names.Contains("worker"), names.Contains("enforcement"))
            : throw new InvalidOperationException($"Portal__Roles names '{unknown}'. Roles are portal, worker and enforcement.");
    }
}
