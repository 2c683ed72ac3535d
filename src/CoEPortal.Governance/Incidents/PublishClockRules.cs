using System.Security.Cryptography;
using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Incidents;

/// <summary>A version of clock rules as it was taken into force.</summary>
public sealed class PublishedClockRules
{
    public string Version { get; internal init; } = "";

    public DateOnly EffectiveFrom { get; internal init; }

    public string Sha256 { get; internal init; } = "";

    public string Yaml { get; internal init; } = "";

    public DateTimeOffset PublishedAt { get; internal init; }
}

/// <summary>Why a file of clock rules was not taken into force.</summary>
/// <param name="Line">Null when it is not about a line.</param>
public sealed record RefusedClockRules(string File, long? Line, string Reason)
{
    public override string ToString() => $"{File}{(Line is { } line ? $", line {line}" : "")}: {Reason}";
}

/// <summary>
/// Takes the files of <c>templates/clocks</c> into force. A version is immutable: what cannot be read, names no source or changed
/// after it was taken is refused, and what is stored stays in force.
/// </summary>
public sealed class PublishClockRules(IDbContextFactory<GovernanceDb> databases, string folder, Organisation organisation, TimeProvider clock)
{
    private const int MostFiles = 100;

    /// <summary>What the last run refused; shown to everybody who handles incidents.</summary>
    public IReadOnlyList<RefusedClockRules> Refused { get; private set; } = [];

    public async Task RunAsync(CancellationToken cancellation = default)
    {
        var refused = new List<RefusedClockRules>();
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlRawAsync("select pg_advisory_xact_lock(hashtext('publish-clock-rules'))", cancellation);
        var stored = await db.ClockRules.AsNoTracking().Select(r => new { r.Version, r.Sha256 }).ToDictionaryAsync(r => r.Version, r => r.Sha256, cancellation);
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal).ToList() : [];
        foreach (var path in files.Take(MostFiles))
        {
            var file = Path.GetFileName(path);
            try
            {
                var yaml = new FileInfo(path).Length > ClockRules.LongestFile * 4L ? throw new ClockRulesException(1, $"The file is longer than {ClockRules.LongestFile:N0} characters.") : await File.ReadAllTextAsync(path, cancellation);
                var rules = ClockRules.Parse(yaml);
                var sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(yaml)));
                if (stored.TryGetValue(rules.Version, out var known))
                {
                    if (known != sha256)
                    {
                        refused.Add(new RefusedClockRules(file, null, $"Version {rules.Version} was taken into force before and has changed since. Copy it and give it a new version."));
                    }

                    continue;
                }

                stored[rules.Version] = sha256;
                db.ClockRules.Add(new PublishedClockRules { Version = rules.Version, EffectiveFrom = rules.EffectiveFrom, Sha256 = sha256, Yaml = yaml, PublishedAt = clock.GetUtcNow() });
            }
            catch (ClockRulesException fault)
            {
                refused.Add(new RefusedClockRules(file, fault.Line, fault.Reason));
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                refused.Add(new RefusedClockRules(file, null, $"The file cannot be read: {fault.Message}"));
            }
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        if (stored.Count == 0)
        {
            refused.Add(new RefusedClockRules("templates/clocks", null, "There are no clock rules at all, so no deadline starts by itself."));
        }

        Refused = refused;
    }

    /// <summary>The version in force on the day of an instant; null when there is none.</summary>
    internal async Task<ClockRules?> InForceAsync(GovernanceDb db, DateTimeOffset at, CancellationToken cancellation)
    {
        var day = organisation.DayOf(at);
        var newest = await db.ClockRules.AsNoTracking().Where(r => r.EffectiveFrom <= day).OrderByDescending(r => r.EffectiveFrom).ThenByDescending(r => r.PublishedAt).FirstOrDefaultAsync(cancellation);
        return newest is null ? null : ClockRules.Parse(newest.Yaml);
    }

    /// <summary>The rule that started a clock, as it was then.</summary>
    internal static async Task<ClockRule?> RuleOfAsync(GovernanceDb db, IncidentClock clock, CancellationToken cancellation)
    {
        var stored = await db.ClockRules.AsNoTracking().SingleOrDefaultAsync(r => r.Version == clock.RulesVersion, cancellation);
        return stored is null ? null : ClockRules.Parse(stored.Yaml).Clocks.FirstOrDefault(r => r.Id == clock.RuleId);
    }
}
