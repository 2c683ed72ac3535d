using System.Text.RegularExpressions;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Portfolio;

/// <summary>A use case that may be the same thing.</summary>
/// <param name="NameAlike">How alike the names are, from 0 to 1, by their trigrams.</param>
/// <param name="WordsShared">How many of the telling words it shares, whatever their endings.</param>
public sealed record LikelyDuplicate(string Key, string Title, string BusinessUnit, Stage Stage, double NameAlike, int WordsShared, int WordsAsked);

/// <param name="Found">Those that the reader may see, the likeliest first.</param>
/// <param name="Elsewhere">Something of nearly the same name exists where the reader may not look. Neither what nor whose is told.</param>
public sealed record DuplicatesFound(IReadOnlyList<LikelyDuplicate> Found, bool Elsewhere);

/// <summary>Finds what was proposed or registered before, by the spelling of its name (trigrams) and by what it says (full text).</summary>
public sealed partial class LikelyDuplicates(IDbContextFactory<GovernanceDb> databases)
{
    public const int Most = 5;
    private const int ShortestTitle = 4;
    private const int LongestText = 1000;
    private const int TitleWords = 5;
    private const int ProblemWords = 5;

    /// <summary>Names this alike are worth a look; and this alike even when nothing of the other may be shown.</summary>
    private const double AlikeName = 0.4;
    private const double NearlySameName = 0.6;
    private const double SharedWords = 0.6;
    private const int LeastShared = 3;

    public async Task<DuplicatesFound> OfAsync(string title, string problem, string? exceptKey, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        (title, problem) = (Cut(title, ProposalValidator.LineLength), Cut(problem, LongestText));
        if (title.Length < ShortestTitle)
        {
            return new([], false);
        }

        await using var db = await databases.CreateDbContextAsync(cancellation);
        // For this transaction: below it the index itself leaves names out.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"select set_config('pg_trgm.similarity_threshold', '0.4', true)", cancellation);
        var told = await db.Database.SqlQuery<Word>(
            $"""
            select 'title' "Of", lexeme "Lexeme" from unnest(to_tsvector('english', {title}))
            union all select 'problem', lexeme from unnest(to_tsvector('english', {problem}))
            """).ToListAsync(cancellation);
        var words = Telling(told.Where(w => w.Of == "title"), TitleWords).Union(Telling(told.Where(w => w.Of == "problem"), ProblemWords))
            .OrderByDescending(w => w.Length).ThenBy(w => w, StringComparer.Ordinal).ToArray();
        var query = string.Join(" | ", AnyThreeOf(words));
        var ownOnly = AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases);
        var (me, unit, except) = (reader.Id.Value, reader.BusinessUnit, exceptKey ?? "");
        var found = await db.Database.SqlQuery<Row>(
            $"""
            with candidate as (
              select key, title, business_unit, stage, words, similarity(title, {title}) alike from use_case
              where title % {title} and key <> {except} and (not {ownOnly} or business_unit = {unit} or {me} = any (editors))
              union
              (select key, title, business_unit, stage, words, similarity(title, {title}) alike from use_case
              where {query} <> '' and words @@ {query}::tsquery and key <> {except} and (not {ownOnly} or business_unit = {unit} or {me} = any (editors))
              limit 100)
            ), judged as (
              select *, (select count(*)::int from unnest({words}) w where words @@ quote_literal(w)::tsquery) shared from candidate
            )
            select key "Key", title "Title", business_unit "BusinessUnit", stage "Stage", alike::float8 "Alike", shared "Shared" from judged
            where alike >= {AlikeName} or shared >= {SharedWords} * {words.Length} and shared >= {LeastShared}
            order by greatest(alike, 0.85 * shared / greatest({words.Length}, 1)) desc, key limit {Most}
            """).ToListAsync(cancellation);
        var elsewhere = ownOnly && (await db.Database.SqlQuery<bool>(
            $"""
            select exists (select from use_case where title % {title} and similarity(title, {title}) >= {NearlySameName}
              and key <> {except} and business_unit <> {unit} and {me} <> all (editors)) "Value"
            """).ToListAsync(cancellation))[0];
        return new([.. found.Select(f => new LikelyDuplicate(f.Key, f.Title, f.BusinessUnit, Enum.Parse<Stage>(f.Stage), f.Alike, f.Shared, words.Length))], elsewhere);
    }

    // Long words say more than short ones, and a rare one is seldom short.
    private static string[] Telling(IEnumerable<Word> words, int most) =>
        [.. words.Select(w => w.Lexeme).Where(l => PlainWord().IsMatch(l)).OrderByDescending(l => l.Length).ThenBy(l => l, StringComparer.Ordinal).Take(most)];

    // Whoever shares six of ten shares three of any seven of them, so that the index need not look for more combinations.
    private static IEnumerable<string> AnyThreeOf(string[] words)
    {
        var of = Math.Min(words.Length, words.Length - (int)Math.Ceiling(SharedWords * words.Length) + LeastShared);
        return
            from a in Enumerable.Range(0, of)
            from b in Enumerable.Range(a + 1, of - a - 1)
            from c in Enumerable.Range(b + 1, of - b - 1)
            select $"'{words[a]}' & '{words[b]}' & '{words[c]}'";
    }

    private static string Cut(string text, int length)
    {
        text = text.Replace("\0", "", StringComparison.Ordinal).Trim();
        return text.Length > length ? text[..length] : text;
    }

    [GeneratedRegex(@"^[\p{L}\p{N}]{3,40}$")]
    private static partial Regex PlainWord();

    private sealed record Word(string Of, string Lexeme);

    private sealed record Row(string Key, string Title, string BusinessUnit, string Stage, double Alike, int Shared);
}
