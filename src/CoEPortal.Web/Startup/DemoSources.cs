using CoEPortal.Governance.Access;
using CoEPortal.Governance.DataSources;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>The register of data sources of the demo organisation. Invented.</summary>
public sealed class DemoSources(IDbContextFactory<GovernanceDb> databases, TimeProvider realClock)
{
    internal async Task MakeAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        // The names that one-pagers use, so that the register is about what is there.
        var named = (await db.UseCases.AsNoTracking().Where(u => u.LatestRevision > 0).OrderBy(u => u.Key).ToListAsync(cancellation))
            .SelectMany(u => u.Draft.DataSources).Distinct(StringComparer.OrdinalIgnoreCase).Take(6).ToList();
        var keep = new KeepRegister(databases, new DemoClock(realClock.GetUtcNow().AddDays(-90)));
        var lake = await keep.RegisterAsync(
            new DataSourceDraft(
                "Policy administration system", "Contracts, people insured and their claims, since 1998.", "Core, Frankfurt", DataClass.Confidential, PersonalData.Ordinary, Residency.EuOnly, [],
                [new BorderFlow("Germany", "Switzerland", Safeguard.Adequacy, "Decision 2000/518/EC")]),
            Who("security"), cancellation);
        foreach (var (at, name) in named.Index())
        {
            await keep.RegisterAsync(
                new DataSourceDraft(
                    name, "As the units that use it describe it.", at % 2 == 0 ? "Archive, Frankfurt" : "Document store", at % 3 == 1 ? DataClass.Confidential : DataClass.Internal,
                    at % 3 == 1 ? PersonalData.Ordinary : PersonalData.None, at % 2 == 0 ? Residency.EuOnly : Residency.EuAndUk, at < 2 ? [lake.Key] : [],
                    at == 0 ? [new BorderFlow("Germany", "United Kingdom", Safeguard.Adequacy, "Decision (EU) 2021/1772"), new BorderFlow("Germany", "India", Safeguard.StandardClauses, "Contract 2024/88, module 2")]
                    : at == 2 ? [new BorderFlow("Ireland", "United States", Safeguard.None, "")]
                    : []),
                Who("privacy"), cancellation);
        }
    }

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
