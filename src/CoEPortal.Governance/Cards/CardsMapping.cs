using System.Text.Json;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Cards;

internal sealed class CardMapping : IEntityTypeConfiguration<Card>
{
    public void Configure(EntityTypeBuilder<Card> builder)
    {
        builder.Ignore(c => c.AuditSubject);
        builder.Property(c => c.Draft).IsJson(JsonSerializerOptions.Web);
        builder.HasMany(c => c.Versions).WithOne().HasForeignKey(v => v.CardId);
    }
}

internal sealed class CardVersionMapping : IEntityTypeConfiguration<CardVersion>
{
    public void Configure(EntityTypeBuilder<CardVersion> builder)
    {
        builder.HasKey(v => new { v.CardId, v.Number });
        builder.Property(v => v.Content).IsJson(JsonSerializerOptions.Web);
    }
}
