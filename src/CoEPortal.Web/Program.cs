using CoEPortal.Web.Layout;
using CoEPortal.Web.SignIn;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseStaticWebAssets();
builder.AddShell();
builder.AddSignIn();
builder.Services.AddHealthChecks();

var app = builder.Build();
app.UseSecurityHeaders();
app.UseNotFoundPage();
app.UseRouting();
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();
app.MapHealthChecks("/health/live").AllowAnonymous();
app.MapSignIn();
app.MapShell();
app.Run();

public partial class Program;
