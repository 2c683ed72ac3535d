using System.Globalization;
using System.Text.Json.Nodes;
using CoEPortal.Evidence;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>Two different people of two different functions sign one content, and so close the campaign.</summary>
public sealed class SignCampaign(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    /// <param name="key">An open one.</param>
    /// <param name="function">For which this person signs.</param>
    /// <param name="note">Kept with the signature.</param>
    /// <param name="seenHash">What they saw, as the campaign's sheet names it.</param>
    /// <param name="by">Who signs.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<Campaign> RunAsync(string key, Role function, string note, string seenHash, Actor by, CancellationToken cancellation = default) =>
        RefusedAttempts.KeepAsync(databases, nameof(SignCampaign), key, by, clock, async () =>
        {
            await using var db = await databases.CreateDbContextAsync(cancellation);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            var campaign = await CampaignScope.LockedAsync(db, key, by, Permission.SignCampaigns, cancellation);
            Refuse.If(!Functions.Contains(function), "not-your-function", $"{function} does not sign campaigns. These do: {string.Join(", ", Functions)}.");
            Refuse.If(
                await db.UsageImports.AnyAsync(i => i.CampaignId == campaign.Id && (i.State == ImportState.Receiving || i.State == ImportState.Waiting || i.State == ImportState.Running), cancellation),
                "imports-under-way", "An import is under way. Wait for its end, or cancel it.");
            var undecided = await db.ToolFindings.CountAsync(f => f.CampaignId == campaign.Id && (f.Disposition == Disposition.Undecided || f.EndedAt != null), cancellation);
            var findings = await db.ToolFindings.CountAsync(f => f.CampaignId == campaign.Id, cancellation);
            campaign.Sign(function, note, seenHash, await ContentHashAsync(db, campaign, cancellation), undecided, findings, by, clock.GetUtcNow());
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return campaign;
        });

    /// <summary>Whose signature counts.</summary>
    public static IReadOnlyList<Role> Functions { get; } = [.. AccessPolicy.Table.Where(r => r.Permission is Permission.SignCampaigns).Select(r => r.Role).Distinct().Order()];

    /// <summary>Of all that is signed: scope, coverage, findings and what becomes of them. No name and no reason is in it, so that an erasure changes nothing.</summary>
    internal static async Task<string> ContentHashAsync(GovernanceDb db, Campaign campaign, CancellationToken cancellation)
    {
        var findings = await db.ToolFindings.AsNoTracking().Where(f => f.CampaignId == campaign.Id).OrderBy(f => f.Number).ToListAsync(cancellation);
        var coverage = await db.CampaignCoverages.AsNoTracking().Where(c => c.CampaignId == campaign.Id).ToListAsync(cancellation);
        return ContentHash.Of(new JsonObject
        {
            ["campaign"] = campaign.Key,
            ["departments"] = Texts(campaign.Departments),
            ["sources"] = Texts(campaign.Sources.Select(s => s.ToString())),
            ["from"] = Text(campaign.FromOn),
            ["coverage"] = new JsonArray([.. coverage.OrderBy(c => c.Source).ThenBy(c => c.Department, StringComparer.Ordinal).Select(c => new JsonObject { ["source"] = c.Source.ToString(), ["department"] = c.Department, ["events"] = Number(c.Events) })]),
            ["findings"] = new JsonArray([.. findings.Select(f => new JsonObject
            {
                ["number"] = Number(f.Number),
                ["tool"] = f.ToolId,
                ["department"] = f.Department,
                ["people"] = Number(f.People),
                ["addresses"] = Number(f.Addresses),
                ["answers"] = Number(f.Answers),
                ["requests"] = Number(f.Requests),
                ["bytes"] = Number(f.Bytes),
                ["spend"] = f.Spend?.ToString("0.00", CultureInfo.InvariantCulture),
                ["disposition"] = f.Disposition.ToString(),
                ["replacedBy"] = f.ReplacedBy,
                ["owner"] = f.OwnerId,
                ["due"] = f.DueOn is { } due ? Text(due) : null,
                ["until"] = f.Until is { } until ? Text(until) : null,
                ["useCase"] = f.UseCaseKey,
            })]),
        }).ToString();
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => JsonValue.Create(t))]);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
