using CoEPortal.Web.Components;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Layout;

public static class ShellSetup
{
    public static void AddShell(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddRadzenComponents();
        services.AddScoped<ViewerClock>();
        services.AddScoped<QueryState>();
        services.AddCascadingValue(CascadeQuery);
        services.AddScoped<ShellFigures>();
    }

    /// <summary>
    /// Only our own scripts and pictures run, and nobody frames the portal. Radzen's number fields need handlers in
    /// attributes; script elements in the page stay forbidden.
    /// </summary>
    public static void UseSecurityHeaders(this WebApplication app) => app.Use((request, next) =>
    {
        var headers = request.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'self'; script-src 'self'; script-src-attr 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
            + "img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        return next(request);
    });

    /// <summary>A wrong address shows a page to people; programs keep their bare status.</summary>
    public static void UseNotFoundPage(this WebApplication app) => app.UseWhen(
        request => SignIn.PageRequest.WantsPage(request.Request),
        people => people.UseStatusCodePagesWithReExecute("/not-found"));

    public static void MapShell(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null)
            .RequireAuthorization();
    }

    // Blazor gives a page its parameters again only when one of them changed, and the query is none of them.
    private static CascadingValueSource<QueryState> CascadeQuery(IServiceProvider services)
    {
        var query = services.GetRequiredService<QueryState>();
        var source = new CascadingValueSource<QueryState>(query, isFixed: false);
        query.Changed += () => _ = source.NotifyChangedAsync();
        return source;
    }
}
