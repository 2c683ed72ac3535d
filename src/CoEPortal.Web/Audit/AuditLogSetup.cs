using CoEPortal.Governance.Audit;
using CoEPortal.Web.Startup;

namespace CoEPortal.Web.Audit;

/// <summary>The keeping of the audit log: keys, memory, and where checkpoints go.</summary>
public static class AuditLogSetup
{
    /// <summary>Before everything that works by itself: it may seal something.</summary>
    public static void AddPersonalDataKey(this WebApplicationBuilder builder, PortalRoles roles)
    {
        // Where only rules act nothing is sealed, and such a node starts without the database: it must make no key of its own.
        if (roles is { Portal: false, Worker: false })
        {
            builder.Services.AddSingleton<PersonalDataKey>(_ => throw new InvalidOperationException("A node for enforcement only has no key of personal data."));
            return;
        }

        builder.Services.AddSingleton(_ => PersonalDataKeyCheck.Read(builder.Configuration));
        builder.Services.AddHostedService<PersonalDataKeyCheck>();
    }

    public static void AddAuditLog(this WebApplicationBuilder builder, PortalRoles roles)
    {
        var settings = builder.Configuration;
        var folder = Path.Combine(PortalDatabase.DataDirectoryOf(settings), "audit");
        builder.Services.AddSingleton(_ => AuditLogKey.Read(settings));
        builder.Services.AddSingleton<LogStanding>();
        builder.Services.AddSingleton<ICheckpointSink>(_ => new CheckpointFile(Path.Combine(folder, "last-checkpoint")));
        builder.Services.AddSingleton<ICheckpointSink>(_ => new CheckpointJournal(
            settings["Portal:CheckpointFile"] is { Length: > 0 } file ? file : Path.Combine(folder, "checkpoints")));
        if (settings["Portal:CheckpointWebhook"] is { Length: > 0 } webhook)
        {
            var address = Uri.TryCreate(webhook, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
                : throw new InvalidOperationException("Portal__CheckpointWebhook is no address: write https://host/path.");
            builder.Services.AddSingleton<ICheckpointSink>(provider => new CheckpointWebhook(address, provider.GetRequiredService<ILogger<CheckpointWebhook>>()));
        }

        builder.Services.AddSingleton<SignCheckpoints>();
        builder.Services.AddScoped<RecordedNotice>();
        if (roles.Worker)
        {
            builder.Services.AddHostedService<KeepLog>();
            builder.Services.AddHostedService<NoticeRestore>();
        }
    }
}
