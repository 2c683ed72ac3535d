using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace CoEPortal.Web.Api;

/// <summary>The REST API under <c>/api/v1</c>: the same use cases as the pages, described at <c>/openapi/v1.json</c>.</summary>
public static class ApiSetup
{
    private const long LargestBody = 1024 * 1024;

    public static void AddPortalApi(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddExceptionHandler<Problems>();
        services.AddOpenApi("v1");
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
            options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            options.SerializerOptions.MaxDepth = 16;
        });
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    }

    public static void MapPortalApi(this WebApplication app)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/api"), api => api.UseExceptionHandler());
        app.MapOpenApi().AllowAnonymous();
        var api = app.MapGroup("/api/v1").RequireAuthorization().DisableAntiforgery().AddEndpointFilter<OnlyFromPrograms>()
            .WithMetadata(new RequestSizeLimitAttribute(LargestBody));
        api.MapUseCases();
        api.MapImports();
        api.MapStageGates();
        api.MapReadings();
        api.MapRules();
        api.MapPolicies();
        api.MapPatterns();
        api.MapCandidates();
        api.MapDataSources();
        api.MapOverrides();
        api.MapShares();
        api.MapDocuments();
        api.MapEditors();
        api.MapReviews();
        api.MapDelegations();
        api.MapConditions();
        api.MapComments();
        api.MapWorkflows();
        api.MapSwitches();
        api.MapUsage();
        api.MapDrills();
        api.MapCriteria();
        api.MapFeedback();
        api.MapAdoption();
        api.MapSharedFailures();
        api.MapIncidents();
        api.MapExercises();
        api.MapCampaigns();
        api.MapDpias();
        api.MapCards();
        api.MapGates();
        api.MapAuditPacks();
        api.MapAuditLog();
        api.MapPrivacy();
        api.MapTraining();
        api.MapNotifications();
    }
}
