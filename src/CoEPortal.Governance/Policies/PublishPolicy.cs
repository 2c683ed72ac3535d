using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Policies;

/// <summary>Takes versions of policies into force: those that come as files, and those that a CoE lead writes. None is ever changed.</summary>
public sealed class PublishPolicy(IDbContextFactory<GovernanceDb> databases, string folder, Organisation organisation, TimeProvider clock)
{
    private const int MostFiles = 100;
    private const long LargestFile = 64 * 1024;

    /// <summary>Files that are not used, each with its reason. Shown where policies are.</summary>
    public IReadOnlyList<RefusedFile> Refused { get; private set; } = [];

    /// <summary>What the files hold and nobody has published yet.</summary>
    public async Task FromFilesAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await LockAsync(db, cancellation);
        var known = await db.PolicyVersions.AsNoTracking().Select(v => new { v.Policy, v.Number, v.ContentHash }).ToListAsync(cancellation);
        var refused = new List<RefusedFile>();
        foreach (var path in (Directory.Exists(folder) ? Directory.GetFiles(folder, "*.md") : []).Where(p => Path.GetFileName(p) != "README.md").Order(StringComparer.Ordinal).Take(MostFiles))
        {
            var name = Path.GetFileName(path);
            if (new FileInfo(path).Length > LargestFile)
            {
                refused.Add(new(name, 0, $"The file is larger than {LargestFile / 1024} KB."));
                continue;
            }

            try
            {
                var text = PolicyText.Read(await File.ReadAllTextAsync(path, cancellation));
                var before = known.Find(k => (k.Policy, k.Number) == (text.Policy, text.Number));
                if (before is null)
                {
                    db.PolicyVersions.Add(PolicyVersion.Publish(text, Actor.Rule("policy-files"), clock.GetUtcNow()));
                    known.Add(new { text.Policy, text.Number, ContentHash = PolicyVersion.HashOf(text) });
                }
                else if (before.ContentHash != PolicyVersion.HashOf(text))
                {
                    refused.Add(new(name, 0, $"Version {text.Number} of {text.Policy} is published with another text, which stays. Raise version and effectiveOn."));
                }
            }
            catch (InvalidDataException fault)
            {
                refused.Add(new(name, 0, fault.Message));
            }
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        Refused = refused;
    }

    /// <param name="seen">The newest version that the writer saw; 0 for a policy that is new.</param>
    public async Task<PolicyVersion> RunAsync(string policy, string title, string text, DateOnly effectiveOn, int seen, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManagePolicies);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await LockAsync(db, cancellation);
        var newest = await db.PolicyVersions.AsNoTracking().Where(v => v.Policy == policy).OrderByDescending(v => v.Number).FirstOrDefaultAsync(cancellation);
        var checkedText = new PolicyText(policy, (newest?.Number ?? 0) + 1, title, effectiveOn, text).Checked();
        var now = clock.GetUtcNow();
        Refuse.If(seen != (newest?.Number ?? 0), "changed-meanwhile", $"Version {newest?.Number} of {policy} was published since you opened it. Look at it, then write yours.");
        Refuse.If(effectiveOn < organisation.DayOf(now), "effective-in-the-past", "A policy holds from today on, or from a later day: nobody could have followed it before.");
        Refuse.If(newest is not null && effectiveOn < newest.EffectiveOn, "effective-before-the-last", $"Version {newest?.Number} holds from {newest?.EffectiveOn:yyyy-MM-dd}; a later version cannot begin before it.");
        Refuse.If(newest is not null && (newest.Title, newest.Text) == (checkedText.Title, checkedText.Text), "nothing-changed", "It says the same as the version before.");
        var published = PolicyVersion.Publish(checkedText, by, now);
        db.PolicyVersions.Add(published);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return published;
    }

    private static Task<int> LockAsync(GovernanceDb db, CancellationToken cancellation) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtext('publish-policies'))", cancellation);
}
