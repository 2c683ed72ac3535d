using System.Collections.Frozen;
using System.Text.Json;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Training;
using Microsoft.Extensions.Logging;

namespace CoEPortal.Enforcement.Snapshots;

/// <summary>
/// What this node last knew, on its own disk: it starts from there when the database does not answer, and notices by it
/// when the database was restored to an earlier state. Holds hashes of tokens and keys, readable for the portal's account only.
/// </summary>
/// <param name="path">The file, or null for a node that remembers nothing.</param>
public sealed class NodeMemory(string? path, TimeProvider clock, ILogger<NodeMemory> log)
{
    private const int Format = 1;

    /// <returns>What was stored and how long ago; a file that cannot be read is nothing, and says so in the log.</returns>
    public (EnforcementSnapshot Snapshot, TimeSpan Age)? Recall()
    {
        try
        {
            if (path is null || !File.Exists(path) || JsonSerializer.Deserialize<Stored>(File.ReadAllBytes(path)) is not { Format: Format } stored)
            {
                return null;
            }

            var age = clock.GetUtcNow() - stored.ConfirmedAt;
            // A clock that was set back says nothing about the age, so the copy counts as too old to allow by.
            return (SnapshotOf(stored), age >= TimeSpan.Zero ? age : TimeSpan.FromDays(3650));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or ArgumentException or NotSupportedException or NullReferenceException)
        {
            log.LogError(error, "What this node remembered in {Path} cannot be read, so it starts knowing nothing", path);
            return null;
        }
    }

    /// <summary>Beside it, then moved: a node that stops in between keeps what it had.</summary>
    public void Keep(EnforcementSnapshot snapshot)
    {
        if (path is null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var draft = path + ".new";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var file = new FileStream(draft, options))
            {
                JsonSerializer.Serialize(file, StoredOf(snapshot));
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log.LogError(error, "What this node knows cannot be kept in {Path}: after a restart without the database it denies everything", path);
        }
    }

    private Stored StoredOf(EnforcementSnapshot s) => new(
        Format, s.World, s.Generation, clock.GetUtcNow(), s.Everything,
        [.. s.UseCases.Values.Select(u => new StoredUseCase(u.Key, u.Approved, u.Tier, u.Stopped, u.Lacks, u.Grace, u.Courses))],
        [.. s.Models.Select(m => new StoredSwitch(m.Key, m.Value))], [.. s.Gateways.Select(g => new StoredSwitch(g.Key, g.Value))],
        [.. s.Credentials.Select(c => new StoredCredential(c.Key.Kind, c.Key.Value, c.Value))],
        [.. s.Tokens.Select(t => new StoredToken(t.Key, t.Value.Id, t.Value.Name, [.. t.Value.Scopes], t.Value.UseCaseKey, t.Value.ExpiresAt))],
        s.LogCheckpoint, s.Training.Salt, [.. s.Training.ByCourse.Select(c => new StoredCourse(c.Key, [.. c.Value.Select(LearnerHash.ToBytes)]))]);

    private static EnforcementSnapshot SnapshotOf(Stored s) => new()
    {
        World = s.World,
        LogCheckpoint = s.LogCheckpoint,
        Generation = s.Generation,
        Everything = s.Everything,
        UseCases = s.UseCases.ToFrozenDictionary(u => u.Key, u => new GovernedUseCase(u.Key, u.Approved, u.Tier, u.Stopped, u.Lacks, u.Grace, u.Courses)),
        Models = s.Models.ToFrozenDictionary(m => m.Target, m => m.Engaged, StringComparer.OrdinalIgnoreCase),
        Gateways = s.Gateways.ToFrozenDictionary(g => g.Target, g => g.Engaged, StringComparer.OrdinalIgnoreCase),
        Credentials = s.Credentials.ToFrozenDictionary(c => (c.Kind, c.Value), c => c.UseCase),
        Tokens = s.Tokens.ToFrozenDictionary(t => t.Hash, t => new TokenHolder(t.Id, t.Name, t.Scopes.ToFrozenSet(), t.UseCase, t.ExpiresAt)),
        Training = s.Salt is { Length: > 0 } salt && s.Courses is { } courses
            ? new(salt, courses.ToFrozenDictionary(c => c.Course, c => c.Trained.Select(t => LearnerHash.Read(t)).ToFrozenSet())) : TrainedLearners.Nobody,
        HasSwitches = s.Everything is not null || s.Models.Count > 0 || s.Gateways.Count > 0 || s.UseCases.Any(u => u.Stopped is not null),
    };

    private sealed record Stored(
        int Format, Guid World, long Generation, DateTimeOffset ConfirmedAt, EngagedSwitch? Everything, IReadOnlyList<StoredUseCase> UseCases, IReadOnlyList<StoredSwitch> Models,
        IReadOnlyList<StoredSwitch> Gateways, IReadOnlyList<StoredCredential> Credentials, IReadOnlyList<StoredToken> Tokens, string? LogCheckpoint = null,
        byte[]? Salt = null, IReadOnlyList<StoredCourse>? Courses = null);

    private sealed record StoredUseCase(string Key, bool Approved, RiskTier Tier, EngagedSwitch? Stopped, string? Lacks = null, string? Grace = null, IReadOnlyList<string>? Courses = null);

    private sealed record StoredCourse(string Course, IReadOnlyList<byte[]> Trained);

    private sealed record StoredSwitch(string Target, EngagedSwitch Engaged);

    private sealed record StoredCredential(CredentialKind Kind, string Value, string UseCase);

    private sealed record StoredToken(string Hash, Guid Id, string Name, IReadOnlyList<string> Scopes, string? UseCase, DateTimeOffset ExpiresAt);
}
