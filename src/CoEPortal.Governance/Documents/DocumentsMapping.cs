using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Documents;

internal sealed class UseCaseDocumentMapping : IEntityTypeConfiguration<UseCaseDocument>
{
    public void Configure(EntityTypeBuilder<UseCaseDocument> builder)
    {
        builder.Ignore(d => d.AuditSubject);
        builder.Ignore(d => d.RecordKey);
    }
}

internal sealed class DocumentContentMapping : IEntityTypeConfiguration<DocumentContent>
{
    public void Configure(EntityTypeBuilder<DocumentContent> builder)
    {
        builder.ToTable("use_case_document_file");
        builder.HasKey(f => f.DocumentId);
        // Without navigation: EF needs it only to insert in the right order.
        builder.HasOne<UseCaseDocument>().WithOne().HasForeignKey<DocumentContent>(f => f.DocumentId);
    }
}
