namespace CoEPortal.Web.Reports;

/// <summary>The browser that prints. Any of the Chromium family will do; none is required for the rest of the portal.</summary>
public static class ChromiumBinary
{
    private static readonly string[] Names =
        ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "microsoft-edge-stable"];

    private static readonly string[] UsualPlaces =
    [
        "/usr/bin", "/usr/local/bin", "/snap/bin", "/opt/google/chrome", "/opt/microsoft/msedge",
        "/Applications/Google Chrome.app/Contents/MacOS", "/Applications/Chromium.app/Contents/MacOS",
        "/Applications/Microsoft Edge.app/Contents/MacOS",
    ];

    private static readonly string[] MacNames = ["Google Chrome", "Chromium", "Microsoft Edge"];

    /// <param name="setting">
    /// <c>Portal__Chromium</c>. When it is given nothing else is tried: an operator who names a browser means that one.
    /// </param>
    /// <returns>Its path, or null.</returns>
    public static string? Find(string? setting)
    {
        if (!string.IsNullOrWhiteSpace(setting))
        {
            return File.Exists(setting) ? Path.GetFullPath(setting) : null;
        }

        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        var folders = path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Concat(UsualPlaces).ToList();
        return Names.Concat(MacNames)
            .SelectMany(name => folders.Select(folder => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
    }
}
