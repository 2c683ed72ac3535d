namespace CoEPortal.Governance.Persistence;

/// <summary>
/// What <c>postmaster.pid</c> in a cluster's directory says: process, directory, start, port, socket folder, address,
/// shared memory, status. After a kill -9 it names a server that is gone.
/// </summary>
internal sealed class EmbeddedPostmaster(string cluster)
{
    /// <summary>No process can have it: the kernel's largest is 4,194,304.</summary>
    private const string NobodysPid = "999999999";

    private readonly string _file = Path.Combine(cluster, "postmaster.pid");

    /// <summary>Where to knock; whether anybody answers is another question.</summary>
    public string? SocketFolder => Lines() is { } lines && lines[1] == cluster ? lines[4] : null;

    /// <summary>
    /// PostgreSQL refuses to start while the process number in the file is in use. In a restarted container that number
    /// soon belongs to somebody else; a zombie nobody reaps keeps it too; and the copy of a running server's directory
    /// names the original: the database would stay shut for ever. We replace the number and keep the file, because its
    /// other lines let PostgreSQL see server processes that outlived their postmaster, and wait for them.
    /// </summary>
    public void ForgetStrangers()
    {
        if (Lines() is not { } lines || (lines[1] == cluster && MayBeOurs(lines[0])))
        {
            return;
        }

        // the socket's own lock file has the same number and the same trap
        File.Delete(Path.Combine(cluster, ".s.PGSQL.5432.lock"));
        lines[0] = NobodysPid;
        File.WriteAllLines(_file, lines);
    }

    private string[]? Lines()
    {
        try
        {
            var lines = File.ReadAllLines(_file);
            return lines.Length >= 5 ? lines : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private bool MayBeOurs(string pid)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        try
        {
            // "postgres -D directory ..."; empty for a zombie
            return File.ReadAllText($"/proc/{pid}/cmdline").Contains(cluster, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
