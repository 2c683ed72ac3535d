namespace CoEPortal.Web.Startup;

public static class StartupSetup
{
    /// <summary>Not of a node that only decides: it needs neither, and starts without the database.</summary>
    public static void AddFirstSteps(this WebApplicationBuilder builder, PortalRoles roles)
    {
        if (roles is { Portal: false, Worker: false })
        {
            return;
        }

        var services = builder.Services;
        services.AddSingleton<DemoReviewWork>();
        services.AddSingleton<DemoFeedback>();
        services.AddSingleton<DemoInventory>();
        services.AddSingleton<DemoIncidents>();
        services.AddSingleton<DemoExercises>();
        services.AddSingleton<DemoCampaigns>();
        services.AddSingleton<DemoGates>();
        services.AddSingleton<DemoRecords>();
        services.AddSingleton<DemoPatterns>();
        services.AddSingleton<DemoPolicies>();
        services.AddSingleton<DemoSources>();
        services.AddSingleton<DemoCandidates>();
        services.AddSingleton<DemoChannels>();
        services.AddSingleton<DemoTraining>();
        services.AddSingleton<DemoStageGates>();
        services.AddSingleton<DemoReturns>();
        services.AddSingleton<DemoAdoption>();
        services.AddSingleton<DemoPortfolio>();
        services.AddSingleton<DemoOrganisation>();
        services.AddHostedService<FirstSteps>();
    }
}
