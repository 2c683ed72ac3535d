using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Dpia;

public sealed record DpiaFilter(string? UseCaseKey = null, bool Open = false, string? Search = null);

/// <summary>An assessment with what its page needs to know of the use case.</summary>
/// <param name="AsksForFria">Article 27 asks for its part on fundamental rights.</param>
/// <param name="Template">By which it is written.</param>
public sealed record DpiaSheet(ImpactAssessment Assessment, string UseCase, Proposal Proposal, bool AsksForFria, DpiaTemplate Template);

public sealed record DpiaRow(ImpactAssessment Assessment, string UseCase);

/// <summary>Assessments, as far as somebody may see them.</summary>
public sealed class DpiaLibrary(IDbContextFactory<GovernanceDb> databases, VersionedFiles<DpiaTemplate> templates, Organisation organisation, TimeProvider clock)
{
    public IReadOnlyList<RefusedFile> RefusedTemplates => templates.Refused;

    public DateOnly Today => organisation.DayOf(clock.GetUtcNow());

    public async Task<Page<DpiaRow>> PageAsync(DpiaFilter filter, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var rows = db.ImpactAssessments.AsNoTracking().Join(Readable(db, reader), a => a.UseCaseKey, u => u.Key, (a, u) => new { a, u.Title });
        rows = filter.UseCaseKey is { Length: > 0 } key ? rows.Where(r => r.a.UseCaseKey == key) : rows;
        rows = filter.Open ? rows.Where(r => !r.a.IsSignedOff) : rows;
        if (filter.Search is { Length: > 0 } search)
        {
            var pattern = Search.Pattern(search);
            rows = rows.Where(r => EF.Functions.ILike(r.Title, pattern, Search.Escape) || EF.Functions.ILike(r.a.Key, pattern, Search.Escape));
        }

        var found = await rows.OrderBy(r => r.a.IsSignedOff).ThenBy(r => r.a.ReviewOn).ThenBy(r => r.a.Key).ToPageAsync(page, size, cancellation);
        return new([.. found.Items.Select(r => new DpiaRow(r.a, r.Title))], found.Total, found.Number, found.Size);
    }

    /// <returns>With all its versions.</returns>
    public async Task<DpiaSheet> OneAsync(string key, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var assessment = await db.ImpactAssessments.AsNoTracking().Include(a => a.Versions).SingleOrDefaultAsync(a => a.Key == key, cancellation) ?? throw new NotFoundException("assessment", key);
        var useCase = await Readable(db, reader).SingleOrDefaultAsync(u => u.Key == assessment.UseCaseKey, cancellation) ?? throw new NotFoundException("assessment", key);
        return new(
            assessment, useCase.Title, useCase.Draft, DpiaFacts.AsksForFria(useCase.Draft, assessment.Draft.IsPublicService),
            templates.OfVersion(assessment.Draft.TemplateVersion) ?? templates.InForce(clock.GetUtcNow()));
    }

    private static IQueryable<UseCase> Readable(GovernanceDb db, Actor reader)
    {
        var (me, unit, all) = (reader.Id.Value, reader.BusinessUnit, db.UseCases.AsNoTracking());
        return AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases) ? all.Where(u => unit != "" && u.BusinessUnit == unit || u.Editors.Contains(me)) : all;
    }
}
