using System.Globalization;
using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using CoEPortal.Governance.ShadowAi;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>The campaign of last quarter, closed and signed, and that of this quarter, under way. The logs are made up; what is read of them is not.</summary>
public sealed class DemoCampaigns(
    IDbContextFactory<GovernanceDb> databases, UsageFormats formats, ServiceCatalogue catalogue, HostMatcher matcher, VersionedFiles<ToolRisk> risks, PersonalDataKey wrapping, Notices notices,
    ProposalValidator validator, Organisation organisation, TimeProvider realClock, ILogger<ReadUsage> readLog, ILogger<SweepCampaigns> sweepLog)
{
    private static readonly string[] Units = ["Claims", "Underwriting", "Customer Service", "Finance", "Human Resources", "Legal", "Brand", "Risk"];

    private static readonly string[] Surnames = ["berg", "haas", "lund", "moreau", "novak", "ortega", "petrov", "quist", "rossi", "sato", "thiel", "urban", "vogel", "weiss", "yilmaz", "zeman"];

    /// <summary>Which service is used by how many of which units, then and now.</summary>
    private static readonly (string Service, string[] Units, int Before, int Now)[] Usage =
    [
        ("grammarly", ["Claims", "Customer Service", "Brand"], 9, 13), ("chatgpt", ["Claims", "Underwriting", "Finance", "Human Resources"], 10, 7), ("otter", ["Human Resources", "Customer Service"], 0, 9),
        ("deepl", ["Legal", "Claims"], 11, 4), ("gamma", ["Brand"], 0, 5), ("cursor", ["Risk"], 3, 4), ("perplexity", ["Underwriting", "Risk"], 4, 5), ("midjourney", ["Brand"], 4, 0), ("claude", ["Legal"], 2, 6),
        ("notebooklm", ["Underwriting"], 0, 3), ("quillbot", ["Finance"], 3, 0),
    ];

    private DemoClock _clock = new(realClock.GetUtcNow());

    internal async Task MakeAsync(CancellationToken cancellation)
    {
        var today = organisation.DayOf(realClock.GetUtcNow());
        var (last, current) = (Campaign.FirstDayOf(today).AddMonths(-3), Campaign.FirstDayOf(today));
        await LastAsync(last, cancellation);
        await CurrentAsync(current, today, cancellation);
    }

    private async Task LastAsync(DateOnly first, CancellationToken cancellation)
    {
        var key = await OpenAsync(first, first.AddDays(4), "Personal phones, and 640 devices without the proxy agent.", cancellation);
        GoTo(first.AddDays(50));
        await ImportAsync(key, "squid", "proxy-edge-1.log", Log(first, first.AddDays(50), isNow: false, 11), cancellation);
        await ImportAsync(key, "card-spend", "cards.csv", Spend(first, "Grammarly Inc.;Brand;144.00|MIDJOURNEY INC.;Brand;60.00|OPENAI *CHATGPT SUBSCR;Finance;46.00"), cancellation);
        GoTo(first.AddDays(56));
        await DecideAsync(key, (tool, _) => tool switch
        {
            "grammarly" => (Disposition.Exception, "Until the contract of the organisation is signed; no names of customers.", first.AddMonths(3).AddDays(20), null),
            "chatgpt" => (Disposition.Blocked, "Personal accounts train on what is typed; the policy question assistant does the same work.", null, null),
            "deepl" => (Disposition.Replaced, "The paid version keeps no texts.", null, "DeepL Pro"),
            "cursor" => (Disposition.Restricted, "Only repositories without customer data.", null, null),
            "midjourney" => (Disposition.Blocked, "Rights to the pictures are not clear.", null, null),
            _ => (Disposition.Restricted, "No customer data.", null, null),
        }, _ => true, cancellation);
        GoTo(first.AddDays(60));
        await SignAsync(key, "coe-lead2", Role.CoeLead, "", cancellation);
        GoTo(first.AddDays(61));
        await SignAsync(key, "security", Role.Security, "Blocked at the proxy, rules 112 to 118.", cancellation);
    }

    private async Task CurrentAsync(DateOnly first, DateOnly today, CancellationToken cancellation)
    {
        var start = first.AddDays(2) < today ? first.AddDays(2) : today;
        var key = await OpenAsync(first, start, "Personal phones, and 610 devices without the proxy agent.", cancellation);
        var until = today.AddDays(-1) > first ? today.AddDays(-1) : today;
        GoTo(until);
        await ImportAsync(key, "squid", "proxy-edge-1.log", Log(first, until, isNow: true, 17), cancellation);
        await ImportAsync(key, "entra-sign-ins", "sign-ins.csv", SignIns(first, until), cancellation);
        await ImportAsync(key, "card-spend", "cards.csv", Spend(first, "Grammarly Inc.;Brand;216.00|GAMMA.APP;Brand;80.00|CURSOR AI;Risk;64.00"), cancellation);
        await AnswerAsync(key, cancellation);
        _clock = new DemoClock(realClock.GetUtcNow().AddHours(-20));
        var useCase = await DecideAsync(key, (tool, _) => tool switch
        {
            "chatgpt" => (Disposition.Blocked, "As last quarter; those left are told in person.", null, null),
            "deepl" => (Disposition.Replaced, "DeepL Pro is there for everybody.", null, "DeepL Pro"),
            "grammarly" => (Disposition.Exception, "The contract waits for the signature of Legal.", today.AddDays(38), null),
            _ => (Disposition.Restricted, "No customer data.", null, null),
        }, tool => tool is "chatgpt" or "deepl" or "grammarly" or "perplexity" or "cursor", cancellation);
        var decide = Decide();
        await decide.PromoteAsync(key, useCase, Who("coe-lead"), cancellation);
        await RevealAsync(key, cancellation);
    }

    private async Task<string> OpenAsync(DateOnly first, DateOnly on, string unseen, CancellationToken cancellation)
    {
        GoTo(on);
        var plan = new CampaignPlan("", Units, [.. Enum.GetValues<UsageSource>()], first, first.AddDays(64) > on ? first.AddDays(64) : on.AddDays(20), unseen);
        var key = (await new OpenCampaign(databases, risks, catalogue, wrapping, notices, organisation, _clock).RunAsync(plan, Who("coe-lead2").Id, Who("coe-lead2"), cancellation)).Key;
        var list = string.Join('\n', People().Select(p => $"{p.User},{p.Unit}"));
        await Receive().GiveDepartmentsAsync(key, Encoding.UTF8.GetBytes(list), Who("security"), cancellation);
        return key;
    }

    private async Task ImportAsync(string key, string format, string title, string content, CancellationToken cancellation)
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(content));
        await Receive().RunAsync(key, format, title, file, Who("security"), null, cancellation);
        await new ReadUsage(databases, formats, catalogue, matcher, risks, wrapping, notices, _clock, readLog).RunNextAsync(cancellation);
    }

    /// <returns>A finding that is worth a use case.</returns>
    private async Task<int> DecideAsync(
        string key, Func<string, string, (Disposition Disposition, string Reason, DateOnly? Until, string? By)> what, Func<string, bool> which, CancellationToken cancellation)
    {
        var (decide, today) = (Decide(), organisation.DayOf(_clock.GetUtcNow()));
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var findings = await db.ToolFindings.AsNoTracking().Where(f => f.CampaignKey == key).OrderBy(f => f.Number).ToListAsync(cancellation);
        foreach (var finding in findings.Where(f => which(f.ToolId) && !f.IsLookAlike).Concat(findings.Where(f => f.IsLookAlike && which("midjourney"))))
        {
            var (disposition, reason, until, by) = finding.IsLookAlike ? (Disposition.Blocked, "A page that collects passwords. Reported to the registrar.", null, null) : what(finding.ToolId, finding.Department);
            // Exceptions are sensible only while they last; on the first days of a quarter one that is over would be refused.
            until = disposition is Disposition.Exception && until <= today ? today.AddDays(5) : until;
            await decide.RunAsync(key, finding.Number, new DispositionDraft(disposition, reason, Who(disposition is Disposition.Blocked ? "security" : "coe-lead2").Id, today.AddDays(5), by, until), finding.Version, Who("coe-lead2"), cancellation: cancellation);
            if (disposition is Disposition.Blocked or Disposition.Replaced)
            {
                await decide.CarryOutAsync(key, finding.Number, Who("security"), cancellation);
            }
        }

        return findings.First(f => f.ToolId is "claude" or "cursor").Number;
    }

    private async Task AnswerAsync(string key, CancellationToken cancellation)
    {
        var survey = new AnswerSurvey(databases, catalogue, matcher, risks, organisation, _clock);
        foreach (var (persona, tool, unit, purpose, data) in new[]
        {
            ("submitter", "Otter", "Human Resources", SurveyPurpose.Meetings, DataClass.Restricted), ("submitter2", "ChatGPT", "Claims", SurveyPurpose.Writing, DataClass.Confidential), ("operator", "Grammarly", "Claims", SurveyPurpose.Writing, DataClass.Confidential),
            ("legal", "Claude", "Legal", SurveyPurpose.Summaries, DataClass.Internal), ("brand", "Gamma", "Brand", SurveyPurpose.Images, DataClass.Public), ("risk", "ChatGPT", "Claims", SurveyPurpose.Data, DataClass.Internal), ("risk2", "A tool of our broker", "", SurveyPurpose.Data, DataClass.Internal),
        })
        {
            await survey.RunAsync(key, new SurveyAnswer(tool, unit, purpose, data), Who(persona), cancellation);
        }

        _clock.GoTo(_clock.GetUtcNow().AddDays(1));
        await new SweepCampaigns(
            databases, new OpenCampaign(databases, risks, catalogue, wrapping, notices, organisation, _clock), new AnswerSurvey(databases, catalogue, matcher, risks, organisation, _clock), risks, catalogue, notices, organisation, _clock, sweepLog)
            .RunAsync(cancellation);
    }

    private async Task RevealAsync(string key, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var imitation = await db.ToolFindings.AsNoTracking().FirstOrDefaultAsync(f => f.CampaignKey == key && f.IsLookAlike, cancellation);
        var who = imitation is null ? null : await db.FindingPeople.Where(p => p.FindingId == imitation.Id).Select(p => p.Pseudonym).FirstOrDefaultAsync(cancellation);
        if (imitation is not null && who is not null)
        {
            await new RevealPerson(databases, wrapping, _clock).RunAsync(key, imitation.Number, Convert.ToHexStringLower(who), "Somebody reached a page that collects passwords; they have to be told and the password changed.", Who("privacy"), cancellation);
        }
    }

    private async Task SignAsync(string key, string persona, Role function, string note, CancellationToken cancellation)
    {
        var sheet = await new CampaignSheets(databases, catalogue, new OpenEntries(new PersonKeys(wrapping, _clock)), organisation, _clock).OfAsync(key, Who(persona), cancellation);
        await new SignCampaign(databases, _clock).RunAsync(key, function, note, sheet.ContentHash, Who(persona), cancellation);
    }

    private ReceiveUsage Receive() => new(databases, formats, wrapping, _clock);

    private DecideFinding Decide() => new(databases, new StartUseCase(databases, validator, _clock), notices, organisation, _clock);

    private void GoTo(DateOnly day) => _clock = new DemoClock(new DateTimeOffset(day.ToDateTime(new TimeOnly(9, 30)), TimeSpan.Zero) is var at && at < realClock.GetUtcNow() ? at : realClock.GetUtcNow().AddMinutes(-1));

    private string Log(DateOnly first, DateOnly until, bool isNow, int seed)
    {
        var (random, log, people) = (new Random(seed), new StringBuilder(), People().ToList());
        var days = Math.Max(1, until.DayNumber - first.DayNumber);
        foreach (var (service, units, before, now) in Usage)
        {
            var domains = catalogue.Services.Find(s => s.Id == service)?.Domains ?? [];
            foreach (var person in units.SelectMany(u => people.Where(p => p.Unit == u).Take(Math.Max(isNow ? now : before, 0))).Where(_ => domains.Count > 0))
            {
                for (var i = random.Next(4, 12); i > 0; i--)
                {
                    Line(log, first.AddDays(random.Next(days)), random, person.User, domains[random.Next(domains.Count)]);
                }
            }
        }

        foreach (var person in people)
        {
            for (var i = 0; i < 6; i++)
            {
                Line(log, first.AddDays(random.Next(days)), random, person.User, i % 2 == 0 ? "intranet.nordhaven.example" : "www.wikipedia.org");
            }
        }

        if (isNow)
        {
            Line(log, first, random, people[3].User, "chatgpt.com.secure-login.example");
        }

        return log.ToString();
    }

    private static void Line(StringBuilder log, DateOnly day, Random random, string user, string host)
    {
        var at = new DateTimeOffset(day.ToDateTime(new TimeOnly(7, 0)), TimeSpan.Zero).AddSeconds(random.Next(9000)).ToUnixTimeSeconds();
        log.Append(CultureInfo.InvariantCulture, $"{at}.{random.Next(1000):000} {random.Next(900)} 10.2.{random.Next(8)}.{random.Next(250)} {(random.Next(30) == 0 ? "TCP_DENIED/403" : "TCP_TUNNEL/200")} {random.Next(2000, 400000)} CONNECT {host}:443 {user} HIER_DIRECT/203.0.113.9 -\n");
    }

    private static string SignIns(DateOnly first, DateOnly until)
    {
        var (csv, days) = (new StringBuilder("Date (UTC),Username,Application,Department,Status\n"), Math.Max(1, until.DayNumber - first.DayNumber));
        foreach (var (person, i) in People().Select((p, i) => (p, i)).Where(p => p.i % 3 == 0))
        {
            csv.Append(CultureInfo.InvariantCulture, $"{first.AddDays(i % days):yyyy-MM-dd}T08:{i % 60:00}:00Z,{person.User}@nordhaven.example,{(i % 2 == 0 ? "Grammarly" : i % 5 == 0 ? "Cursor" : "Office 365")},{person.Unit},Success\n");
        }

        return csv.ToString();
    }

    /// <param name="first">Of the quarter.</param>
    /// <param name="bookings">Merchant, unit and amount.</param>
    private static string Spend(DateOnly first, string bookings) => "Date,Cardholder,Merchant,Department,Amount,Currency\n" + string.Join('\n', bookings.Split('|').Select(b => b.Split(';'))
        .Select((b, i) => FormattableString.Invariant($"{first:yyyy-MM-dd},{People().First(p => p.Unit == b[1]).User},{b[0]},{b[1]},{b[2]},EUR")));

    private static IEnumerable<(string User, string Unit)> People() =>
        Units.SelectMany((unit, u) => Surnames.Select((name, n) => ($"{(char)('a' + (u * 3 + n) % 26)}.{name}", unit)));

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
