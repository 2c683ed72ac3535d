using System.Text.Json;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Import;

/// <summary>What a row says of one use case so far.</summary>
public sealed record RowReading(Proposal Text, Phase? Phase);

/// <summary>An answer of the one-pager that a column can give.</summary>
/// <param name="Name">In mapping files, as in the API.</param>
/// <param name="Label">For people.</param>
/// <param name="Length">Most characters of a text; what is longer is cut, and the row keeps the whole.</param>
/// <param name="Values">The answers it can have; empty for a text.</param>
public sealed record ImportField(string Name, string Label, bool IsRequired, int Length, IReadOnlyList<string> Values, Func<RowReading, string, RowReading> Set)
{
    /// <summary>The value that leaves an answer open.</summary>
    public const string Open = "unknown";

    public static IReadOnlyList<ImportField> All { get; } =
    [
        Line("title", "Name", (p, v) => p with { Title = v }, isRequired: true),
        Line("businessUnit", "Business unit", (p, v) => p with { BusinessUnit = v }, isRequired: true),
        Text("problem", "What is wrong today", (p, v) => p with { Problem = v }),
        Text("users", "Who will use it", (p, v) => p with { Users = v }),
        Line("businessOwner", "Business owner", (p, v) => p with { BusinessOwner = v }),
        Line("operationalOwner", "Operational owner", (p, v) => p with { OperationalOwner = v }),
        new("phase", "How far it is", false, 0, WordsOf<Phase>(), (r, v) => r with { Phase = Parse<Phase>(v) }),
        Choice<Impact>("impact", "Rights or safety", (p, v) => p with { Impact = v }),
        Choice<PersonalData>("personalData", "Personal data", (p, v) => p with { PersonalData = v }),
        Choice<DataClass>("dataClass", "Most sensitive data", (p, v) => p with { DataClass = v }),
        Choice<Residency>("residency", "Where data is processed", (p, v) => p with { Residency = v }),
        Choice<Autonomy>("autonomy", "How far it goes by itself", (p, v) => p with { Autonomy = v }),
        Choice<Audience>("audience", "Who sees what it makes", (p, v) => p with { Audience = v }),
        Choice<AnnexArea>("annexArea", "Area of Annex III", (p, v) => p with { AnnexArea = v }),
        Choice<DataReadiness>("dataReadiness", "Data is there", (p, v) => p with { DataReadiness = v }),
        YesNo("interactsWithPeople", "People talk with it", (p, v) => p with { InteractsWithPeople = v }),
        YesNo("publishesContent", "It is published", (p, v) => p with { PublishesContent = v }),
        List("dataSources", "Data sources", (p, v) => p with { DataSources = v }),
        List("endpoints", "Models it may call", (p, v) => p with { Endpoints = v }),
    ];

    public static ImportField? Find(string name) => All.FirstOrDefault(f => f.Name == name);

    private static ImportField Line(string name, string label, Func<Proposal, string, Proposal> set, bool isRequired = false) =>
        new(name, label, isRequired, ProposalValidator.LineLength, [], (r, v) => r with { Text = set(r.Text, v.ReplaceLineEndings(" ")) });

    private static ImportField Text(string name, string label, Func<Proposal, string, Proposal> set) =>
        new(name, label, false, ProposalValidator.TextLength, [], (r, v) => r with { Text = set(r.Text, v) });

    private static ImportField List(string name, string label, Func<Proposal, IReadOnlyList<string>, Proposal> set) =>
        new(name, label, false, ProposalValidator.TextLength, [], (r, v) => r with
        {
            Text = set(r.Text, [.. v.Split([';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(part => InventoryText.Cut(part, ProposalValidator.LineLength)).Distinct().Take(ProposalValidator.ListLength)]),
        });

    private static ImportField Choice<TChoice>(string name, string label, Func<Proposal, TChoice?, Proposal> set)
        where TChoice : struct, Enum =>
        new(name, label, false, 0, WordsOf<TChoice>(), (r, v) => r with { Text = set(r.Text, Parse<TChoice>(v)) });

    private static ImportField YesNo(string name, string label, Func<Proposal, bool, Proposal> set) =>
        new(name, label, false, 0, ["yes", "no"], (r, v) => r with { Text = set(r.Text, v == "yes") });

    private static TChoice? Parse<TChoice>(string value)
        where TChoice : struct, Enum => value == Open ? null : Enum.Parse<TChoice>(value, ignoreCase: true);

    private static string[] WordsOf<TChoice>()
        where TChoice : struct, Enum => [.. Enum.GetNames<TChoice>().Select(JsonNamingPolicy.CamelCase.ConvertName)];
}
