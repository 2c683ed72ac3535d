namespace CoEPortal.Governance.Persistence;

/// <summary>A lock between processes. The kernel takes it back from a process that dies, however it dies.</summary>
internal static class EmbeddedLock
{
    /// <returns>The lock, held until disposed; null when somebody else holds it.</returns>
    public static FileStream? Try(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    public static async Task<FileStream> WaitAsync(string path, CancellationToken ct)
    {
        while (true)
        {
            if (Try(path) is { } held)
            {
                return held;
            }

            await Task.Delay(50, ct);
        }
    }
}
