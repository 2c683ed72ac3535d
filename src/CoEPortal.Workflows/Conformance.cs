using System.Text.Json;

namespace CoEPortal.Workflows;

/// <summary>One script of the conformance corpus and whether the interpreter did what Elsa was observed to do.</summary>
/// <param name="Reason">Null when it passed; otherwise the step and the first difference.</param>
public sealed record ConformanceResult(string Id, bool Passed, string? Reason);

/// <summary>
/// Plays the scripts of the conformance corpus (schema 1) and compares. Pure: the caller reads the files. Definitions
/// that a strict loader refuses are run all the same, because the corpus also records what one would not want.
/// </summary>
public static class Conformance
{
    /// <summary>Plays <c>cases/*.json</c>: one script with the full situation after every step.</summary>
    /// <param name="definitionJson">The file that the case names in <c>definition</c>.</param>
    /// <exception cref="JsonException">The case is not JSON.</exception>
    /// <exception cref="KeyNotFoundException">The case is not a script of schema 1.</exception>
    public static ConformanceResult RunCase(string definitionJson, string caseJson)
    {
        using var document = JsonDocument.Parse(caseJson);
        var script = document.RootElement;
        var id = script.GetProperty("id").GetString()!;
        return Play(id, definitionJson, script, run =>
        {
            foreach (var step in script.GetProperty("steps").EnumerateArray())
            {
                if ((run.Take(step) ?? run.CompareSituation(step.GetProperty("expect"))) is { } difference)
                {
                    return run.Describe(step, difference);
                }
            }

            return null;
        });
    }

    /// <summary>Plays <c>orders/*.json</c>: many orders of the same stimuli with compact expectations.</summary>
    /// <inheritdoc cref="RunCase" path="/exception"/>
    public static IReadOnlyList<ConformanceResult> RunOrders(string definitionJson, string ordersJson)
    {
        using var document = JsonDocument.Parse(ordersJson);
        var orders = document.RootElement;
        return
        [
            .. orders.GetProperty("runs").EnumerateArray().Select(order =>
                Play(order.GetProperty("id").GetString()!, definitionJson, orders, run => PlayOrder(run, order))),
        ];
    }

    private static string? PlayOrder(ConformanceRun run, JsonElement order)
    {
        foreach (var step in order.GetProperty("steps").EnumerateArray())
        {
            if ((run.Take(step) ?? run.CompareProgress(step)) is { } difference)
            {
                return run.Describe(step, difference);
            }
        }

        return run.CompareFinal(order.GetProperty("final"));
    }

    private static ConformanceResult Play(
        string id, string definitionJson, JsonElement script, Func<ConformanceRun, string?> play)
    {
        try
        {
            var definition = DefinitionJson.Read(definitionJson, id);
            var reason = play(new ConformanceRun(definition, script.GetProperty("inputs")));
            return new ConformanceResult(id, reason is null, reason);
        }
        catch (DefinitionException refused)
        {
            return new ConformanceResult(id, Passed: false, refused.Message);
        }
    }
}
