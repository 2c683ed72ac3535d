using System.Globalization;
using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Training;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>Three courses, who completed them, and whose refresher is late. No use case requires one, so that the demo's traffic runs.</summary>
public sealed class DemoTraining(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider realClock)
{
    internal async Task MakeAsync(CancellationToken cancellation)
    {
        var clock = new DemoClock(realClock.GetUtcNow().AddDays(-120));
        var define = new DefineCourse(databases, clock);
        await define.AddAsync("prompt-safety", new("Working safely with prompts", "What may go into a prompt, what never, and how to look at an answer.", "https://learn.nordhaven.example/prompt-safety", [Role.Submitter, Role.Operator, Role.Brand], 91), Who("coe-lead"), cancellation);
        await define.AddAsync("ai-act-basics", new("AI Act for reviewers", "Risk classes, duties of deployers and the deadlines for incidents.", "https://learn.nordhaven.example/ai-act", [Role.Legal, Role.Privacy, Role.Risk, Role.Security], 365), Who("coe-lead"), cancellation);
        await define.AddAsync("switch-duty", new("On duty at the switches", "Stopping, releasing with a second person, and what to write down.", null, [Role.Operator, Role.Security], 91), Who("coe-lead"), cancellation);
        clock.GoTo(realClock.GetUtcNow().AddDays(-1));
        var record = new RecordTraining(databases, organisation, clock);
        await record.FromFileAsync(Encoding.UTF8.GetBytes(Rows()), isDryRun: false, Who("coe-lead"), cancellation);
        // Taken elsewhere, so the certificate itself came with it.
        var brand = Who("brand");
        var seminar = organisation.DayOf(realClock.GetUtcNow()).AddDays(-6);
        var certificate = UploadedFile.Read("certificate-seminar.txt", Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"Certificate of attendance\n\n{brand.Name} attended the seminar “Generative AI in marketing: prompts, rights, labelling” on {seminar:d MMMM yyyy} (6 hours).\n\nHanse Akademie, no. HA-2206\n")));
        await record.OneAsync(new("prompt-safety", brand.Id.Value, "brand-7f3a", seminar, "Hanse Akademie, HA-2206"), certificate, Who("coe-lead"), cancellation);
    }

    private string Rows()
    {
        (string Course, string Persona, int DaysAgo)[] rows =
        [
            ("prompt-safety", "submitter", 20), ("prompt-safety", "submitter2", 100), ("prompt-safety", "operator", 30), ("prompt-safety", "brand", 85),
            ("ai-act-basics", "legal", 40), ("ai-act-basics", "legal2", 90), ("ai-act-basics", "privacy", 200), ("ai-act-basics", "risk", 10), ("ai-act-basics", "security", 90),
            ("switch-duty", "operator", 30), ("switch-duty", "security", 60),
        ];
        var today = organisation.DayOf(realClock.GetUtcNow());
        var text = new StringBuilder("course,learner,person,completed_on,evidence\n");
        foreach (var (course, persona, days) in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{course},{persona}-7f3a,{Who(persona).Id.Value},{today.AddDays(-days):yyyy-MM-dd},NH-{course[..2].ToUpperInvariant()}-{4000 + days}\n");
        }

        for (var i = 0; i < 40; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"prompt-safety,clerk-{i:000},,{today.AddDays(-2 * i - 3):yyyy-MM-dd},NH-PR-{5000 + i}\n");
        }

        return text.ToString();
    }

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
