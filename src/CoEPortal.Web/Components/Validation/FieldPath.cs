using System.Collections;
using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Components.Forms;

namespace CoEPortal.Web.Components.Validation;

/// <summary>
/// From the path a validator reports, <c>Criteria[2].Limit</c>, to the object and property a form knows. A use case
/// reports paths as the API spells them, <c>criteria[2].limit</c>; they lead to the same field.
/// </summary>
public static class FieldPath
{
    /// <returns>The nearest owner that exists, when the path leads through something missing.</returns>
    public static FieldIdentifier Resolve(object model, string path)
    {
        var owner = model;
        var steps = path.Split('.');
        for (var i = 0; i < steps.Length; i++)
        {
            var (name, index) = Step(steps[i]);
            var property = owner.GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
            name = property?.Name ?? name;
            var isLast = i == steps.Length - 1;
            if (isLast && index is null)
            {
                return new(owner, name);
            }

            var value = property?.GetValue(owner);
            if (index is { } at)
            {
                value = (value as IEnumerable)?.Cast<object?>().ElementAtOrDefault(at);
            }

            // A list of plain values has no owner for its items: the message belongs to the list.
            if (value is null or string || value.GetType().IsValueType)
            {
                return new(owner, name);
            }

            if (isLast)
            {
                return new(value, "");
            }

            owner = value;
        }

        return new(owner, "");
    }

    private static (string Name, int? Index) Step(string step)
    {
        var bracket = step.IndexOf('[', StringComparison.Ordinal);
        return bracket < 0
            ? (step, null)
            : (step[..bracket], int.Parse(step.AsSpan(bracket + 1, step.Length - bracket - 2), CultureInfo.InvariantCulture));
    }
}
