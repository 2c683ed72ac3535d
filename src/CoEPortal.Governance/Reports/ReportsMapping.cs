using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Reports;

internal sealed class AuditPackJobMapping : IEntityTypeConfiguration<AuditPackJob>
{
    public void Configure(EntityTypeBuilder<AuditPackJob> builder)
    {
        builder.Ignore(j => j.AuditSubject);
        builder.Ignore(j => j.Subject);
    }
}
