using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.ShadowAi;
using CoEPortal.Tests.Persistence;
using CoEPortal.Tests.Reports;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.ShadowAi;

/// <summary>A campaign of the fourth quarter and the logs of a few people.</summary>
public abstract class CampaignTest(TestPostgres postgres) : AuditPackTest(postgres)
{
    protected const string Log =
        """
        1790000000.1 45 10.0.0.1 TCP_TUNNEL/200 1000 CONNECT claude.ai:443 ada - -
        1790000001.1 45 10.0.0.2 TCP_TUNNEL/200 1000 CONNECT claude.ai:443 NORD\Ada - -
        1790000002.1 45 10.0.0.3 TCP_TUNNEL/200 1000 CONNECT claude.ai:443 bob - -
        1790090000.1 45 10.0.0.9 TCP_DENIED/403 10 CONNECT claude.ai:443 - - -
        1790000003.1 45 10.0.0.1 TCP_TUNNEL/200 500 CONNECT www.deepl.com:443 ada - -
        1790000004.1 45 10.0.0.1 TCP_TUNNEL/200 500 CONNECT intranet.example:443 ada - -
        1790000005.1 45 10.7.0.1 TCP_TUNNEL/200 500 CONNECT chatgpt.com:443 cleo - -
        1790000006.1 45 10.0.0.1 TCP_TUNNEL/200 500 CONNECT c1aude.ai:443 bob - -
        1790000006.1 45 10.0.0.1 TCP_TUNNEL/200
        1780000006.1 45 10.0.0.1 TCP_TUNNEL/200 500 CONNECT claude.ai:443 old - -
        """;

    protected const string List = "ada,Claims\nNORD\\Ada,Claims\nbob,Legal\n10.0.0.0/16,Claims\n10.7.0.0/16,Somewhere else\n";

    protected DateOnly Today => Get<Organisation>().DayOf(Clock.GetUtcNow());

    protected CampaignPlan Plan => new("", ["Claims", "Legal", "Finance"], [.. Enum.GetValues<UsageSource>()], new DateOnly(2026, 9, 1), Today.AddDays(20), "Personal phones.");

    protected async Task<string> OpenAsync(string title = "") => (await Get<OpenCampaign>().RunAsync(Plan with { Title = title }, Who("coe-lead").Id, Who("coe-lead"))).Key;

    protected async Task<UsageImport> ImportAsync(string key, string content, string format = "squid", bool read = true)
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(content));
        var import = await Get<ReceiveUsage>().RunAsync(key, format, "access.log", file, Who("security"));
        if (read)
        {
            Assert.True(await Get<ReadUsage>().RunNextAsync());
        }

        return await Get<CampaignSheets>().ImportAsync(key, import.Id, Who("auditor"));
    }

    protected async Task<string> GivenFoundAsync()
    {
        var key = await OpenAsync();
        await Get<ReceiveUsage>().GiveDepartmentsAsync(key, Encoding.UTF8.GetBytes(List), Who("security"));
        await ImportAsync(key, Log);
        return key;
    }

    protected async Task<List<ToolFinding>> FindingsAsync(string key)
    {
        await using var db = await DbAsync();
        return await db.ToolFindings.AsNoTracking().Where(f => f.CampaignKey == key).OrderBy(f => f.Number).ToListAsync();
    }

    protected async Task<int> DecideAsync(string key, ToolFinding finding, Disposition disposition, bool everywhere = false, DateOnly? until = null, string persona = "coe-lead") =>
        await Get<DecideFinding>().RunAsync(
            key, finding.Number, new DispositionDraft(disposition, "So be it.", Who("security").Id, Today.AddDays(10), disposition is Disposition.Replaced ? "Copilot" : null, until), finding.Version, Who(persona), everywhere);

    protected async Task DecideAllAsync(string key)
    {
        foreach (var finding in (await FindingsAsync(key)).Where(f => f.IsOpen))
        {
            await DecideAsync(key, finding, Disposition.Blocked);
        }
    }

    protected async Task<Campaign> SignAsync(string key, string persona, Role function) =>
        await Get<SignCampaign>().RunAsync(key, function, "", (await Get<CampaignSheets>().OfAsync(key, Who(persona))).ContentHash, Who(persona));

    protected async Task CloseAsync(string key)
    {
        await DecideAllAsync(key);
        await SignAsync(key, "coe-lead", Role.CoeLead);
        await SignAsync(key, "security", Role.Security);
    }
}
