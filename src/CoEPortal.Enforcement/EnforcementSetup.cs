using CoEPortal.Enforcement.Ingest;
using Microsoft.Extensions.DependencyInjection;

namespace CoEPortal.Enforcement;

/// <summary>What gateways talk to.</summary>
public static class EnforcementSetup
{
    public static IServiceCollection AddEnforcement(this IServiceCollection services)
    {
        services.AddSingleton<SwitchBoard>();
        services.AddHostedService(provider => provider.GetRequiredService<SwitchBoard>());
        services.AddSingleton<MachineDoor>();
        services.AddSingleton<IngestGate>();
        services.AddSingleton<IngestRequest>();
        services.AddSingleton<CallsIn>();
        return services;
    }
}
