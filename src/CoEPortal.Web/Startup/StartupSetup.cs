namespace CoEPortal.Web.Startup;

public static class StartupSetup
{
    public static void AddFirstSteps(this IServiceCollection services)
    {
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
        services.AddSingleton<DemoPortfolio>();
        services.AddSingleton<DemoOrganisation>();
        services.AddHostedService<FirstSteps>();
    }
}
