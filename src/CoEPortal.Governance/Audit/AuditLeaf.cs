using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Audit;

/// <summary>The number of an event in the log, to be read only.</summary>
public sealed class AuditLeaf
{
    public long Index { get; private init; }

    public Guid EventId { get; private init; }
}

internal sealed class AuditLeafMapping : IEntityTypeConfiguration<AuditLeaf>
{
    public void Configure(EntityTypeBuilder<AuditLeaf> builder)
    {
        builder.ToTable("leaf", "audit");
        builder.HasKey(l => l.Index);
    }
}
