namespace CoEPortal.Web.Layout;

/// <summary>Whose portal this is: settings <c>Portal__Organisation__{Name,TimeZone,Currency}</c>.</summary>
public sealed record Organisation(string Name, TimeZoneInfo Zone, string Currency)
{
    public static Organisation From(IConfiguration settings)
    {
        var section = settings.GetSection("Portal:Organisation");
        return new(
            section["Name"] ?? "Nordhaven",
            TimeZoneInfo.FindSystemTimeZoneById(section["TimeZone"] ?? "Europe/Berlin"),
            section["Currency"] ?? "EUR");
    }
}
