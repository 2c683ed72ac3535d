namespace CoEPortal.Web.Startup;

/// <summary>A secret in a file of its own, made at first use where only the portal's account can read it.</summary>
internal static class KeyFile
{
    /// <param name="make">Makes the content; null when the file must be there already, because somebody named it.</param>
    /// <exception cref="IOException">There is none, or it cannot be read or made.</exception>
    public static string Read(string path, Func<string>? make)
    {
        if (make is not null && !File.Exists(path))
        {
            Make(path, make());
        }

        return File.ReadAllText(path);
    }

    /// <summary>Written beside it, then moved: of two nodes that start at once one wins, and nobody reads half a key.</summary>
    private static void Make(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var draft = $"{path}.{Guid.CreateVersion7():n}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(draft, options))
        {
            writer.Write(content);
        }

        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
    }
}
