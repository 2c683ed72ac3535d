namespace CoEPortal.Web.Startup;

/// <summary>The clock by which the demo organisation's past is lived. The database still notes when it was really written.</summary>
internal sealed class DemoClock(DateTimeOffset start) : TimeProvider
{
    private DateTimeOffset _now = start;

    public override DateTimeOffset GetUtcNow() => _now;

    /// <summary>Moves to a working hour of a later day.</summary>
    public void GoTo(DateTimeOffset later) => _now = later > _now ? later : _now.AddMinutes(7);
}
