using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Cards;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.Dpia;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>Cards, impact assessments and documents of the demo organisation. Invented, as is the model.</summary>
public sealed class DemoRecords(
    IDbContextFactory<GovernanceDb> databases, VersionedFiles<CardTemplate> cards, VersionedFiles<DpiaTemplate> dpias, EndReviewOf reviews, DpiaNotices notices, PublishedDefinitions workflows, LaneRuntime lanes,
    SweepDuties duties, Organisation organisation, TimeProvider realClock)
{
    private const string Imported = """
        ---
        license: apache-2.0
        language:
        - en
        - de
        base_model: nordhaven/small-reader
        x-internal-ticket: ML-412
        ---

        # small-reader

        Reads letters and says what they are about.

        ## Model Details

        An encoder of 300 million parameters, fine-tuned on 40,000 letters that customers agreed to.

        ## Uses

        ### Direct Use

        Sorting of incoming letters, before a person reads them.

        ### Out-of-Scope Use

        Decisions about claims. Health data.

        ## Bias, Risks, and Limitations

        Reads handwriting badly; letters in Danish are sorted as German.

        ## Training Data

        Letters of 2021 to 2024, names removed.

        ## Evaluation

        4,000 letters of 2025: 94 per cent sorted as people would.

        ## Carbon accounting

        12 hours on two cards.
        """;

    internal async Task MakeAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var people = new[] { Who("privacy"), Who("coe-lead"), Who("risk") }.Select(a => a.Id.Value).ToList();
        var approved = (await db.UseCases.AsNoTracking().Where(u => u.ApprovedRevision != null && (u.Lane == Lane.Standard || u.Lane == Lane.Full)).OrderBy(u => u.Key).ToListAsync(cancellation))
            .Where(u => !u.Editors.Exists(people.Contains)).Take(3).ToList();
        var model = await Write(60).ImportAsync(Encoding.UTF8.GetBytes(Imported), CardKind.Model, null, "2025-03", null, Who("security"), cancellation);
        await Publish(58).RunAsync(model.Key, model.ContentHash, null, Who("risk"), cancellation);
        await Write(20).StartAsync(new CardDraft(CardKind.Model, approved.Select(u => u.Draft.Endpoints).FirstOrDefault(e => e.Count > 0)?[0] ?? "big-model", "1", null, new CardContent()), Who("security"), cancellation);
        foreach (var (useCase, at) in approved.Select((u, i) => (u, i)))
        {
            await CardAsync(useCase, at, cancellation);
            await AssessAsync(useCase, at, cancellation);
        }

        await PapersAsync(approved[0], cancellation);

        await duties.RunAsync(cancellation);
    }

    private async Task CardAsync(UseCase useCase, int at, CancellationToken cancellation)
    {
        if (at == 2)
        {
            return;
        }

        var template = cards.InForce(realClock.GetUtcNow());
        var texts = new Dictionary<string, string>
        {
            ["details"] = $"{useCase.Title}, run by {useCase.Draft.OperationalOwner}.",
            ["intended-use"] = useCase.Draft.Problem,
            ["out-of-scope"] = "Decisions about people without somebody who reads them first.",
            ["architecture"] = $"Models: {string.Join(", ", useCase.Draft.Endpoints)}. Retrieval over {string.Join(", ", useCase.Draft.DataSources)}.",
            ["oversight"] = "A person of the business unit reads each output and can discard it.",
            ["monitoring"] = "Errors, cost, feedback and a golden set; the kill criteria of the one-pager stop it.",
            ["data-flows"] = $"Kept in {useCase.Draft.Residency}; prompts are deleted after 30 days.",
        };
        var sections = template.Of(CardKind.System).Where(s => s.Required).ToDictionary(s => s.Id, s => texts.GetValueOrDefault(s.Id, "As in the golden set: 400 questions with answers that experts agreed on."));
        var author = await AuthorAsync(useCase, cancellation);
        var card = await Write(45).StartAsync(new CardDraft(CardKind.System, useCase.Title, "", useCase.Key, new CardContent { Sections = sections }), author, cancellation);
        await Publish(44).RunAsync(card.Key, card.ContentHash, at == 1 ? organisation.DayOf(realClock.GetUtcNow()).AddDays(14) : null, Who("risk"), cancellation);
        if (at == 0)
        {
            sections["caveats"] = "Wordings before 2026 are no longer in the index.";
            card = await Write(10).SaveAsync(card.Key, card.Name, "", card.Draft with { Sections = sections }, card.Version + 1, author, cancellation: cancellation);
            await Publish(9).RunAsync(card.Key, card.ContentHash, null, Who("risk"), cancellation);
        }
    }

    private async Task AssessAsync(UseCase useCase, int at, CancellationToken cancellation)
    {
        var author = await AuthorAsync(useCase, cancellation);
        var template = dpias.InForce(realClock.GetUtcNow());
        var write = new WriteDpia(databases, dpias, reviews, new DemoClock(Ago(40)));
        var dpia = await write.StartAsync(useCase.Key, author, cancellation);
        if (at == 2)
        {
            return;
        }

        var answers = template.Steps.SelectMany(s => s.Fields).ToDictionary(f => f.Id, f => dpia.Draft.Answer(f.Id) is { Length: > 0 } said ? said : "As in the record of processing; a person of the business unit answers for it.");
        answers["lawful-basis"] = "Performance of the contract (Article 6(1)(b)).";
        answers["retention"] = "Prompts and answers for 30 days, figures for 13 months.";
        dpia = await write.SaveAsync(dpia.Key, dpia.Draft with
        {
            Outcome = ScreeningOutcome.Required,
            Answers = answers,
            Risks =
            [
                new DpiaRisk { Title = "A letter about one customer reaches another", Kind = RiskKind.IllegitimateAccess, Likelihood = Likelihood.Possible, Harm = Harm.Significant, Measure = "A person reads each letter before it leaves; the address comes from the contract, not from the model.", ResidualHarm = Harm.Significant },
                new DpiaRisk { Title = "A wrong summary is believed", Kind = RiskKind.UnwantedChange, Likelihood = Likelihood.Possible, Harm = Harm.Severe, Measure = "The source is shown beside each sentence; a golden set of 400 questions before each change.", ResidualLikelihood = Likelihood.Remote, ResidualHarm = Harm.Significant },
                new DpiaRisk { Title = "It is not there when work depends on it", Kind = RiskKind.LossOfData, Likelihood = Likelihood.Remote, Harm = Harm.Minimal },
                .. at == 1 ? [LeftHigh] : Array.Empty<DpiaRisk>(),
            ],
            PriorConsultation = at == 1 ? "The authority was consulted (Article 36) and answered within its eight weeks: no objection, if groups below 30 are not shown." : "",
        }, dpia.Version, author, cancellation: cancellation);
        await Sign(39).AskAsync(dpia.Key, dpia.ContentHash, author, cancellation);
        await Sign(38).AdviseAsync(dpia.Key, "Delete prompts after 30 days, and say in each letter that AI took part.", dpia.ContentHash, Who("privacy"), cancellation);
        if (at == 0)
        {
            await Sign(37).AnswerAsync(dpia.Key, true, "Both are done.", author, cancellation);
            await Sign(36).SignOffAsync(dpia.Key, dpia.ContentHash, null, Who("coe-lead"), cancellation);
        }
        else
        {
            await Sign(5).AnswerAsync(dpia.Key, true, "Both are done; the authority’s answer is in the text.", author, cancellation);
            await new AskDpiaReview(databases, workflows, lanes, dpias, new DemoClock(Ago(2))).RunAsync(dpia.Key, dpia.ContentHash, author, cancellation);
        }
    }

    private static DpiaRisk LeftHigh { get; } = new()
    {
        Title = "From many answers together something about one person can be read",
        Kind = RiskKind.IllegitimateAccess,
        Likelihood = Likelihood.Probable,
        Harm = Harm.Severe,
        Measure = "Groups below 30 are not shown; answers are kept for a week only.",
        ResidualLikelihood = Likelihood.Probable,
        ResidualHarm = Harm.Severe,
    };

    private async Task PapersAsync(UseCase useCase, CancellationToken cancellation)
    {
        var author = await AuthorAsync(useCase, cancellation);
        var draft = await Keep(42).AddAsync(useCase.Key, "Agreement with the works council, draft", UploadedFile.Read("works-council-draft.txt", "Draft of 3 September, not signed.\n"u8.ToArray()), author, cancellation);
        await Keep(30).AddAsync(useCase.Key, "Agreement with the works council", UploadedFile.Read("works-council.txt", "No figures of single persons are read. Signed on 12 September.\n"u8.ToArray()), author, cancellation);
        await Keep(30).WithdrawAsync(useCase.Key, draft.Number, "The signed one is there.", author, cancellation: cancellation);
    }

    private KeepDocuments Keep(double daysAgo) => new(databases, reviews, new DemoClock(Ago(daysAgo)));

    /// <summary>Whoever wrote it, as the policy knows them.</summary>
    private async Task<Actor> AuthorAsync(UseCase useCase, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return (await db.People.AsNoTracking().SingleAsync(p => p.Id == useCase.Editors[0], cancellation)).Actor;
    }

    private WriteCard Write(double daysAgo) => new(databases, cards, reviews, new DemoClock(Ago(daysAgo)));

    private PublishCard Publish(double daysAgo) => new(databases, cards, reviews, organisation, new DemoClock(Ago(daysAgo)));

    private SignDpia Sign(double daysAgo) => new(databases, dpias, notices, organisation, new DemoClock(Ago(daysAgo)));

    private DateTimeOffset Ago(double days) => realClock.GetUtcNow().AddDays(-days);

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
