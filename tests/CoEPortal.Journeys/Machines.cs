using System.Net.Http.Headers;
using CoEPortal.Enforcement;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.People;
using Microsoft.Extensions.DependencyInjection;

namespace CoEPortal.Journeys;

internal static class Machines
{
    /// <summary>A gateway or exporter with a fresh token.</summary>
    public static async Task<HttpClient> MachineAsync(this Stage stage, string scope, string? useCase = null)
    {
        var token = await stage.Services.GetRequiredService<IssueMachineToken>()
            .RunAsync("journey", [scope], useCase, TimeSpan.FromDays(1), DemoPersonas.Find("admin")!.Actor);
        await stage.Services.GetRequiredService<SwitchBoard>().RefreshAsync();
        var http = new HttpClient { BaseAddress = stage.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }
}
