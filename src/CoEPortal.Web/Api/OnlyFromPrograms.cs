namespace CoEPortal.Web.Api;

/// <summary>
/// Refuses changes that another site sends through a signed-in browser: a form cannot say
/// application/json, and a script of another origin cannot without our leave, which we never give.
/// </summary>
public sealed class OnlyFromPrograms : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        var changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
        var fromAnotherSite = request.Headers.TryGetValue("Sec-Fetch-Site", out var site) && site != "same-origin" && site != "none";
        return changes && fromAnotherSite
            ? Results.Problem(title: "Not permitted.", detail: "Requests from other sites are refused.", statusCode: 403,
                extensions: new Dictionary<string, object?> { ["rule"] = "cross-site" })
            : await next(context);
    }
}
