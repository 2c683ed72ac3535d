namespace CoEPortal.Web.Startup;

/// <summary>The clock by which one story of the demo organisation is lived. The database still notes when it was really written.</summary>
internal sealed class DemoClock(DateTimeOffset start) : TimeProvider
{
    private const int MorningHour = 7;
    private const int EveningHour = 16;

    private DateTimeOffset _now = start;

    public override DateTimeOffset GetUtcNow() => _now;

    public void GoTo(DateTimeOffset later) => _now = later;

    /// <summary>Moves on by some hours, and to the next working morning when that is in the evening or at a weekend.</summary>
    public void Pass(int hours)
    {
        _now = _now.AddHours(hours).AddMinutes((hours * 37) % 60);
        while (_now.Hour is < MorningHour or > EveningHour || _now.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday)
        {
            _now = _now.AddHours(1);
        }
    }
}
