using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Patterns;

internal sealed class PatternMapping : IEntityTypeConfiguration<Pattern>
{
    public void Configure(EntityTypeBuilder<Pattern> builder)
    {
        builder.Ignore(p => p.AuditSubject);
        builder.Property(p => p.Draft).IsJson(ProposalJson.Options);
        builder.HasMany(p => p.Versions).WithOne().HasForeignKey(v => v.PatternId);
    }
}

internal sealed class PatternVersionMapping : IEntityTypeConfiguration<PatternVersion>
{
    public void Configure(EntityTypeBuilder<PatternVersion> builder)
    {
        builder.HasKey(v => new { v.PatternId, v.Number });
        builder.Property(v => v.Content).IsJson(ProposalJson.Options);
    }
}

internal sealed class ClearanceMapping : IEntityTypeConfiguration<Clearance>
{
    public void Configure(EntityTypeBuilder<Clearance> builder) => builder.Ignore(c => c.AuditSubject);
}
