using System.Security.Cryptography.X509Certificates;
using CoEPortal.Enforcement.Dialects;
using CoEPortal.Enforcement.Ingest;
using CoEPortal.Enforcement.Probes;
using CoEPortal.Enforcement.Snapshots;
using CoEPortal.Governance.KillSwitches;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CoEPortal.Enforcement;

/// <summary>What gateways talk to.</summary>
public static class EnforcementSetup
{
    /// <param name="services">Holds the features of Governance.</param>
    /// <param name="memory">The file in which this node keeps what it knows.</param>
    /// <param name="certificate">What snapshots are signed with; null where there is none that can be read.</param>
    public static IServiceCollection AddEnforcement(this IServiceCollection services, string memory, Func<IServiceProvider, X509Certificate2?> certificate)
    {
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<NodeMemory>(provider, memory));
        services.AddSingleton(provider => new SnapshotSigner(() => certificate(provider)));
        services.AddSingleton<SwitchBoard>();
        services.AddHostedService(provider => provider.GetRequiredService<SwitchBoard>());
        services.AddSingleton<MachineDoor>();
        services.AddSingleton<IngestGate>();
        services.AddSingleton<IngestRequest>();
        services.AddSingleton<CallsIn>();
        services.AddSingleton<Reservations>();
        services.AddHostedService(provider => provider.GetRequiredService<Reservations>());
        services.AddSingleton<DecisionEngine>();
        services.TryAddSingleton<ProbeRefusal>(provider => provider.GetRequiredService<DecisionEngine>().ProbeAsync);
        services.AddSingleton(new StreamLimits());
        services.AddSingleton<SnapshotStream>();
        services.AddSingleton<Acks>();
        services.AddHostedService(provider => provider.GetRequiredService<Acks>());
        return services;
    }

    /// <summary>The canary's routes through gateways, which drills ask.</summary>
    public static IServiceCollection AddRouteProbes(this IServiceCollection services, IReadOnlyList<RouteProbeSettings> routes)
    {
        foreach (var route in routes)
        {
            services.AddSingleton<IRouteProbe>(_ => new RouteProbe(route));
        }

        return services;
    }

    public static void MapEnforcement(this IEndpointRouteBuilder routes)
    {
        routes.MapSnapshots();
        routes.MapLiteLlm();
        routes.MapPortkey();
        routes.MapOpenFeature();
    }
}
