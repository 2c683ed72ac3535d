using CoEPortal.Governance.Access;
using CoEPortal.Governance.People;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Mvc;

namespace CoEPortal.Web.SignIn;

public static class SignInSetup
{
    private const string ChosenByRequest = "Portal";

    private static readonly string[] NamesOfThisMachine = ["localhost", "*.localhost", "127.0.0.1", "[::1]"];

    public static void AddSignIn(this WebApplicationBuilder builder)
    {
        var demo = DemoSignIn.From(builder.Configuration);
        var services = builder.Services;
        services.AddSingleton(demo);
        services.AddHostedService<SignInGuard>();
        services.AddSingleton<FindActor>(provider => provider.GetRequiredService<PersonDirectory>().FindAsync);
        services.AddScoped<CurrentActor>();
        services.AddScoped<AuthenticationStateProvider, PersonRevalidation>();
        services.AddCascadingAuthenticationState();
        services.AddScoped<PersonCookie>();

        var authentication = services
            .AddAuthentication(options =>
            {
                options.DefaultScheme = ChosenByRequest;
                options.DefaultSignInScheme = CookieAuthenticationDefaults.AuthenticationScheme;
                options.DefaultSignOutScheme = CookieAuthenticationDefaults.AuthenticationScheme;
            })
            .AddPolicyScheme(ChosenByRequest, null, options => options.ForwardDefaultSelector = request =>
                demo.IsOn && DemoHeaderHandler.IsIn(request.Request)
                    ? DemoHeaderHandler.SchemeName
                    : CookieAuthenticationDefaults.AuthenticationScheme)
            .AddCookie(options =>
            {
                options.Cookie.Name = "coe.session";
                options.Cookie.SameSite = SameSiteMode.Lax;
                options.ExpireTimeSpan = TimeSpan.FromHours(8);
                options.SlidingExpiration = true;
                options.LoginPath = "/sign-in";
                options.AccessDeniedPath = "/not-permitted";
                options.ReturnUrlParameter = "returnUrl";
                options.EventsType = typeof(PersonCookie);
            });

        services.AddAuthorization(options =>
        {
            foreach (var permission in Enum.GetValues<Permission>())
            {
                var roles = AccessPolicy.Table.Where(row => row.Permission == permission).Select(row => row.Role.ToString());
                options.AddPolicy(permission.ToString(), policy => policy.RequireRole(roles.Distinct()));
            }
        });

        if (demo.IsOn)
        {
            authentication.AddScheme<AuthenticationSchemeOptions, DemoHeaderHandler>(DemoHeaderHandler.SchemeName, null);

            // A website can point its own name at 127.0.0.1 and then read this portal through a visitor's browser
            // (DNS rebinding). Without a password only the name in the address tells such requests apart.
            services.PostConfigure<HostFilteringOptions>(options => options.AllowedHosts = NamesOfThisMachine);
        }
    }

    public static void MapSignIn(this WebApplication app)
    {
        if (app.Services.GetRequiredService<DemoSignIn>().IsOn)
        {
            app.MapPost("/sign-in/as", SignInAs).AllowAnonymous();
            app.MapPost("/sign-in/confirm", ConfirmAsync).RequireAuthorization();
        }

        app.MapGet("/sign-in/with-provider", SignInWithProvider).AllowAnonymous();
        app.MapPost("/sign-out", SignOut).AllowAnonymous();
    }

    private static async Task<IResult> SignInAs([FromForm] string persona, [FromForm] string? returnUrl, HttpContext request, ConfirmIdentity confirm, TimeProvider clock)
    {
        if (DemoPersonas.Find(persona) is not { } chosen)
        {
            return Results.LocalRedirect("/sign-in");
        }

        const string scheme = CookieAuthenticationDefaults.AuthenticationScheme;
        await request.SignInAsync(scheme, PersonClaims.Principal(chosen.Actor, scheme));
        await confirm.RunAsync(chosen.Id, clock.GetUtcNow(), request.RequestAborted);
        return Results.LocalRedirect(ReturnPath.OrHome(returnUrl));
    }

    /// <summary>In the demo, where there is no password, the click stands for it. A provider would ask for the password anew.</summary>
    private static async Task<IResult> ConfirmAsync(IFormCollection _, HttpContext request, ConfirmIdentity confirm, TimeProvider clock)
    {
        if (PersonClaims.PersonOf(request.User) is { } person)
        {
            await confirm.RunAsync(person, clock.GetUtcNow(), request.RequestAborted);
        }

        return Results.LocalRedirect("/sign-in/confirm?done=1");
    }

    private static async Task<IResult> SignInWithProvider(string? returnUrl, IAuthenticationSchemeProvider schemes) =>
        await schemes.GetSchemeAsync(IdentityProvider.Scheme) is null
            ? Results.LocalRedirect("/sign-in")
            : Results.Challenge(new() { RedirectUri = ReturnPath.OrHome(returnUrl) }, [IdentityProvider.Scheme]);

    // Binding the form is what makes the antiforgery check run: no other site signs anybody out.
    private static async Task<IResult> SignOut(IFormCollection _, HttpContext request)
    {
        await request.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return Results.LocalRedirect("/sign-in");
    }
}
