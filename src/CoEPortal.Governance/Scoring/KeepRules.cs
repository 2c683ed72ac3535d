using System.Text;
using CoEPortal.Evidence;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Scoring;

/// <summary>
/// Keeps the rules that took effect, word for word. A file that was edited since, broken or taken away does not change how
/// anybody is judged: the version that was kept stays in force, and the portal says so.
/// </summary>
public sealed class KeepRules(IDbContextFactory<GovernanceDb> databases, TriageRules rules, Organisation organisation, TimeProvider clock)
{
    public async Task RunAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var today = organisation.DayOf(clock.GetUtcNow());
        var kept = await db.Database.SqlQuery<Kept>($"select version \"Version\", effective_on \"EffectiveOn\", content_hash \"ContentHash\", yaml \"Yaml\" from triage_rules").ToListAsync(cancellation);
        var (adopted, refused) = (new List<RulesFile>(), new List<string>());
        foreach (var read in rules.Read)
        {
            var hash = ContentHash.OfBytes(Encoding.UTF8.GetBytes(read.Yaml)).ToString();
            var before = kept.Find(k => k.Version == read.Rules.Version);
            if (before is null || before.ContentHash != hash && before.EffectiveOn > today)
            {
                await db.Database.ExecuteSqlAsync(
                    $"""
                    insert into triage_rules (version, effective_on, content_hash, yaml, first_read_at) values ({read.Rules.Version}, {read.Rules.EffectiveOn}, {hash}, {read.Yaml}, {clock.GetUtcNow()})
                    on conflict (version) do update set effective_on = excluded.effective_on, content_hash = excluded.content_hash, yaml = excluded.yaml
                      where triage_rules.content_hash <> excluded.content_hash
                    """, cancellation);
            }
            else if (before.ContentHash != hash)
            {
                refused.Add($"{read.File}, line {FirstDifference(before.Yaml, read.Yaml)}: version {before.Version} took effect on {before.EffectiveOn:yyyy-MM-dd} and was edited since. Copy it, and raise version and effectiveOn.");
            }
        }

        foreach (var old in kept.Where(k => k.EffectiveOn <= today || rules.Read.All(r => r.Rules.Version != k.Version)))
        {
            // Rules that an older release kept may not pass a newer check; they judged, so they are read as they were.
            adopted.Add(RulesFile.Read(old.Yaml, old.Version));
        }

        rules.Adopt(adopted, refused);
    }

    private static int FirstDifference(string before, string now) =>
        1 + before.ReplaceLineEndings("\n").Split('\n').Zip(now.ReplaceLineEndings("\n").Split('\n')).TakeWhile(lines => lines.First == lines.Second).Count();

    private sealed record Kept(string Version, DateOnly EffectiveOn, string ContentHash, string Yaml);
}
