using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using FluentValidation;

namespace CoEPortal.Governance.Candidates;

/// <summary>What can be kept of a candidate: what its one-pager could not take, it does not take either.</summary>
public sealed class CandidateValidator : AbstractValidator<CandidateDraft>
{
    public CandidateValidator()
    {
        RuleFor(c => c.Name).NotEmpty().WithMessage("Give it a name that people will recognise.").MaximumLength(ProposalValidator.LineLength).Must(ProposalValidator.IsPlain).WithMessage(ProposalValidator.Plain);
        RuleFor(c => c.Department).NotEmpty().WithMessage("Say in which department it is done.").MaximumLength(ProposalValidator.LineLength).Must(ProposalValidator.IsPlain).WithMessage(ProposalValidator.Plain);
        RuleFor(c => c.Description).NotEmpty().WithMessage("Say how it is done today.").MaximumLength(ProposalValidator.TextLength).Must(ProposalValidator.IsPlain).WithMessage(ProposalValidator.Plain);
        RuleFor(c => c.PerMonth).InclusiveBetween(1, 1_000_000).WithMessage("Write how often in a month, from 1 to 1,000,000.");
        RuleFor(c => c.Minutes).InclusiveBetween(1, 10_000).WithMessage("Write the minutes each time, from 1 to 10,000.");
        RuleFor(c => c.People).InclusiveBetween(1, 1000).WithMessage("Write how many people are needed each time, from 1 to 1,000.");
        RuleFor(c => c.Value).InclusiveBetween(1, Candidate.Highest).WithMessage("Choose a value from 1 to 5.");
        RuleFor(c => c.Feasibility).InclusiveBetween(1, Candidate.Highest).WithMessage("Choose a feasibility from 1 to 5.");
    }

    /// <summary>Refuses with a message for each field, named as in the API.</summary>
    public void Demand(CandidateDraft draft)
    {
        var result = Validate(draft);
        if (!result.IsValid)
        {
            throw new InvalidFieldsException(result.Errors.GroupBy(e => char.ToLowerInvariant(e.PropertyName[0]) + e.PropertyName[1..]).ToDictionary(g => g.Key, g => g.Select(e => e.ErrorMessage).Distinct().ToArray()));
        }
    }
}
