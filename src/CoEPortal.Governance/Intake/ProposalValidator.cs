using System.Text.RegularExpressions;
using CoEPortal.Governance.Access;
using FluentValidation;
using FluentValidation.Results;

namespace CoEPortal.Governance.Intake;

/// <summary>
/// Two sets of rules. <see cref="Bounds"/> hold for every draft: what breaks them is not stored.
/// <see cref="Complete"/> holds back only submitting: a half-wrong draft is saved and may go on.
/// </summary>
public sealed partial class ProposalValidator : AbstractValidator<Proposal>
{
    public const string Bounds = "bounds";
    public const string Complete = "complete";
    public const int LineLength = 200;
    public const int TextLength = 4000;
    public const int ListLength = 50;

    public ProposalValidator()
    {
        RuleSet(Bounds, () =>
        {
            Line(p => p.Title);
            Text(p => p.Problem);
            Text(p => p.Users);
            Line(p => p.BusinessUnit);
            Line(p => p.BusinessOwner);
            Line(p => p.OperationalOwner);
            Line(p => p.Kpi.Metric);
            Line(p => p.Kpi.Unit);
            Text(p => p.Kpi.Guard);
            Text(p => p.ExemptionReason);
            Text(p => p.Tone);
            RuleFor(p => p.Kpi.Baseline).Must(IsMeasurable).WithMessage(Measurable);
            RuleFor(p => p.Kpi.Target).Must(IsMeasurable).WithMessage(Measurable);
            RuleFor(p => p.CasesPerMonth).InclusiveBetween(0, 1_000_000_000).WithMessage("Write a number from 0 to 1,000,000,000.");
            RuleFor(p => p.PeopleAffectedPerMonth).InclusiveBetween(0, 1_000_000_000).WithMessage("Write a number without words, for example 4000.");
            RuleFor(p => p.Endpoints).Must(l => l.Count <= ListLength).WithMessage($"Name at most {ListLength} endpoints.");
            RuleFor(p => p.DataSources).Must(l => l.Count <= ListLength).WithMessage($"Name at most {ListLength} data sources.");
            RuleForEach(p => p.Endpoints).Must(IsPlain).WithMessage(Plain).MaximumLength(LineLength).WithMessage(TooLong(LineLength)).NotEmpty().WithMessage("Name the endpoint.");
            RuleForEach(p => p.DataSources).Must(IsPlain).WithMessage(Plain).MaximumLength(LineLength).WithMessage(TooLong(LineLength)).NotEmpty().WithMessage("Name the data source.");
            RuleFor(p => p.Practices).Must(l => l.Count <= Enum.GetValues<ProhibitedPractice>().Length).WithMessage("Name each practice once.");
            RuleFor(p => p.KillCriteria).Must(l => l.Count <= 20).WithMessage("Write at most 20 kill criteria.");
            RuleForEach(p => p.KillCriteria).ChildRules(c =>
            {
                c.RuleFor(k => k.Limit).InclusiveBetween(0, 1_000_000_000).WithMessage("Write a limit from 0 to 1,000,000,000.");
                c.RuleFor(k => k.MinimumSample).InclusiveBetween(0, 1_000_000).WithMessage("Write a sample from 0 to 1,000,000.");
                c.RuleFor(k => k.WindowMinutes).Must((k, minutes) => minutes is null || minutes >= 1 && minutes <= CriterionInWords.LongestWindowMinutes(k.Kind))
                    .WithMessage(k => $"Write a window of 1 to {CriterionInWords.LongestWindowMinutes(k.Kind):N0} minutes.");
                c.RuleFor(k => k.AlertName).Must(IsPlain).WithMessage(Plain).MaximumLength(LineLength).WithMessage(TooLong(LineLength));
                c.RuleFor(k => k.CooldownMinutes).InclusiveBetween(0, 43_200).WithMessage("Write a pause of at most 43,200 minutes.");
                c.RuleFor(k => k.ClearBelow).GreaterThanOrEqualTo(0).LessThanOrEqualTo(k => k.Limit).WithMessage("Write a figure from 0 up to the limit.");
                c.RuleFor(k => k.Description).Must(IsPlain).WithMessage(Plain).MaximumLength(LineLength).WithMessage(TooLong(LineLength));
            });
        });

        RuleSet(Complete, () =>
        {
            RuleFor(p => p.Title).NotEmpty().WithMessage("Give it a name that people will recognise.");
            RuleFor(p => p.Problem).NotEmpty().WithMessage("Say what is wrong today.");
            RuleFor(p => p.Users).NotEmpty().WithMessage("Say who will use it.");
            RuleFor(p => p.BusinessUnit).NotEmpty().WithMessage("Name the business unit.");
            RuleFor(p => p.BusinessOwner).NotEmpty().WithMessage("Name who answers for profit and loss.");
            RuleFor(p => p.OperationalOwner).NotEmpty().WithMessage("Name who runs it from day to day.");
            RuleFor(p => p.Kpi.Metric).NotEmpty().WithMessage("Name the figure that will change.");
            RuleFor(p => p.Kpi.Unit).NotEmpty().WithMessage("Name its unit, for example minutes.");
            RuleFor(p => p.Kpi.Baseline).NotNull().WithMessage("Write the figure as it is today, without AI.");
            RuleFor(p => p.Kpi.Target).NotNull().WithMessage("Write the figure you promise.")
                .Must((p, target) => target != p.Kpi.Baseline).WithMessage("A target equal to the baseline promises nothing.");
            RuleFor(p => p.Kpi.Deadline).NotNull().WithMessage("Write the day by which it is reached.");
            RuleFor(p => p.Kpi.Guard).NotEmpty().WithMessage("Say what must not get worse, for example the error rate.");
            RuleFor(p => p.CasesPerMonth).NotNull().WithMessage("Write how often it happens in a month.");
            RuleFor(p => p.DataClass).NotNull().WithMessage("Choose the most sensitive data it will see.");
            RuleFor(p => p.PersonalData).NotNull().WithMessage("Say whether it sees personal data.");
            RuleFor(p => p.Residency).NotNull().WithMessage("Say where the data may be processed.");
            RuleFor(p => p.Endpoints).NotEmpty().WithMessage("Name at least one model it may call.");
            RuleFor(p => p.DataSources).NotEmpty().WithMessage("Name at least one data source.");
            RuleFor(p => p.Autonomy).NotNull().WithMessage("Say how far it goes by itself.");
            RuleFor(p => p.Audience).NotNull().WithMessage("Say who sees what it makes.");
            RuleFor(p => p.PeopleAffectedPerMonth).NotNull().WithMessage("Write a number without words, for example 4000.");
            RuleFor(p => p.AnnexArea).NotNull().WithMessage("Choose the area, or none of them.");
            RuleFor(p => p.ExemptionReason).NotEmpty().When(p => p.Exemption is not Article6Exemption.None)
                .WithMessage("Art. 6(3) asks for the reason in writing.");
            RuleFor(p => p.FailSafe).NotNull().WithMessage("Say what people do when it is stopped.");
            RuleFor(p => p.DataReadiness).NotNull().WithMessage("Say whether the data is there.");
            RuleFor(p => p.KillCriteria).Must(l => l.Any(k => k.Kind is KillCriterionKind.Budget && k.Limit > 0))
                .WithMessage("Write at least one budget at which it stops.");
            RuleForEach(p => p.KillCriteria).ChildRules(c =>
            {
                c.RuleFor(k => k.Limit).GreaterThan(0).Unless(k => k.Kind is KillCriterionKind.Alert or KillCriterionKind.SevereIncident).WithMessage("Write a limit above 0.");
                c.RuleFor(k => k.AlertName).NotEmpty().When(k => k.Kind is KillCriterionKind.Alert)
                    .WithMessage("Name the alert as the monitoring system does, for example AiErrorRateHigh.");
                c.RuleFor(k => k.Description).NotEmpty().When(k => k.Kind is KillCriterionKind.ReviewedQuality)
                    .WithMessage("Say what people look for.");
            });
        });
    }

