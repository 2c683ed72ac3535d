using System.Text.Json;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Gates;

internal sealed class ApprovedVersionMapping : IEntityTypeConfiguration<ApprovedVersion>
{
    public void Configure(EntityTypeBuilder<ApprovedVersion> builder)
    {
        builder.Ignore(v => v.AuditSubject);
        builder.Ignore(v => v.Which);
    }
}

internal sealed class GateResultMapping : IEntityTypeConfiguration<GateResult>
{
    public void Configure(EntityTypeBuilder<GateResult> builder)
    {
        builder.Ignore(r => r.AuditSubject);
        builder.Ignore(r => r.Which);
        builder.Property(r => r.Metrics).IsJson(JsonSerializerOptions.Web);
    }
}

internal sealed class PipelineKeyMapping : IEntityTypeConfiguration<PipelineKey>
{
    public void Configure(EntityTypeBuilder<PipelineKey> builder) => builder.Ignore(k => k.AuditSubject);
}

internal sealed class GateSignatureMapping : IEntityTypeConfiguration<GateSignature>
{
    public void Configure(EntityTypeBuilder<GateSignature> builder)
    {
        builder.HasKey(s => s.ResultId);
        // Without navigation: EF needs it only to insert in the right order.
        builder.HasOne<GateResult>().WithOne().HasForeignKey<GateSignature>(s => s.ResultId);
    }
}

internal sealed class OwnMetricMapping : IEntityTypeConfiguration<OwnMetric>
{
    public void Configure(EntityTypeBuilder<OwnMetric> builder)
    {
        builder.ToTable("gate_metric");
        builder.Ignore(m => m.AuditSubject);
    }
}

internal sealed class RedTeamFindingMapping : IEntityTypeConfiguration<RedTeamFinding>
{
    public void Configure(EntityTypeBuilder<RedTeamFinding> builder) => builder.Ignore(f => f.AuditSubject);
}

internal sealed class PromotionMapping : IEntityTypeConfiguration<Promotion>
{
    public void Configure(EntityTypeBuilder<Promotion> builder)
    {
        builder.Ignore(p => p.AuditSubject);
        builder.Ignore(p => p.Which);
        builder.PrimitiveCollection(p => p.RequiredFunctions).ElementType().HasConversion<string>();
        builder.Ignore(p => p.Question);
        // Without navigation: EF needs it only to insert in the right order.
        builder.HasMany<ApprovalRound>().WithOne().HasForeignKey(r => r.TopicId);
    }
}
