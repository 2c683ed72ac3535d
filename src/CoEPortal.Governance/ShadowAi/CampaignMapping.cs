using System.Text.Json;
using System.Text.Json.Serialization;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.ShadowAi;

internal sealed class CampaignMapping : IEntityTypeConfiguration<Campaign>
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public void Configure(EntityTypeBuilder<Campaign> builder)
    {
        builder.Ignore(c => c.AuditSubject);
        builder.Ignore(c => c.HasNames);
        builder.PrimitiveCollection(c => c.Sources).ElementType().HasConversion<string>();
        builder.HasMany(c => c.Signatures).WithOne().HasForeignKey(s => s.CampaignId);
    }
}

internal sealed class CampaignSignatureMapping : IEntityTypeConfiguration<CampaignSignature>
{
    public void Configure(EntityTypeBuilder<CampaignSignature> builder) => builder.HasKey(s => new { s.CampaignId, s.Number });
}

internal sealed class ToolFindingMapping : IEntityTypeConfiguration<ToolFinding>
{
    public void Configure(EntityTypeBuilder<ToolFinding> builder)
    {
        builder.Ignore(f => f.AuditSubject);
        builder.Ignore(f => f.Key);
        builder.Ignore(f => f.IsOpen);
        builder.PrimitiveCollection(f => f.Sources).ElementType().HasConversion<string>();
        builder.Property(f => f.RiskPoints).IsJson(CampaignMapping.Json);
        builder.HasOne<Campaign>().WithMany().HasForeignKey(f => f.CampaignId);
    }
}

internal sealed class UsageImportMapping : IEntityTypeConfiguration<UsageImport>
{
    public void Configure(EntityTypeBuilder<UsageImport> builder)
    {
        builder.Ignore(i => i.AuditSubject);
        builder.Ignore(i => i.IsOver);
        builder.Ignore(i => i.Refused);
        builder.Property(i => i.Faults).IsJson(CampaignMapping.Json);
        builder.HasOne<Campaign>().WithMany().HasForeignKey(i => i.CampaignId);
    }
}

internal sealed class CampaignPersonMapping : IEntityTypeConfiguration<CampaignPerson>
{
    public void Configure(EntityTypeBuilder<CampaignPerson> builder)
    {
        builder.HasKey(p => new { p.CampaignId, p.Pseudonym });
        builder.Property(p => p.Sealed);
    }
}

internal sealed class FindingPersonMapping : IEntityTypeConfiguration<FindingPerson>
{
    public void Configure(EntityTypeBuilder<FindingPerson> builder) => builder.HasKey(p => new { p.FindingId, p.Pseudonym });
}

internal sealed class PersonRevealMapping : IEntityTypeConfiguration<PersonReveal>
{
    public void Configure(EntityTypeBuilder<PersonReveal> builder) => builder.Property(r => r.Id).ValueGeneratedNever();
}

internal sealed class CampaignCoverageMapping : IEntityTypeConfiguration<CampaignCoverage>
{
    public void Configure(EntityTypeBuilder<CampaignCoverage> builder) => builder.HasKey(c => new { c.CampaignId, c.Source, c.Department });
}

internal sealed class SurveyAnswerHeldMapping : IEntityTypeConfiguration<SurveyAnswerHeld>
{
    public void Configure(EntityTypeBuilder<SurveyAnswerHeld> builder) => builder.Property(a => a.Id).ValueGeneratedNever();
}

internal sealed class SurveyAnswerReleasedMapping : IEntityTypeConfiguration<SurveyAnswerReleased>
{
    public void Configure(EntityTypeBuilder<SurveyAnswerReleased> builder)
    {
        builder.ToTable("survey_answer");
        builder.Property(a => a.Id).ValueGeneratedNever();
    }
}
