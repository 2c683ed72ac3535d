using System.Collections.Concurrent;
using System.Security.Cryptography;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>
/// The survey with amnesty. An answer is stored without who gave it: no person, no address, no time but the day while it waits. It waits
/// until at least five have come, and on a later day all are written at once, shuffled and under new ids, so that neither their order nor the
/// moment of their release leads back. What this does not protect from stands in the README and on the page.
/// </summary>
public sealed class AnswerSurvey(IDbContextFactory<GovernanceDb> databases, ServiceCatalogue catalogue, HostMatcher matcher, VersionedFiles<ToolRisk> risks, Organisation organisation, TimeProvider clock)
{
    public const int LeastAtOnce = 5;
    public const int ToolLength = 80;

    private const int MostHeld = 5000;
    private const int MostTools = 200;
    private const int MostOfAPersonInADay = 10;

    private static readonly Actor Rule = Actor.Rule("survey-release");

    // In memory only, and of the day: who answered is written nowhere.
    private readonly ConcurrentDictionary<(DateOnly Day, string Person), int> _today = [];

    /// <summary>What somebody who answers is told of the campaign.</summary>
    public async Task<SurveyForm> FormAsync(string key, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.AnswerSurvey);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var campaign = await AskedAsync(db, key, cancellation);
        return new SurveyForm(
            campaign.Key, campaign.Title, campaign.DueOn, campaign.State is CampaignState.Open, campaign.Departments,
            [.. catalogue.Services.Select(s => s.Name).Distinct().Order(StringComparer.OrdinalIgnoreCase)]);
    }

    /// <summary>The newest open campaign that asks; null when none does.</summary>
    public async Task<string?> CurrentAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.AnswerSurvey);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.Campaigns.Where(c => c.State == CampaignState.Open && c.Sources.Contains(UsageSource.Survey)).OrderByDescending(c => c.OpenedAt).Select(c => c.Key).FirstOrDefaultAsync(cancellation);
    }

    /// <param name="by">Only asked whether they may; nothing of them is kept.</param>
    /// <param name="key">The campaign.</param>
    /// <param name="answer">What they use.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task RunAsync(string key, SurveyAnswer answer, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.AnswerSurvey);
        var tool = Line(answer.Tool);
        Refuse.If(tool.Length is 0 or > ToolLength, "tool-required", $"Name the tool in at most {ToolLength} characters.");
        Refuse.If(!Enum.IsDefined(answer.Purpose) || !Enum.IsDefined(answer.DataClass), "answer-unusable", "Choose one of the answers that are offered.");
        var today = organisation.DayOf(clock.GetUtcNow());
        foreach (var old in _today.Keys.Where(k => k.Day != today))
        {
            _today.TryRemove(old, out _);
        }

        Refuse.If(_today.AddOrUpdate((today, by.Id.Value), 1, (_, count) => count + 1) > MostOfAPersonInADay, "too-many-answers", $"That were {MostOfAPersonInADay} answers today. Come back tomorrow.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var campaign = await AskedAsync(db, key, cancellation);
        Refuse.If(campaign.State is CampaignState.Closed, "campaign-closed", $"{key} is closed. The next campaign asks again.");
        Refuse.If(await db.SurveyAnswersHeld.CountAsync(a => a.CampaignId == campaign.Id, cancellation) >= MostHeld, "too-many-answers", "More answers than are kept wait already. Come back tomorrow.");
        db.SurveyAnswersHeld.Add(new SurveyAnswerHeld
        {
            Id = AnyId(),
            CampaignId = campaign.Id,
            AnsweredOn = today,
            Tool = tool,
            Department = campaign.Departments.Find(d => d.Equals(answer.Department, StringComparison.OrdinalIgnoreCase)) ?? Departments.Unknown,
            Purpose = answer.Purpose,
            DataClass = answer.DataClass,
        });
        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>Of earlier days, when there are enough; a department is only kept where enough of it are among them.</summary>
    /// <returns>How many.</returns>
    internal async Task<int> ReleaseAsync(string key, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var campaign = await CampaignScope.LockedAsync(db, key, Rule, Permission.RunCampaigns, cancellation);
        var now = clock.GetUtcNow();
        var today = organisation.DayOf(now);
        var held = await db.SurveyAnswersHeld.Where(a => a.CampaignId == campaign.Id && a.AnsweredOn < today).ToListAsync(cancellation);
        if (campaign.State is CampaignState.Closed || held.Count < LeastAtOnce)
        {
            return 0;
        }

        var telling = held.GroupBy(a => a.Department).Where(g => g.Count() >= LeastAtOnce).Select(g => g.Key).ToHashSet();
        var released = held.Select(a => new SurveyAnswerReleased
        {
            Id = AnyId(),
            CampaignId = campaign.Id,
            Tool = a.Tool,
            Department = telling.Contains(a.Department) ? a.Department : Departments.Unknown,
            Purpose = a.Purpose,
            DataClass = a.DataClass,
        }).ToArray();
        RandomNumberGenerator.Shuffle(released.AsSpan());
        db.SurveyAnswersHeld.RemoveRange(held);
        db.SurveyAnswersReleased.AddRange(released);
        await CountAsync(db, campaign, released, now, cancellation);
        campaign.Released(released.Length, today, Rule, now);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return released.Length;
    }

    private async Task CountAsync(GovernanceDb db, Campaign campaign, SurveyAnswerReleased[] released, DateTimeOffset now, CancellationToken cancellation)
    {
        var book = await FindingBook.OfAsync(db, campaign, cancellation);
        var named = released.GroupBy(a => (Tool: ToolOf(a.Tool), Department: book.InScope(a.Department) ?? Departments.Unknown)).OrderByDescending(g => g.Count()).ThenBy(g => g.Key.Tool.Id, StringComparer.Ordinal);
        foreach (var answers in named.Take(MostTools))
        {
            book.For(answers.Key.Tool, answers.Key.Department, now)?.Said(answers.Count(), answers.Max(a => a.DataClass));
        }

        book.Judge(risks.InForce(now), catalogue);
        var (names, counts) = (released.GroupBy(a => a.Department).Select(g => g.Key).ToArray(), released.GroupBy(a => a.Department).Select(g => (long)g.Count()).ToArray());
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into campaign_coverage as c (campaign_id, source, department, events) select {campaign.Id}, 'Survey', * from unnest({names}, {counts})
            on conflict (campaign_id, source, department) do update set events = c.events + excluded.events
            """, cancellation);
    }

    private FoundTool ToolOf(string tool) => matcher.Named(tool) is { } service ? FoundTool.Of(service) : FoundTool.Named(tool);

    private static async Task<Campaign> AskedAsync(GovernanceDb db, string key, CancellationToken cancellation) =>
        await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(c => c.Key == key && c.Sources.Contains(UsageSource.Survey), cancellation) ?? throw new NotFoundException("survey", key);

    /// <summary>Random to the last bit: an id that rises with time would tell the order.</summary>
    private static Guid AnyId() => new(RandomNumberGenerator.GetBytes(16));

    private static string Line(string text) => new string([.. text.Select(c => char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format ? ' ' : c)]).Trim();
}

/// <param name="Tools">Names to choose from; any other may be typed.</param>
public sealed record SurveyForm(string Key, string Title, DateOnly DueOn, bool IsOpen, IReadOnlyList<string> Departments, IReadOnlyList<string> Tools);
