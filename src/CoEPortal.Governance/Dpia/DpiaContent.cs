using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CoEPortal.Evidence;
using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Dpia;

public enum ScreeningOutcome { Open, Required, NotRequired, ReliesOnExisting }

/// <summary>The three feared events of the CNIL's method, and what is none of them.</summary>
public enum RiskKind { IllegitimateAccess, UnwantedChange, LossOfData, OtherHarm }

public enum Likelihood { Remote, Possible, Probable }

public enum Harm { Minimal, Significant, Severe }

public enum RiskLevel { Low, Medium, High }

public enum MeasureEffect { Reduced, Eliminated, Accepted }

/// <summary>A risk to people, what is done about it, and what is left of it.</summary>
public sealed record DpiaRisk
{
    public string Title { get; init; } = "";

    public RiskKind Kind { get; init; }

    public Likelihood Likelihood { get; init; }

    public Harm Harm { get; init; }

    public string Measure { get; init; } = "";

    public MeasureEffect Effect { get; init; }

    public Likelihood ResidualLikelihood { get; init; }

    public Harm ResidualHarm { get; init; }

    [JsonIgnore]
    public RiskLevel Level => Of(Likelihood, Harm);

    [JsonIgnore]
    public RiskLevel Residual => Effect is MeasureEffect.Eliminated ? RiskLevel.Low : Of(ResidualLikelihood, ResidualHarm);

    private static RiskLevel Of(Likelihood likelihood, Harm harm) => ((int)likelihood + (int)harm) switch
    {
        <= 1 => RiskLevel.Low,
        2 => RiskLevel.Medium,
        _ => RiskLevel.High,
    };
}

/// <summary>What an assessment says. All of it is text: nothing in it is ever run or drawn as markup.</summary>
public sealed record DpiaContent
{
    public const int AnswerLength = 8_000;
    public const int MostRisks = 50;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) } };

    public static JsonSerializerOptions Json => Format;

    public string TemplateVersion { get; init; } = "";

    /// <summary>Criteria that hold.</summary>
    public IReadOnlyList<string> Criteria { get; init; } = [];

    public ScreeningOutcome Outcome { get; init; }

    /// <summary>Why it is not required, or on which assessment it relies.</summary>
    public string OutcomeReason { get; init; } = "";

    /// <summary>A public body, or a private one that provides public services: decides whether Article 27 asks.</summary>
    public bool IsPublicService { get; init; }

    /// <summary>By the id of the field.</summary>
    public IReadOnlyDictionary<string, string> Answers { get; init; } = new Dictionary<string, string>();

    /// <summary>What fields began with; shown as their source for as long as nobody wrote over it.</summary>
    public IReadOnlyDictionary<string, string> Prefilled { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<DpiaRisk> Risks { get; init; } = [];

    /// <summary>What came of asking the authority (Article 36); needed while a high risk is left.</summary>
    public string PriorConsultation { get; init; } = "";

    public string Answer(string id) => Answers.GetValueOrDefault(id, "");

    public bool IsFromIntake(string id) => Prefilled.TryGetValue(id, out var text) && text == Answer(id);

    [JsonIgnore]
    public RiskLevel ResidualRisk => Risks.Count == 0 ? RiskLevel.Low : Risks.Max(r => r.Residual);

    public string HashOf(string key, string useCaseKey)
    {
        var content = JsonSerializer.SerializeToNode(this, Format)!.AsObject();
        // Where a text came from is no part of what is signed.
        content.Remove("prefilled");
        return ContentHash.OfBytes(CanonicalJson.Write(new JsonObject { ["dpia"] = key, ["useCase"] = useCaseKey, ["content"] = content })).ToString();
    }

    internal DpiaContent Checked(DpiaTemplate template, DpiaContent before)
    {
        var fields = template.Steps.SelectMany(s => s.Fields).Select(f => f.Id).ToHashSet();
        Refuse.If(Answers.Keys.Any(id => !fields.Contains(id)), "unknown-field", $"The template {template.Version} has other fields: {string.Join(", ", fields)}.");
        Refuse.If(Criteria.Any(id => template.Criteria.TrueForAll(c => c.Id != id)), "unknown-criterion", $"Criteria are {string.Join(", ", template.Criteria.Select(c => c.Id))}.");
        Refuse.If(Answers.Values.Any(t => t.Length > AnswerLength) || OutcomeReason.Length > AnswerLength || PriorConsultation.Length > AnswerLength, "answer-too-long", $"An answer has at most {AnswerLength:N0} characters.");
        Refuse.If(Risks.Count > MostRisks || Risks.Any(r => r.Title.Length > 300 || r.Measure.Length > 2000), "risks-too-many", $"There are at most {MostRisks} risks, each with 300 characters and a measure of 2,000.");
        var texts = Answers.Values.Concat(Risks.SelectMany(r => new[] { r.Title, r.Measure })).Append(OutcomeReason).Append(PriorConsultation);
        Refuse.If(texts.Any(t => t.Contains('\0', StringComparison.Ordinal)), "not-text", "A text holds what is no character.");
        return this with
        {
            TemplateVersion = template.Version,
            Criteria = [.. Criteria.Distinct().Order(StringComparer.Ordinal)],
            Answers = Answers.Where(a => a.Value.Length > 0).ToDictionary(a => a.Key, a => a.Value.ReplaceLineEndings("\n")),
            // Only the portal says what came from intake.
            Prefilled = before.Prefilled,
        };
    }
}
