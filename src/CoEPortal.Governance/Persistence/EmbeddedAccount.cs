namespace CoEPortal.Governance.Persistence;

/// <summary>
/// Whose rights the server runs with. PostgreSQL refuses to run as root, and a portal in a container is often root.
/// </summary>
/// <param name="Prefix">What the command line of each of PostgreSQL's tools starts with.</param>
/// <param name="Owner">Who has to own the data directory, as <c>uid:gid</c>; null when it is the user we are.</param>
internal sealed record EmbeddedAccount(IReadOnlyList<string> Prefix, string? Owner)
{
    /// <summary>Where an unprivileged user can read, whatever the rights of the folders above the repository.</summary>
    private const string Reachable = "/var/lib/coe-portal";

    private static readonly string[] Namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000"];

    public static async Task<EmbeddedAccount> ChooseAsync(CancellationToken ct)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new EmbeddedAccount([], null);
        }

        // in a user namespace the server is not root to itself, while its files stay ours: nothing to chown, and it works
        // below a home folder that only root may enter
        if (await EmbeddedProcess.SucceedsAsync([.. Namespace, "true"], ct))
        {
            return new EmbeddedAccount(Namespace, "0:0");
        }

        // most containers forbid user namespaces
        var (uid, gid) = UnprivilegedUser();
        return new EmbeddedAccount(
            ["setpriv", $"--reuid={uid}", $"--regid={gid}", "--clear-groups", "--no-new-privs"], $"{uid}:{gid}");
    }

    /// <summary>The binaries, or a copy of them where the account may read them.</summary>
    public async Task<EmbeddedBinaries> BringWithinReachAsync(EmbeddedBinaries binaries, CancellationToken ct)
    {
        if (await CanAsync("-r", binaries.Tool("postgres"), ct))
        {
            return binaries;
        }

        var copy = Path.Combine(Reachable, $"postgresql-{binaries.Major}");
        if (!Directory.Exists(copy))
        {
            // copied beside and renamed: a copy that was interrupted must not look complete
            var incomplete = $"{copy}.{Guid.CreateVersion7():n}";
            Directory.CreateDirectory(Reachable);
            await EmbeddedProcess.RunAsync(["cp", "-a", Path.GetDirectoryName(binaries.Folder)!, incomplete], "/", ct);
            try
            {
                Directory.Move(incomplete, copy);
            }
            catch (IOException) when (Directory.Exists(copy))
            {
                Directory.Delete(incomplete, recursive: true);
            }
        }

        return binaries with { Folder = Path.Combine(copy, "bin") };
    }

    /// <summary>
    /// The data directory, or one behind a link in its place where the account may enter. The link keeps the meaning of
    /// deleting the portal's data folder: the next start begins empty.
    /// </summary>
    public async Task<string> BringWithinReachAsync(string data, CancellationToken ct)
    {
        if (new DirectoryInfo(data).LinkTarget is { } target)
        {
            return target;
        }

        if (await CanAsync("-x", Path.GetDirectoryName(data)!, ct))
        {
            return data;
        }

        var elsewhere = Path.Combine(Reachable, $"data-{Guid.CreateVersion7():n}");
        Directory.CreateDirectory(Reachable);
        if (Directory.Exists(data))
        {
            await EmbeddedProcess.RunAsync(["mv", data, elsewhere], "/", ct);
        }

        Directory.CreateSymbolicLink(data, elsewhere);
        return elsewhere;
    }

    /// <summary>Made by another account, say before a container forbade namespaces, the folder would be refused.</summary>
    public async Task OwnAsync(string folder, CancellationToken ct)
    {
        if (Owner is not null)
        {
            await EmbeddedProcess.RunAsync(["chown", "-R", Owner, folder], "/", ct);
        }
    }

    private Task<bool> CanAsync(string test, string path, CancellationToken ct) =>
        Prefix.Count == 0 ? Task.FromResult(true) : EmbeddedProcess.SucceedsAsync([.. Prefix, "test", test, path], ct);

    private static (string Uid, string Gid) UnprivilegedUser()
    {
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(user => user.Length > 3).ToList();
        var user = users.Find(u => u[0] == "postgres") ?? users.Find(u => u[0] == "nobody");
        return user is null
            ? throw new EmbeddedPostgresException(
                "PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody: "
                + "start the portal as an ordinary user or set ConnectionStrings__Portal.")
            : (user[2], user[3]);
    }
}
