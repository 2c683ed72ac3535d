using System.Globalization;
using System.Text.Json.Nodes;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Cards;

/// <summary>A published card for machines: our JSON, and a bill of materials as CycloneDX 1.6 writes machine-learning models.</summary>
public static class CardExport
{
    // CycloneDX has fields for figures, not for words about them.
    private static readonly string[] AsProperties = ["factors", "metrics", "evaluation-data", "quantitative-analyses", "environment"];

    /// <param name="version">Null for the draft.</param>
    public static JsonObject Json(Card card, CardVersion? version)
    {
        var json = (version?.Content ?? card.Draft).ToJson(card.Key, card.Kind, card.Name, card.ModelVersion);
        json["useCase"] = card.UseCaseKey;
        json["version"] = version?.Number;
        json["contentHash"] = version?.ContentHash ?? card.ContentHash;
        json["publishedAt"] = version?.PublishedAt.ToString("O", CultureInfo.InvariantCulture);
        json["expiresOn"] = version?.ExpiresOn.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return json;
    }

    /// <summary>CycloneDX 1.6, ML-BOM: the section “modelCard” of a component of the type machine-learning-model.</summary>
    /// <param name="models">Models that a system relies on, by the names that gateways report.</param>
    public static JsonObject CycloneDx(Card card, CardVersion version, IReadOnlyList<string> models, string organisation)
    {
        var content = version.Content;
        var reference = $"{card.Key}@{version.Number}";
        var component = new JsonObject
        {
            ["type"] = card.Kind is CardKind.Model ? "machine-learning-model" : "application",
            ["bom-ref"] = reference,
            ["name"] = card.Name,
            ["version"] = card.ModelVersion.Length > 0 ? card.ModelVersion : version.Number.ToString(CultureInfo.InvariantCulture),
            ["description"] = content.Section("details"),
        };
        if (content.Licence.Length > 0)
        {
            component["licenses"] = new JsonArray(new JsonObject { ["license"] = new JsonObject { ["name"] = content.Licence } });
        }

        if (card.Kind is CardKind.Model)
        {
            component["modelCard"] = ModelCardOf(content, reference);
        }

        component["properties"] = Properties(
            ("coe:card", card.Key), ("coe:contentHash", version.ContentHash), ("coe:expiresOn", version.ExpiresOn.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), ("coe:useCase", card.UseCaseKey ?? ""));
        var others = card.Kind is CardKind.Model ? [] : models.Select(m => new JsonObject { ["type"] = "machine-learning-model", ["bom-ref"] = "model:" + m, ["name"] = m }).ToList();
        return new JsonObject
        {
            ["$schema"] = "http://cyclonedx.org/schema/bom-1.6.schema.json",
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["serialNumber"] = "urn:uuid:" + card.Id,
            ["version"] = version.Number,
            ["metadata"] = new JsonObject
            {
                ["timestamp"] = version.PublishedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                ["supplier"] = new JsonObject { ["name"] = organisation },
                ["component"] = component,
            },
            ["components"] = new JsonArray([.. others]),
            ["dependencies"] = new JsonArray(new JsonObject { ["ref"] = reference, ["dependsOn"] = new JsonArray([.. models.Where(_ => others.Count > 0).Select(m => JsonValue.Create("model:" + m))]) }),
        };
    }

    private static JsonObject ModelCardOf(CardContent content, string reference)
    {
        var considerations = new JsonObject();
        Put("useCases", "intended-use");
        Put("technicalLimitations", "out-of-scope");
        Put("performanceTradeoffs", "caveats");
        if (content.Section("ethical-considerations") is { Length: > 0 } ethics)
        {
            considerations["ethicalConsiderations"] = new JsonArray(new JsonObject { ["name"] = ethics });
        }

        var card = new JsonObject { ["bom-ref"] = reference + "#card", ["considerations"] = considerations };
        if (content.Section("training-data") is { Length: > 0 } training)
        {
            card["modelParameters"] = new JsonObject { ["datasets"] = new JsonArray(new JsonObject { ["type"] = "dataset", ["name"] = "training data", ["description"] = training }) };
        }

        card["properties"] = Properties([.. AsProperties.Select(id => ("coe:" + id, content.Section(id)))]);
        return card;

        void Put(string name, string section)
        {
            if (content.Section(section) is { Length: > 0 } text)
            {
                considerations[name] = new JsonArray(text);
            }
        }
    }

    private static JsonArray Properties(params (string Name, string Value)[] all) =>
        new([.. all.Where(p => p.Value.Length > 0).Select(p => new JsonObject { ["name"] = p.Name, ["value"] = p.Value })]);

    /// <summary>Models that an approved or proposed one-pager names.</summary>
    internal static IReadOnlyList<string> ModelsOf(Proposal proposal) => [.. proposal.Endpoints.Where(e => !string.IsNullOrWhiteSpace(e)).Distinct(StringComparer.OrdinalIgnoreCase)];
}
