using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Cards;

/// <summary>What somebody writes of a model or a system.</summary>
public sealed record CardDraft(CardKind Kind, string Name, string ModelVersion, string? UseCaseKey, CardContent Content);

/// <summary>Starts a card, empty or from a published one, and saves its text as it is written.</summary>
public sealed class WriteCard(IDbContextFactory<GovernanceDb> databases, VersionedFiles<CardTemplate> templates, EndReviewOf reviews, TimeProvider clock)
{
    public async Task<Card> StartAsync(CardDraft draft, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await DemandMayWriteAsync(db, draft.Kind, draft.UseCaseKey, by, cancellation);
        var now = clock.GetUtcNow();
        var content = draft.Content.Checked(templates.InForce(now), draft.Kind);
        if (draft.UseCaseKey is { } useCase)
        {
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"card/" + useCase}, 0))", cancellation);
            Refuse.If(await db.Cards.AnyAsync(c => c.UseCaseKey == useCase, cancellation), "card-exists", $"{useCase} has a system card already.");
        }

        var number = await db.Database.SqlQuery<long>($"select nextval('card_number') as \"Value\"").SingleAsync(cancellation);
        var card = Card.Start(FormattableString.Invariant($"CARD-{number:0000}"), draft.Kind, draft.Name, draft.ModelVersion, draft.UseCaseKey, content, by, now);
        db.Cards.Add(card);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return card;
    }

    /// <param name="file">Markdown, with YAML in front or not.</param>
    /// <param name="name">What it is called; null takes the title of the file.</param>
    public Task<Card> ImportAsync(ReadOnlyMemory<byte> file, CardKind kind, string? name, string modelVersion, string? useCaseKey, Actor by, CancellationToken cancellation = default)
    {
        var read = CardMarkdown.Parse(file.Span, templates.InForce(clock.GetUtcNow()), kind);
        return StartAsync(new CardDraft(kind, string.IsNullOrWhiteSpace(name) ? read.Title : name, modelVersion, useCaseKey, read.Content), by, cancellation);
    }

    /// <param name="version">What the writer saw: a change in between is refused, and nothing is lost on either side.</param>
    /// <param name="endsReviews">Reviews that are decided with the text as it was end, and are submitted again.</param>
    public async Task<Card> SaveAsync(string key, string name, string modelVersion, CardContent content, int version, Actor by, bool endsReviews = false, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var card = await db.Cards.SingleOrDefaultAsync(c => c.Key == key, cancellation) ?? throw new NotFoundException("card", key);
        await DemandMayWriteAsync(db, card.Kind, card.UseCaseKey, by, cancellation);
        Refuse.If(version != card.Version, "changed-meanwhile", $"{key} was changed in another tab or by somebody else since you opened it. Your text is still on this page: copy what you need, then load the newer one.");
        var now = clock.GetUtcNow();
        if (card.Kind is CardKind.System && await EndReviewOf.UnderReviewAsync(db, key, cancellation) is { Count: > 0 } reviewed)
        {
            Refuse.If(!endsReviews, "in-review", $"{string.Join(", ", reviewed)} is being decided on with this card as it is. Changing it ends that review, and the authors submit again.");
            await reviews.RunAsync(db, key, by, now, cancellation);
        }

        card.Save(name, modelVersion, content.Checked(templates.InForce(now), card.Kind), by, now);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return card;
    }

    public async Task<Card> GiveAsync(string key, PersonId owner, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var card = await db.Cards.SingleOrDefaultAsync(c => c.Key == key, cancellation) ?? throw new NotFoundException("card", key);
        await DemandMayWriteAsync(db, card.Kind, card.UseCaseKey, by, cancellation);
        var person = await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == owner.Value && p.IsActive, cancellation);
        Refuse.If(person is null || !AccessPolicy.Allows(person.Actor, Permission.WriteCards), "owner-cannot", "Only somebody who may write cards can own one. Choose another person.");
        card.GiveTo(person.Actor, by, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        return card;
    }

    private static async Task DemandMayWriteAsync(GovernanceDb db, CardKind kind, string? useCaseKey, Actor by, CancellationToken cancellation)
    {
        Refuse.If(kind is CardKind.System == useCaseKey is null, "use-case-required", "A system card belongs to a use case, a model card to none.");
        if (useCaseKey is null)
        {
            AccessPolicy.Demand(by, Permission.WriteCards);
            return;
        }

        AccessPolicy.Demand(by, Permission.WriteCards, await db.DemandReadableAsync(useCaseKey, by, cancellation));
    }
}
