using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Dpia;

/// <summary>Who is told that an assessment waits for them, inside the transaction of what happened.</summary>
public sealed class DpiaNotices(Notices notices, Organisation organisation)
{
    /// <summary>Those whose turn it is.</summary>
    internal async Task WaitsAsync(GovernanceDb db, ImpactAssessment assessment, DateTimeOffset now, CancellationToken cancellation)
    {
        var (kind, what) = Said(assessment.WaitsFor!.Value);
        await SendAsync(db, assessment, await WaitedForAsync(db, assessment, cancellation), kind, what, $"Due {Day(assessment.DueAt!.Value)}.", $"{kind}/{assessment.Key}/{assessment.Version}", now, cancellation);
    }

    internal async Task OverdueAsync(GovernanceDb db, ImpactAssessment assessment, DateTimeOffset now, CancellationToken cancellation)
    {
        var people = await WaitedForAsync(db, assessment, cancellation);
        people.UnionWith(await HoldersAsync(db, [Role.CoeLead], cancellation));
        await SendAsync(
            db, assessment, people, "dpia-overdue", "is overdue", $"It {Said(assessment.WaitsFor!.Value).What}; that was due {Day(assessment.DueAt!.Value)}.",
            $"dpia-overdue/{assessment.Key}/{assessment.Version}", now, cancellation);
    }

    internal async Task SignedAsync(GovernanceDb db, ImpactAssessment assessment, IEnumerable<string> writers, DateTimeOffset now, CancellationToken cancellation) =>
        await SendAsync(
            db, assessment, [.. writers], "dpia-signed", "is signed off", $"Version {assessment.LatestVersion}, to be looked at again by {assessment.ReviewOn!.Value.ToString("d MMM yyyy", CultureInfo.InvariantCulture)}.",
            $"dpia-signed/{assessment.Key}/{assessment.LatestVersion}", now, cancellation);

    internal async Task ReviewNearAsync(GovernanceDb db, ImpactAssessment assessment, DateTimeOffset now, CancellationToken cancellation)
    {
        var people = await HoldersAsync(db, [Role.Privacy], cancellation);
        people.UnionWith(await EditorsAsync(db, assessment, cancellation));
        await SendAsync(
            db, assessment, people, "dpia-review", "is to be looked at again", $"By {assessment.ReviewOn!.Value.ToString("d MMM yyyy", CultureInfo.InvariantCulture)}; after that day it counts as missing.",
            $"dpia-review/{assessment.Key}/{assessment.LatestVersion}", now, cancellation);
    }

    private static (string Kind, string What) Said(DpiaTurn step) => step switch
    {
        DpiaTurn.Advice => ("dpia-advice", "waits for the data protection officer\u2019s advice"),
        DpiaTurn.Answer => ("dpia-answer", "has the officer\u2019s advice, which waits for an answer"),
        _ => ("dpia-signature", "waits to be signed off"),
    };

    private static async Task<HashSet<string>> WaitedForAsync(GovernanceDb db, ImpactAssessment assessment, CancellationToken cancellation)
    {
        if (assessment.WaitsFor is DpiaTurn.Answer)
        {
            // One that was opened again by a material change has no writers yet.
            return assessment.Editors is [_, ..] writers ? [.. writers] : await EditorsAsync(db, assessment, cancellation);
        }

        Role[] roles = assessment.WaitsFor is DpiaTurn.Advice ? [Role.Privacy] : assessment.Draft.ResidualRisk is RiskLevel.High ? [Role.Risk] : [Role.Risk, Role.CoeLead];
        var people = await HoldersAsync(db, roles, cancellation);
        people.ExceptWith(assessment.Editors);
        people.Remove(assessment.WaitsFor is DpiaTurn.Signature ? assessment.AdvisedBy ?? "" : "");
        return people;
    }

    private static async Task<HashSet<string>> EditorsAsync(GovernanceDb db, ImpactAssessment assessment, CancellationToken cancellation) =>
        [.. await db.UseCases.Where(u => u.Key == assessment.UseCaseKey).SelectMany(u => u.Editors).ToListAsync(cancellation)];

    private static async Task<HashSet<string>> HoldersAsync(GovernanceDb db, Role[] roles, CancellationToken cancellation) =>
        [.. await db.People.AsNoTracking().Holding(roles).Select(p => p.Id).ToListAsync(cancellation)];

    private async Task SendAsync(
        GovernanceDb db, ImpactAssessment assessment, HashSet<string> people, string kind, string what, string text, string key, DateTimeOffset now, CancellationToken cancellation)
    {
        var title = await db.UseCases.AsNoTracking().Where(u => u.Key == assessment.UseCaseKey).Select(u => u.Title).SingleAsync(cancellation);
        await notices.SendAsync(
            db, [.. people.Select(p => new Notice(new PersonId(p), kind, $"{assessment.Key} of {title} {what}", text, $"/dpias/{assessment.Key}", assessment.UseCaseKey, key))], now, cancellation);
    }

    private string Day(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, organisation.Zone).ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture);
}
