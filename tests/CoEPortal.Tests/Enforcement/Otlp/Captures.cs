
namespace CoEPortal.Tests.Enforcement.Otlp;

/// <summary>Bodies that real SDKs sent, read in place from the folder beside the repository.</summary>
internal static class Captures
{
    public static byte[] Read(string file) => File.ReadAllBytes(Locate(Path.Combine("samples", file)));

    /// <summary>Skips the test where the shared folder is absent.</summary>
    public static string Locate(string pathInShared)
    {
        var root = Root();
        var path = Path.GetFullPath(Path.Combine(root, "..", "shared", pathInShared));
        if (!File.Exists(path))
        {
            Assert.Skip($"{path} is absent: captures are shared beside the repository and not copied into it.");
        }
        return path;
    }

    public static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CoEPortal.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException("No folder above the tests holds CoEPortal.sln.");
    }
}
