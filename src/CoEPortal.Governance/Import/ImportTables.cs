using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Import;

internal sealed class ImportRunMapping : IEntityTypeConfiguration<ImportRun>
{
    public void Configure(EntityTypeBuilder<ImportRun> builder) => builder.Ignore(r => r.AuditSubject);
}

internal sealed class ImportRowMapping : IEntityTypeConfiguration<ImportRow>
{
    public void Configure(EntityTypeBuilder<ImportRow> builder) => builder.HasKey(r => new { r.RunId, r.Line });
}

internal sealed class SavedMappingMapping : IEntityTypeConfiguration<SavedMapping>
{
    public void Configure(EntityTypeBuilder<SavedMapping> builder)
    {
        builder.ToTable("import_mapping");
        builder.HasKey(m => m.Name);
        builder.Ignore(m => m.AuditSubject);
    }
}
