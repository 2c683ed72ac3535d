namespace CoEPortal.Governance.Access;

/// <summary>The one organisation of this deployment: its name, its clock and its working days (settings <c>Portal__Organisation__*</c>).</summary>
public sealed record Organisation
{
    public string Name { get; init; } = "Nordhaven";

    /// <summary>IANA name. Calendar budgets and due dates follow it, across daylight saving.</summary>
    public string TimeZone { get; init; } = "Europe/Berlin";

    /// <summary>Costs are stored and shown in US dollars until a dated rate table exists.</summary>
    public string Currency { get; } = "USD";

    public TimeOnly WorkingDayEnds { get; init; } = new(17, 0);

    public IReadOnlyList<DateOnly> Holidays { get; init; } = [];

    /// <summary>How long a decision, a stop or a release waits to be in a signed checkpoint before it is answered, at most 30 s; zero: not at all.</summary>
    public TimeSpan CheckpointWithin
    {
        get;
        init => field = value >= TimeSpan.Zero && value <= TimeSpan.FromSeconds(30) ? value
            : throw new InvalidOperationException("Portal__Organisation__CheckpointWithin is 00:00:00 to 00:00:30.");
    }

    public TimeZoneInfo Zone => TimeZoneInfo.FindSystemTimeZoneById(TimeZone);

    public DateOnly DayOf(DateTimeOffset instant) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Zone).DateTime);

    /// <summary>The first instant of a local day, in UTC. Where the clock skips midnight, the first instant after it.</summary>
    public DateTimeOffset StartOf(DateOnly day) => AtLocal(day.ToDateTime(TimeOnly.MinValue));

    /// <summary>A local time of a local day, in UTC. Where the clock skips it, half an hour or an hour after.</summary>
    public DateTimeOffset At(DateOnly day, TimeOnly time) => AtLocal(day.ToDateTime(time));

    /// <summary>The end of the working day that lies this many working days after an instant.</summary>
    public DateTimeOffset AfterWorkingDays(DateTimeOffset from, int days)
    {
        var day = DayOf(from);
        for (var left = days; left > 0;)
        {
            day = day.AddDays(1);
            if (day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !Holidays.Contains(day))
            {
                left--;
            }
        }

        return AtLocal(day.ToDateTime(WorkingDayEnds));
    }

    private DateTimeOffset AtLocal(DateTime local)
    {
        while (Zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(30);
        }

        return new DateTimeOffset(local, Zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
