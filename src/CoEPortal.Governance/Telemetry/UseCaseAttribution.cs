using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// Whose calls these are. In this order: what the sender's token is bound to; what the gateway's credential is bound to;
/// what the deployment says; what the calling code says; tags. A name of no known use case says nothing. Baggage is not
/// read at all: whoever calls could write any use case into it.
/// </summary>
internal sealed class UseCaseAttribution
{
    private readonly string? _boundUseCase;
    private readonly HashSet<string> _known;
    private readonly Dictionary<(CredentialKind, string), string> _credentials;

    private UseCaseAttribution(string? boundUseCase, HashSet<string> known, Dictionary<(CredentialKind, string), string> credentials) =>
        (_boundUseCase, _known, _credentials) = (boundUseCase, known, credentials);

    /// <summary>Reads what the calls refer to: one query for use cases, one for credentials, none for a bound token.</summary>
    public static async Task<UseCaseAttribution> ForAsync(
        GovernanceDb db, IReadOnlyCollection<ReportedCall> calls, string? boundUseCase, CancellationToken cancellation)
    {
        if (boundUseCase is not null)
        {
            return new UseCaseAttribution(boundUseCase, [], []);
        }

        var claimed = calls.SelectMany(ClaimsOf).Select(c => c.Key).Distinct().ToList();
        HashSet<string> known = claimed.Count == 0 ? []
            : [.. await db.UseCases.AsNoTracking().Where(u => claimed.Contains(u.Key)).Select(u => u.Key).ToListAsync(cancellation)];
        var values = calls.SelectMany(CredentialsOf).Select(c => c.Value).Distinct().ToList();
        var credentials = values.Count == 0 ? []
            : (await db.CredentialBindings.AsNoTracking().Where(b => b.RemovedAt == null && values.Contains(b.Value)).ToListAsync(cancellation))
                .ToDictionary(b => (b.Kind, b.Value), b => b.UseCaseKey);
        return new UseCaseAttribution(null, known, credentials);
    }

    public (string? UseCase, string Attribution) Of(ReportedCall call)
    {
        if (_boundUseCase is not null)
        {
            return (_boundUseCase, Attribution.Token);
        }

        var bound = CredentialsOf(call).Select(c => _credentials.GetValueOrDefault(c)).OfType<string>().Distinct().ToList();
        // Two credentials of two use cases are two answers to one question: they say nothing.
        if (bound.Count == 1)
        {
            return (bound[0], Attribution.Credential);
        }

        return ClaimsOf(call).FirstOrDefault(c => _known.Contains(c.Key)) is { Key: { } key } claim ? (key, claim.Attribution) : (null, Attribution.None);
    }

    private static IEnumerable<(string Key, string Attribution)> ClaimsOf(ReportedCall call)
    {
        (string? Key, string Attribution)[] claims =
        [
            (call.ClaimedUseCase, Attribution.Resource), (call.SpanUseCase, Attribution.Span), (call.TaggedUseCase, Attribution.Tag),
        ];
        return claims.Where(c => c.Key is not null).Select(c => (c.Key!, c.Attribution));
    }

    /// <summary>Only a gateway knows by which credential somebody called.</summary>
    private static IEnumerable<(CredentialKind Kind, string Value)> CredentialsOf(ReportedCall call)
    {
        (CredentialKind Kind, string? Value)[] credentials =
        [
            (CredentialKind.KeyHash, call.KeyHash), (CredentialKind.Team, call.Team), (CredentialKind.Route, call.Route),
        ];
        return call.IsOfGateway ? credentials.Where(c => c.Value is not null).Select(c => (c.Kind, c.Value!)) : [];
    }
}
