using System.Globalization;
using System.Text;
using CoEPortal.Enforcement;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Scoring;
using CoEPortal.Web.Audit;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace CoEPortal.Web.Startup;

/// <summary>Alive: the process answers. Ready: the database answers, enforcement holds a copy, no workflow file was refused.</summary>
public static class PortalHealth
{
    private const string Ready = "ready";

    public static void AddPortalHealth(this IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<DatabaseAnswers>("database", tags: [Ready])
        .AddCheck<EnforcementHasLoaded>("enforcement", tags: [Ready])
        .AddCheck<WorkflowsAreInForce>("workflows", tags: [Ready])
        .AddCheck<RulesAreInForce>("rules", tags: [Ready])
        .AddCheck<MailLeaves>("mail", tags: [Ready])
        .AddCheck<AuditLogIsSound>("audit-log", tags: [Ready]);

    public static void MapPortalHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new() { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new()
        {
            Predicate = check => check.Tags.Contains(Ready),
            ResponseWriter = (context, report) => context.Response.WriteAsJsonAsync(new
            {
                status = report.Status.ToString(),
                checks = report.Entries.Select(e => new { name = e.Key, status = e.Value.Status.ToString(), e.Value.Description }),
            }),
        }).AllowAnonymous();
        app.MapGet("/metrics", (SwitchBoard board) => Results.Text(MetricsOf(board), "text/plain; version=0.0.4")).AllowAnonymous().ExcludeFromDescription();
    }

    private static string MetricsOf(SwitchBoard board)
    {
        var text = new StringBuilder();
        Gauge("coe_enforcement_generation", "Generation of enforcement that this node applies.", board.Current.Generation);
        Gauge("coe_enforcement_age_seconds", "Seconds since the database last confirmed this node's copy.", board.Age.TotalSeconds);
        Gauge("coe_enforcement_stale_answers", "Verdicts given from a copy that the database had not confirmed for 5 s.", board.Answered.Stale);
        Gauge("coe_enforcement_failed_open", "Verdicts that allowed beyond the limit of a low-risk use case. Alarm on it.", board.Answered.FailedOpen);
        Gauge("coe_governed_use_cases", "Use cases that this node can give verdicts for.", board.Current.UseCases.Count);
        Gauge("process_working_set_bytes", "Memory of this process.", Environment.WorkingSet);
        return text.ToString();

        void Gauge(string name, string help, double value) =>
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n");
    }

    // Degraded, not unhealthy: people must still be able to look, and to stop what runs.
    private sealed class AuditLogIsSound(LogStanding log) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(log.Trouble is { } trouble ? HealthCheckResult.Degraded(trouble) : HealthCheckResult.Healthy());
    }

    private sealed class DatabaseAnswers(NpgsqlDataSource database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await using var command = database.CreateCommand("select 1");
                await command.ExecuteScalarAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (NpgsqlException error)
            {
                return HealthCheckResult.Unhealthy("The database does not answer.", error);
            }
        }
    }

    private sealed class EnforcementHasLoaded(SwitchBoard board) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(
                !board.HasLoaded ? HealthCheckResult.Unhealthy("Nothing has been read yet, so everything is denied.")
                : board.Age > SwitchBoard.StaleAfter ? HealthCheckResult.Degraded($"Serves generation {board.Current.Generation}, not confirmed for {board.Age.TotalSeconds:0} s.")
                : board.Recovered is { } recovered ? HealthCheckResult.Degraded(
                    $"Generation {board.Current.Generation}. The database was restored to an earlier state at {recovered.At:yyyy-MM-dd HH:mm} UTC: look at what was engaged again, then start this node anew.")
                : HealthCheckResult.Healthy($"Generation {board.Current.Generation}, confirmed {board.Age.TotalSeconds:0.0} s ago."));
    }

    /// <summary>Mail is a convenience, so what was given up is said here and stops nothing.</summary>
    private sealed class MailLeaves(DeliverOutbox outbox, NoticeMail mail) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            if (!mail.IsOn)
            {
                return HealthCheckResult.Healthy("No mail server is set.");
            }

            var figures = await outbox.CountAsync(Carrier.Email, cancellationToken);
            return HealthCheckResult.Healthy($"{figures.Waiting} messages wait, {figures.GivenUp} were given up.");
        }
    }

    private sealed class RulesAreInForce(TriageRules rules) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(rules.Refused.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join(" ", rules.Refused)));
    }

    private sealed class WorkflowsAreInForce(PublishWorkflows workflows) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(workflows.Refused.Count == 0
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded(string.Join(" ", workflows.Refused)));
    }
}
