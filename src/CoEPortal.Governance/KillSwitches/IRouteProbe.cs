namespace CoEPortal.Governance.KillSwitches;

/// <summary>What a request of the canary got.</summary>
public enum ProbeAnswer
{
    Allowed,

    /// <summary>By the gateway, because the portal says so (403).</summary>
    Refused,

    /// <summary>No answer, or one that says neither: a gateway that fails is not a stop that holds.</summary>
    Unclear,
}

/// <summary>Asks through a gateway what a client of it would get, by the route that is the canary's there.</summary>
public interface IRouteProbe
{
    /// <summary>As drills call it.</summary>
    string Name { get; }

    Task<ProbeAnswer> AskAsync(CancellationToken cancellation);
}
