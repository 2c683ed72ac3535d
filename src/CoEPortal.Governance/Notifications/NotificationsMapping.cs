using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Notifications;

internal sealed class NotificationMapping : IEntityTypeConfiguration<Notification>
{
    public void Configure(EntityTypeBuilder<Notification> builder) => builder.Property(n => n.Id).ValueGeneratedNever();
}

internal sealed class OutboxMessageMapping : IEntityTypeConfiguration<OutboxMessage>
{
    public void Configure(EntityTypeBuilder<OutboxMessage> builder)
    {
        builder.Property(m => m.Id).ValueGeneratedNever();
        builder.Property(m => m.Attempts).IsConcurrencyToken();
        builder.Ignore(m => m.AuditSubject);
    }
}

internal sealed class NoticeChannelMapping : IEntityTypeConfiguration<NoticeChannel>
{
    public void Configure(EntityTypeBuilder<NoticeChannel> builder)
    {
        builder.Property(c => c.Id).ValueGeneratedNever();
        builder.Ignore(c => c.AuditSubject);
    }
}

internal sealed class NoticeChoiceMapping : IEntityTypeConfiguration<NoticeChoice>
{
    public void Configure(EntityTypeBuilder<NoticeChoice> builder) => builder.HasKey(c => new { c.PersonId, c.Kind });
}
