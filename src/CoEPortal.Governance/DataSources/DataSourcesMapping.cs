using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.DataSources;

internal sealed class DataSourceMapping : IEntityTypeConfiguration<DataSource>
{
    public void Configure(EntityTypeBuilder<DataSource> builder)
    {
        builder.Ignore(s => s.AuditSubject);
        builder.Ignore(s => s.HasWeakFlow);
        builder.Property(s => s.Flows).IsJson(ProposalJson.Options);
    }
}
