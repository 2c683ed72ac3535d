using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Intake;

internal sealed class UseCaseMapping : IEntityTypeConfiguration<UseCase>
{
    public void Configure(EntityTypeBuilder<UseCase> builder)
    {
        builder.Property(u => u.Draft).IsJson(ProposalJson.Options);
        builder.HasMany(u => u.Revisions).WithOne().HasForeignKey(r => r.UseCaseId);
        builder.Ignore(u => u.Subject);
        builder.Ignore(u => u.Writers);
        builder.Ignore(u => u.AuditSubject);
    }
}

internal sealed class UseCaseRevisionMapping : IEntityTypeConfiguration<UseCaseRevision>
{
    public void Configure(EntityTypeBuilder<UseCaseRevision> builder)
    {
        builder.HasKey(r => new { r.UseCaseId, r.Number });
        builder.Property(r => r.Proposal).IsJson(ProposalJson.Options);
        builder.Property(r => r.Assessment).IsJson(ProposalJson.Options);
        builder.Property(r => r.Records).IsJson(ProposalJson.Options);
    }
}
