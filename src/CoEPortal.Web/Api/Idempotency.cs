using System.Security.Cryptography;
using System.Text;
using CoEPortal.Web.SignIn;
using Npgsql;

namespace CoEPortal.Web.Api;

/// <summary>
/// <c>Idempotency-Key</c> on creates: the same key with the same request gives the first answer again, with another
/// request a refusal. The key is held by a lock while the first is under way, so two at once make one thing.
/// </summary>
public sealed class Idempotency(NpgsqlDataSource database) : IEndpointFilter
{
    private const string Header = "Idempotency-Key";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var key = http.Request.Headers[Header].ToString();
        if (key.Length == 0)
        {
            return await next(context);
        }

        if (key.Length > 200)
        {
            return Refused(400, "idempotency-key-too-long", "An Idempotency-Key has at most 200 characters.");
        }

        var actor = await http.ActorAsync();
        var request = Hash($"{http.Request.Method} {http.Request.Path} {System.Text.Json.JsonSerializer.Serialize(context.Arguments.Where(a => a?.GetType().Namespace?.StartsWith("CoEPortal", StringComparison.Ordinal) == true && IsBody(a)), JsonOptionsOf(http))}");
        await using var connection = await database.OpenConnectionAsync(http.RequestAborted);
        await using var held = await connection.BeginTransactionAsync(http.RequestAborted);
        await ExecuteAsync(connection, "select pg_advisory_xact_lock(hashtextextended($1, 1))", actor.Id.Value + "/" + key);
        await using (var find = new NpgsqlCommand("select request_hash, status, location, body from idempotent_request where actor_id = $1 and key = $2", connection))
        {
            find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = actor.Id.Value });
            find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
            await using var found = await find.ExecuteReaderAsync(http.RequestAborted);
            if (await found.ReadAsync(http.RequestAborted))
            {
                if (found.GetString(0) != request)
                {
                    return Refused(409, "idempotency-key-reused", "This Idempotency-Key was used for another request. Use a new one for each thing you create.");
                }

                if (!await found.IsDBNullAsync(2))
                {
                    http.Response.Headers.Location = found.GetString(2);
                }

                return Results.Text(found.GetString(3), "application/json", Encoding.UTF8, found.GetInt32(1));
            }
        }

        var answer = await next(context);
        var (status, location, value) = AnswerOf(answer);
        await ExecuteAsync(connection, "insert into idempotent_request (actor_id, key, request_hash, status, location, body) values ($1, $2, $3, $4::int, nullif($5, ''), $6)",
            actor.Id.Value, key, request, status.ToString(System.Globalization.CultureInfo.InvariantCulture), location ?? "", System.Text.Json.JsonSerializer.Serialize(value, JsonOptionsOf(http)));
        await held.CommitAsync(http.RequestAborted);
        return answer;
    }

    private static bool IsBody(object argument) => argument.GetType().IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute), false)
        || argument.GetType().GetMethod("<Clone>$") is not null;

    private static (int Status, string? Location, object? Value) AnswerOf(object? answer) => (
        (answer as IStatusCodeHttpResult)?.StatusCode ?? 200,
        answer is not null && answer.GetType().GetProperty("Location")?.GetValue(answer) is string location ? location : null,
        answer is IValueHttpResult result ? result.Value : answer);

    private static System.Text.Json.JsonSerializerOptions JsonOptionsOf(HttpContext http) =>
        http.RequestServices.GetRequiredService<Microsoft.Extensions.Options.IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;

    private static IResult Refused(int status, string rule, string sentence) =>
        Results.Problem(detail: sentence, statusCode: status, extensions: new Dictionary<string, object?> { ["rule"] = rule });

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, params string[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        }

        await command.ExecuteNonQueryAsync();
    }
}

public static class IdempotencySetup
{
    public static RouteHandlerBuilder IsIdempotent(this RouteHandlerBuilder endpoint) => endpoint.AddEndpointFilter<Idempotency>();
}
