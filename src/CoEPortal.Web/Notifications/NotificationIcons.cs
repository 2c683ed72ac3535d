namespace CoEPortal.Web.Notifications;

/// <summary>A picture for each sort of notification, by the first word of its kind; others ring the bell.</summary>
public static class NotificationIcons
{
    private static readonly Dictionary<string, string> Icons = new()
    {
        ["approval"] = "verified",
        ["audit"] = "summarize",
        ["budget"] = "local_fire_department",
        ["clearance"] = "block",
        ["condition"] = "checklist",
        ["decision"] = "check_circle",
        ["incident"] = "warning",
        ["pattern"] = "bolt",
        ["policy"] = "menu_book",
        ["proposal"] = "edit_note",
        ["review"] = "inbox",
        ["sample"] = "bolt",
        ["switch"] = "power_settings_new",
        ["task"] = "inbox",
        ["training"] = "school",
    };

    public static string Of(string kind) => Icons.GetValueOrDefault(kind.Split('-')[0], "notifications");
}
