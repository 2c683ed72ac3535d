using System.Globalization;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.People;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace CoEPortal.Enforcement;

/// <summary>
/// <c>ANY /gov/v1/decide[/*]</c>: 204 or 403, from memory. Any method and any suffix, because Envoy keeps the method
/// and appends the original path; never 401, because nginx would pass the prompt on; never a body on allow.
/// </summary>
public static class DecisionEndpoint
{
    private static readonly PathString Path = "/gov/v1/decide";

    private static readonly Verdict UnknownEnforcer = new(false, Verdict.UnknownEnforcer, null, null);

    /// <summary>Answers ahead of routing, sessions and sign-in: a verdict needs none of them.</summary>
    public static IApplicationBuilder UseDecisions(this IApplicationBuilder app)
    {
        var board = app.ApplicationServices.GetRequiredService<SwitchBoard>();
        var door = app.ApplicationServices.GetRequiredService<MachineDoor>();
        var reservations = app.ApplicationServices.GetRequiredService<Reservations>();
        return app.Use(next => context =>
        {
            if (!context.Request.Path.StartsWithSegments(Path, StringComparison.Ordinal))
            {
                return next(context);
            }

            Answer(context, board, door, reservations);
            return Task.CompletedTask;
        });
    }

    private static void Answer(HttpContext context, SwitchBoard board, MachineDoor door, Reservations reservations)
    {
        var snapshot = board.Current;
        var age = board.Age;
        var enforcer = door.Admit(context.Request, MachineToken.EnforcementRead);
        var verdict = enforcer is null ? UnknownEnforcer : Verdict.Of(snapshot, RequestOf(context.Request.Headers, enforcer.Name, snapshot), age);
        if (verdict is { Allowed: true, UseCase: { } useCase } && One(context.Request.Headers["X-Gov-Reserve"]) is { } amount && !reservations.TryReserve(useCase, amount))
        {
            verdict = new Verdict(false, Verdict.BudgetReserved, useCase, null);
        }

        var answer = context.Response.Headers;
        answer.CacheControl = "no-store";
        answer["X-Gov-Decision"] = verdict.Allowed ? "allow" : "deny";
        answer["X-Gov-Generation"] = snapshot.GenerationText;
        if (verdict.UseCase is not null)
        {
            answer["X-Gov-Use-Case"] = verdict.UseCase;
        }

        if (age > SwitchBoard.StaleAfter)
        {
            board.AnsweredStale(verdict);
            answer["X-Gov-Stale"] = ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        if (verdict.Grace is not null)
        {
            answer["X-Gov-Grace"] = verdict.Grace;
        }

        context.Response.StatusCode = verdict.Allowed ? StatusCodes.Status204NoContent : StatusCodes.Status403Forbidden;
        if (verdict.Reason.Length > 0)
        {
            Explain(answer, verdict);
        }
    }

    private static VerdictRequest RequestOf(IHeaderDictionary headers, string enforcer, EnforcementSnapshot snapshot)
    {
        var request = new VerdictRequest(
            One(headers["X-Gov-Use-Case"]), One(headers["X-Gov-Key-Hash"])?.ToLowerInvariant(), One(headers["X-Gov-Route"]),
            One(headers["X-Gov-Team"]), One(headers["X-Gov-Model"]), enforcer);
        if (snapshot.Training.Salt.Length > 0)
        {
            request = request with { User = One(headers["X-Gov-User"]) };
        }

        // Nothing else of the request matters while nothing is engaged, which is nearly always.
        return snapshot.HasSwitches
            ? request with { RequestId = One(headers["X-Request-Id"]), Accepts = AcceptsOf(headers["X-Gov-Accepts"]) }
            : request;
    }

    private static Accepts AcceptsOf(StringValues values)
    {
        var accepts = Accepts.None;
        foreach (var word in values.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            accepts |= word.ToLowerInvariant() switch
            {
                "degrade" => Accepts.Degrade,
                "rollback" => Accepts.Rollback,
                _ => Accepts.None,
            };
        }

        return accepts;
    }

    private static void Explain(IHeaderDictionary answer, Verdict verdict)
    {
        answer["X-Gov-Reason"] = verdict.Reason;
        Add("X-Gov-Switch-Id", verdict.SwitchId?.ToString());
        Add("X-Gov-Degrade-To", verdict.DegradeTo);
        Add("X-Gov-Rollback-To", verdict.RollbackTo);
        Add("X-Gov-Course", verdict.Course);
        // Headers carry ASCII; people write what they like.
        Add("X-Gov-Message", verdict.Message.Length > 0 ? Uri.EscapeDataString(verdict.Message) : null);

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                answer[name] = value;
            }
        }
    }

    // A header given twice is two answers to one question, which nobody's configuration means: it identifies nothing.
    private static string? One(StringValues values) => values.Count switch
    {
        0 => null,
        1 when values[0]!.Length > 0 => values[0],
        1 => null,
        _ => "",
    };
}
