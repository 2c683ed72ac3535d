using CoEPortal.Governance.Access;

namespace CoEPortal.Web.Components;

/// <summary>
/// The time where the person sits. The browser tells its zone by a cookie that <c>viewer.js</c> writes, so the first
/// picture is already right; without one the organisation's zone counts.
/// </summary>
public sealed class ViewerClock(TimeProvider clock, Organisation organisation)
{
    public TimeZoneInfo Zone { get; private set; } = organisation.Zone;

    public DateTimeOffset Now => TimeZoneInfo.ConvertTime(clock.GetUtcNow(), Zone);

    public DateOnly Today => DateOnly.FromDateTime(Now.DateTime);

    /// <param name="name">What the browser claims. Anybody can write a cookie, so an unknown name changes nothing.</param>
    public void UseZone(string? name)
    {
        if (name is { Length: > 0 and < 64 } && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
        {
            Zone = zone;
        }
    }
}
