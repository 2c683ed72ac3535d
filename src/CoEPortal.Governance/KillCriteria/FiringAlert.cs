namespace CoEPortal.Governance.KillCriteria;

/// <summary>An alert on a use case that began to fire, or ended.</summary>
/// <param name="UseCase">Whose it is.</param>
/// <param name="Name">As the monitoring system names it.</param>
/// <param name="IsFiring">False: resolved.</param>
/// <param name="At">When that happened, as the sender says.</param>
/// <param name="Summary">For the reason of the stop.</param>
public sealed record FiringAlert(string UseCase, string Name, bool IsFiring, DateTimeOffset At, string Summary);
