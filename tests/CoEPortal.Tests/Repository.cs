namespace CoEPortal.Tests;

/// <summary>Where this checkout is, and the shared material beside it.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The path of a file of the shared material; the test is skipped, saying so, where that is absent.</summary>
    public static string Shared(params string[] path)
    {
        var full = Path.GetFullPath(Path.Combine([Root, "..", "shared", .. path]));
        Assert.SkipUnless(Path.Exists(full), $"The shared material is absent: {string.Join('/', path)}");
        return full;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CoEPortal.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside a checkout.");
    }
}
