using System.Text.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Gates;
using Microsoft.AspNetCore.Diagnostics;

namespace CoEPortal.Web.Api;

/// <summary>Refusals as RFC 9457 problems, each with the stable name of its rule. Only here do refusals become HTTP.</summary>
public sealed class Problems(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var (status, rule, title) = exception switch
        {
            InvalidFieldsException => (StatusCodes.Status400BadRequest, "invalid-fields", "Some fields need another answer."),
            RuleViolationException { Rule: "signed-out" } => (StatusCodes.Status401Unauthorized, "signed-out", "You are signed out."),
            RuleViolationException
            {
                Rule: "not-permitted" or "not-your-function" or "own-proposal" or "own-use-case" or "own-veto" or "own-card" or "own-dpia" or "own-report" or "own-answer" or "not-your-report" or "not-the-owner"
                or "not-your-condition" or "not-your-comment" or "not-your-delegation" or "own-erasure" or "own-action" or "own-message" or "confirm-identity" or "read-only"
            } refusal =>
                (StatusCodes.Status403Forbidden, refusal.Rule, "Not permitted."),
            RuleViolationException { Rule: "token-required" } refusal => (StatusCodes.Status401Unauthorized, refusal.Rule, "A token is needed."),
            RuleViolationException { Rule: "too-many-results" } refusal => (StatusCodes.Status429TooManyRequests, refusal.Rule, "Too many."),
            GateNotPassedException held => (StatusCodes.Status409Conflict, held.Rule, "A gate holds this."),
            RuleViolationException { Rule: "if-match-required" } refusal => (StatusCodes.Status428PreconditionRequired, refusal.Rule, "A version is needed."),
            RuleViolationException { Rule: "changed-meanwhile" } refusal when httpContext.Request.Headers.IfMatch.Count > 0 =>
                (StatusCodes.Status412PreconditionFailed, refusal.Rule, "Changed meanwhile."),
            RuleViolationException refusal => (StatusCodes.Status409Conflict, refusal.Rule, "The rules refuse."),
            NotFoundException => (StatusCodes.Status404NotFound, "not-found", "Not found."),
            BadHttpRequestException { InnerException: JsonException } => (StatusCodes.Status400BadRequest, "unreadable-body", "The body could not be read."),
            BadHttpRequestException refusal => (refusal.StatusCode, "bad-request", "The request could not be read."),
            _ => (StatusCodes.Status500InternalServerError, "unexpected", "Something went wrong here."),
        };
        httpContext.Response.StatusCode = status;
        var problem = new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails =
            {
                Status = status,
                Title = title,
                Detail = exception switch
                {
                    BadHttpRequestException { InnerException: JsonException fault } => SentenceOf(fault),
                    _ when status == StatusCodes.Status500InternalServerError => $"The reference is {httpContext.TraceIdentifier}.",
                    _ => exception.Message,
                },
                Extensions = { ["rule"] = rule },
            },
        };
        if (exception is GateNotPassedException gate)
        {
            problem.ProblemDetails.Extensions["gates"] = GatesApi.ViewOf(gate.Check).Gates;
        }

        if (exception is InvalidFieldsException invalid)
        {
            problem.ProblemDetails.Extensions["errors"] = invalid.Errors;
        }
        else if (exception is BadHttpRequestException { InnerException: JsonException { Path: { Length: > 2 } path } fault })
        {
            problem.ProblemDetails.Extensions["rule"] = "invalid-fields";
            problem.ProblemDetails.Extensions["errors"] = new Dictionary<string, string[]> { [path[2..]] = [SentenceOf(fault)] };
        }

        return await problems.TryWriteAsync(problem);
    }

    // The serializer's own sentence names .NET types, which say nothing to the caller.
    private static string SentenceOf(JsonException fault) =>
        fault.Message.Contains("could not be mapped", StringComparison.Ordinal) ? $"There is no field {fault.Path?.TrimStart('$', '.')}."
        : fault.Path is { Length: > 2 } path ? $"{path[2..]} has a value that is not one of those allowed, or of another type."
        : "Send a JSON object as described in /openapi/v1.json.";
}
