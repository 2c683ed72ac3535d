using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Dpia;

/// <summary>
/// The officer is asked and advises, somebody answers, somebody else signs off: each on exactly the text they were shown, each with a
/// day it is due.
/// </summary>
public sealed class SignDpia(IDbContextFactory<GovernanceDb> databases, VersionedFiles<DpiaTemplate> templates, DpiaNotices notices, Organisation organisation, TimeProvider clock)
{
    public Task<ImpactAssessment> AskAsync(string key, string contentHash, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(key, Permission.WriteDpias, by, async (db, assessment, now) =>
        {
            assessment.AskAdvice(contentHash, DpiaDeadlines.Of(DpiaTurn.Advice, organisation, now), by, now);
            await notices.WaitsAsync(db, assessment, now, cancellation);
        }, cancellation);

    public Task<ImpactAssessment> AdviseAsync(string key, string advice, string contentHash, Actor officer, CancellationToken cancellation = default) =>
        ChangeAsync(key, Permission.DecideReviews, officer, async (db, assessment, now) =>
        {
            assessment.Advise(advice, contentHash, DpiaDeadlines.Of(DpiaTurn.Answer, organisation, now), officer, now);
            await notices.WaitsAsync(db, assessment, now, cancellation);
        }, cancellation);

    public Task<ImpactAssessment> AnswerAsync(string key, bool accepted, string reasons, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(key, Permission.WriteDpias, by, async (db, assessment, now) =>
        {
            assessment.AnswerAdvice(accepted, reasons, DpiaDeadlines.Of(DpiaTurn.Signature, organisation, now), by, now);
            await notices.WaitsAsync(db, assessment, now, cancellation);
        }, cancellation);

    /// <param name="reviewOn">Null for the longest that the template allows.</param>
    public Task<ImpactAssessment> SignOffAsync(string key, string contentHash, DateOnly? reviewOn, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(key, Permission.DecideReviews, by, async (db, assessment, now) =>
        {
            // Nobody signs alone what others objected to.
            Refuse.If(
                await DpiaReviews.HasObjectedAsync(db, assessment, contentHash, [RoundStatus.Vetoed, RoundStatus.ChangesRequested], cancellation),
                "objected", $"The review of {key} objected to this very text. Change what was named there, or ask for the review again.");
            var useCase = await db.UseCases.AsNoTracking().SingleAsync(u => u.Key == assessment.UseCaseKey, cancellation);
            var template = templates.OfVersion(assessment.Draft.TemplateVersion) ?? templates.InForce(now);
            var (today, writers) = (organisation.DayOf(now), assessment.Editors);
            assessment.SignOff(template, useCase.Draft, reviewOn ?? today.AddDays(template.ReviewWithinDays), today, contentHash, by, now);
            await notices.SignedAsync(db, assessment, writers, now, cancellation);
        }, cancellation);

    private Task<ImpactAssessment> ChangeAsync(
        string key, Permission needed, Actor by, Func<GovernanceDb, ImpactAssessment, DateTimeOffset, Task> change, CancellationToken cancellation) =>
        RefusedAttempts.KeepAsync(databases, nameof(SignDpia), key, by, clock, async () =>
        {
            await using var db = await databases.CreateDbContextAsync(cancellation);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            var assessment = await db.ImpactAssessments.Include(a => a.Versions).SingleOrDefaultAsync(a => a.Key == key, cancellation) ?? throw new NotFoundException("assessment", key);
            AccessPolicy.Demand(by, needed, await db.DemandReadableAsync(assessment.UseCaseKey, by, cancellation));
            await change(db, assessment, clock.GetUtcNow());
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return assessment;
        });
}