    public ValidationResult Check(Proposal proposal, params string[] ruleSets) =>
        this.Validate(proposal, options => options.IncludeRuleSets(ruleSets));

    /// <summary>Refuses with a message for each field, named as in the API (<c>kpi.target</c>).</summary>
    public void Demand(Proposal proposal, params string[] ruleSets)
    {
        var result = Check(proposal, ruleSets);
        if (!result.IsValid)
        {
            throw new InvalidFieldsException(result.Errors
                .GroupBy(e => FieldName(e.PropertyName))
                .ToDictionary(g => g.Key, g => g.Select(e => e.ErrorMessage).Distinct().ToArray()));
        }
    }

    private void Line(System.Linq.Expressions.Expression<Func<Proposal, string>> field) =>
        RuleFor(field).MaximumLength(LineLength).WithMessage(TooLong(LineLength)).Must(IsPlain).WithMessage(Plain);

    private void Text(System.Linq.Expressions.Expression<Func<Proposal, string>> field) =>
        RuleFor(field).MaximumLength(TextLength).WithMessage(TooLong(TextLength)).Must(IsPlain).WithMessage(Plain);

    internal const string Plain = "Write plain text: markup such as <script> and control characters are not stored.";
    private const string Measurable = "Write a figure between -1,000,000,000 and 1,000,000,000.";

    private static string TooLong(int length) => $"Write at most {length:N0} characters.";

    private static bool IsMeasurable(decimal? figure) => figure is null or (>= -1_000_000_000 and <= 1_000_000_000);

    internal static bool IsPlain(string? text) => text is null || !NotPlain().IsMatch(text);

    private static string FieldName(string path) =>
        string.Join('.', path.Split('.').Select(part => char.ToLowerInvariant(part[0]) + part[1..]));

    // "a < b" is text; "<b", "</b" and "<!--" are markup. Tab and line ends are the only control characters people type.
    // U+202A to U+202E and U+2066 to U+2069 turn the reading direction around and hide what a signature is given for.
    [GeneratedRegex(@"<[a-zA-Z/!?]|[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\u202A-\u202E\u2066-\u2069]")]
    private static partial Regex NotPlain();
}
