using CoEPortal.Governance.Audit;
using CoEPortal.Web.Startup;

namespace CoEPortal.Web.Audit;

/// <summary>The keeping of the audit log: key, memory, and where checkpoints go.</summary>
public static class AuditLogSetup
{
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
