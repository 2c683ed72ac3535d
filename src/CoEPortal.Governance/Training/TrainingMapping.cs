using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Training;

internal sealed class CourseMapping : IEntityTypeConfiguration<Course>
{
    public void Configure(EntityTypeBuilder<Course> builder)
    {
        builder.HasKey(c => c.Key);
        builder.Ignore(c => c.AuditSubject);
        builder.PrimitiveCollection(c => c.ForRoles).ElementType().HasConversion<string>();
    }
}

internal sealed class CompletionMapping : IEntityTypeConfiguration<Completion>
{
    public void Configure(EntityTypeBuilder<Completion> builder) => builder.ToTable("training_completion");
}

internal sealed class CertificateMapping : IEntityTypeConfiguration<Certificate>
{
    public void Configure(EntityTypeBuilder<Certificate> builder)
    {
        builder.ToTable("training_certificate");
        builder.HasKey(c => c.CompletionId);
    }
}
