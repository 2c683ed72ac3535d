using System.Text.Json;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Dpia;

internal sealed class ImpactAssessmentMapping : IEntityTypeConfiguration<ImpactAssessment>
{
    public void Configure(EntityTypeBuilder<ImpactAssessment> builder)
    {
        builder.ToTable("dpia");
        builder.Ignore(a => a.AuditSubject);
        builder.Ignore(a => a.IsAdvised);
        builder.Property(a => a.Draft).IsJson(DpiaContent.Json);
        builder.Property(a => a.SignedFacts).IsJson(JsonSerializerOptions.Web);
        builder.HasMany(a => a.Versions).WithOne().HasForeignKey(v => v.AssessmentId);
    }
}

internal sealed class DpiaVersionMapping : IEntityTypeConfiguration<DpiaVersion>
{
    public void Configure(EntityTypeBuilder<DpiaVersion> builder)
    {
        builder.HasKey(v => new { v.AssessmentId, v.Number });
        builder.Property(v => v.Content).IsJson(DpiaContent.Json);
    }
}
