using CoEPortal.Enforcement;
using CoEPortal.Enforcement.Ingest;
using CoEPortal.Governance;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Web.Api;
using CoEPortal.Web.Approvals;
using CoEPortal.Web.Audit;
using CoEPortal.Web.Incidents;
using CoEPortal.Web.KillSwitches;
using CoEPortal.Web.Layout;
using CoEPortal.Web.Notifications;
using CoEPortal.Web.Sharing;
using CoEPortal.Web.SignIn;
using CoEPortal.Web.Startup;
using CoEPortal.Web.Worker;
using CoEPortal.Web.Workflows;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseStaticWebAssets();
var roles = PortalRoles.From(builder.Configuration);
await using var database = await PortalDatabase.OpenAsync(builder.Configuration, mayWait: roles is { Portal: false, Worker: false });

builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton(builder.Configuration.GetSection("Portal:Organisation").Get<Organisation>() ?? new Organisation());
builder.Services.AddSingleton(new TelemetryRetention(builder.Configuration.GetValue("Portal:Telemetry:KeepCallsMonths", new TelemetryRetention().Months)));
builder.Services.AddGovernance(database.RuntimeConnectionString, AppContext.BaseDirectory);
builder.AddPersonalDataKey(roles);
builder.Services.AddKeyRing();
builder.Services.AddPortalHealth();
builder.AddShell();
builder.AddSignIn();
builder.AddNotices();
builder.Services.AddPortalApi();
builder.Services.AddReviewPages();
builder.Services.AddSwitchPages();
builder.Services.AddIncidentPages();
builder.Services.AddWorkflowPages();
builder.Services.AddSharing();
builder.AddFirstSteps(roles);
builder.AddDecisions();
builder.AddAuditLog(roles);
builder.AddWorker(roles, database);

var app = builder.Build();
app.UseDecisions();
app.UseSecurityHeaders();
app.UseNotFoundPage();
app.UseRouting();
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();
app.MapPortalHealth();
app.MapTelemetry();
app.MapLogs();
app.MapFeedback();
app.MapEnforcement();
if (roles.Portal)
{
    app.MapSignIn();
    app.MapPortalApi();
    app.MapShell();
}

await app.RunAsync();

public partial class Program;
