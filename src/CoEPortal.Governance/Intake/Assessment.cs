using System.Text.Json.Serialization;
using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Intake;

public enum Lane { Fast, Standard, Full, NotAllowed }

/// <summary>Class under Regulation (EU) 2024/1689, in rising severity.</summary>
public enum RiskClass { Minimal, Limited, High, Prohibited }

/// <summary>The portal's own tier. It decides what a gateway does when it cannot reach the portal.</summary>
public enum RiskTier { Low, Medium, High }

/// <summary>What a framework expects here, by its own number and in our words.</summary>
public sealed record Control(string Framework, string Ref, string Sentence);

/// <summary>The pattern that a proposal follows, and by which facts; together with what people then have to be shown.</summary>
public sealed record ClearedAs(string Pattern, int Version, string Title, string ContentHash, IReadOnlyList<string> Facts, IReadOnlyList<string> Disclosures);

/// <summary>What rules had found where people set it aside, and by which override.</summary>
public sealed record Overridden(int Number, RiskClass Class, Lane Lane);

public sealed record Point(string Rule, int Points, string Title, string Sentence);

/// <summary>How a proposal is judged, with the sentence that explains each part, and the rules version that made it.</summary>
public sealed record Assessment
{
    public required string RulesVersion { get; init; }

    public required int Value { get; init; }

    public required int Risk { get; init; }

    public required IReadOnlyList<Point> ValuePoints { get; init; }

    public required IReadOnlyList<Point> RiskPoints { get; init; }

    public required RiskClass RiskClass { get; init; }

    public required IReadOnlyList<string> Articles { get; init; }

    public required IReadOnlyList<string> ClassReasons { get; init; }

    public required RiskTier Tier { get; init; }

    public required Lane Lane { get; init; }

    public required string LaneReason { get; init; }

    /// <summary>Functions that must each approve, the last one signing the final list of conditions.</summary>
    public required IReadOnlyList<Role> Functions { get; init; }

    public required int UsualWorkingDays { get; init; }

    /// <summary>The one thing that keeps it out of the fast lane, when it is only one.</summary>
    public string? OneChangeFromFast { get; init; }

    /// <summary>Expected controls; null in assessments from before they were asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Control>? Controls { get; init; }

    /// <summary>The pre-cleared pattern that opened the fast lane; null in every other lane, and under rules that asked for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClearedAs? ClearedAs { get; init; }

    /// <summary>The judgement of the rules, where two people set it aside; null where the rules judged alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Overridden? Overridden { get; init; }

    public string Quadrant => (Value >= 50, Risk >= 50) switch
    {
        (true, false) => "Do now",
        (true, true) => "Do with care",
        (false, false) => "Only if cheap",
        (false, true) => "Stop or rethink",
    };
}
