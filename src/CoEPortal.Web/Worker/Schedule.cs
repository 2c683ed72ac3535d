using CoEPortal.Enforcement.Actuators;
using CoEPortal.Web.Reports;
using CoEPortal.Web.Startup;
using Npgsql;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>The crontab: one line for each job, all on one screen. Jobs only sweep; what is due stands in tables.</summary>
public static class Schedule
{
    public static void AddWorker(this WebApplicationBuilder builder, PortalRoles roles, PortalDatabase database)
    {
        builder.Services.AddSingleton(_ => new PdfPrinter(builder.Configuration["Portal:Chromium"]));
        // Pages show what would be printed.
        builder.Services.AddSingleton<AuditPackHtml>();
        if (!roles.Worker)
        {
            return;
        }

        builder.Services.AddSingleton<LogForReports>();
        builder.Services.AddSingleton<AuditPackPrinter>();
        builder.Services.AddSingleton(_ => new QuartzSchema(database.OwnerConnectionString));
        builder.Services.AddHostedService<RunSchedule>();
        builder.Services.AddSingleton(ActuatorSettings.Read(builder.Configuration));
        builder.Services.AddHostedService<PushToGateways>();
        builder.Services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = "portal";
                scheduler.GenerateInstanceId = true;
            });
            quartz.UseDefaultThreadPool(2);
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(NpgsqlFactory.Instance, database.RuntimeConnectionString);
                store.UseExecutionHistory();
                store.UseClustering();
            });
            Every<PrintAuditPacksJob>(quartz, PrintAuditPacksJob.Name, TimeSpan.FromSeconds(15));
            Every<SweepReviewTimersJob>(quartz, SweepReviewTimersJob.Name, TimeSpan.FromSeconds(30));
            Every<RetainCallsJob>(quartz, RetainCallsJob.Name, TimeSpan.FromHours(6));
            Every<SweepExpiredApprovalsJob>(quartz, SweepExpiredApprovalsJob.Name, TimeSpan.FromMinutes(1));
            Every<EndGracesJob>(quartz, EndGracesJob.Name, TimeSpan.FromSeconds(15));
            Every<SweepIncidentsJob>(quartz, SweepIncidentsJob.Name, TimeSpan.FromSeconds(15));
            Every<ReadUsageJob>(quartz, ReadUsageJob.Name, TimeSpan.FromSeconds(15));
            Every<SweepCampaignsJob>(quartz, SweepCampaignsJob.Name, TimeSpan.FromMinutes(1));
            Every<SweepDpiasJob>(quartz, SweepDpiasJob.Name, TimeSpan.FromMinutes(1));
            Every<SweepDutiesJob>(quartz, SweepDutiesJob.Name, TimeSpan.FromSeconds(30));
            Every<SweepClearancesJob>(quartz, SweepClearancesJob.Name, TimeSpan.FromSeconds(30));
            Every<RemindOfPoliciesJob>(quartz, RemindOfPoliciesJob.Name, TimeSpan.FromHours(1));
            Every<RunCanaryDrillJob>(quartz, RunCanaryDrillJob.Name, TimeSpan.FromMinutes(5));
            Every<DeliverOutboxJob>(quartz, DeliverOutboxJob.Name, TimeSpan.FromSeconds(15));
        });
    }

    // Of the rounds that were missed while nothing ran one is made up for: a sweep finds all that is due.
    private static void Every<TJob>(IQuartzBuilder quartz, string name, TimeSpan interval)
        where TJob : IJob
    {
        quartz.AddJob<TJob>(job => job.WithIdentity(name).StoreDurably());
        quartz.AddTrigger(trigger => trigger.ForJob(name).WithIdentity(name)
            .WithSimpleSchedule(schedule => schedule.WithInterval(interval).RepeatForever().WithMisfireInstruction(SimpleTriggerMisfireInstruction.NowWithRemainingCount)));
    }
}
