using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Web.Api;

/// <summary>
/// <c>Prefer: wait=N</c> (RFC 7240) on what weighs most: the answer comes when the change is in a signed checkpoint, or after
/// N seconds; <c>X-Audit-Log</c> says which. Without the header as long as the organisation says. The change stands either way.
/// </summary>
public sealed class WaitForCheckpoint(AwaitCheckpoint checkpoint, Organisation organisation) : IEndpointFilter
{
    private const string Wait = "wait=";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var answer = await next(context);
        var http = context.HttpContext;
        var wanted = WantedBy(http.Request);
        var patience = wanted ?? organisation.CheckpointWithin;
        if (patience > TimeSpan.Zero && (answer as IStatusCodeHttpResult)?.StatusCode is null or < 300)
        {
            patience = patience < AwaitCheckpoint.Longest ? patience : AwaitCheckpoint.Longest;
            http.Response.Headers["X-Audit-Log"] = await checkpoint.RunAsync(patience, http.RequestAborted) is { } size
                ? string.Create(CultureInfo.InvariantCulture, $"in the checkpoint of {size} entries")
                : "recorded, not yet in a checkpoint";
        }

        if (wanted is not null)
        {
            http.Response.Headers["Preference-Applied"] = string.Create(CultureInfo.InvariantCulture, $"{Wait}{patience.TotalSeconds}");
        }

        return answer;
    }

    /// <returns>Null when nothing is said, or nothing that can be understood: a preference is no demand.</returns>
    private static TimeSpan? WantedBy(HttpRequest request) => request.Headers["Prefer"]
        .SelectMany(line => (line ?? "").Split(','))
        .Select(preference => preference.Trim())
        .Where(preference => preference.StartsWith(Wait, StringComparison.OrdinalIgnoreCase))
        .Select(preference => int.TryParse(preference.AsSpan(Wait.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null)
        .FirstOrDefault();
}

public static class WaitForCheckpointSetup
{
    public static RouteHandlerBuilder MayWaitForCheckpoint(this RouteHandlerBuilder endpoint) => endpoint.AddEndpointFilter<WaitForCheckpoint>();
}
