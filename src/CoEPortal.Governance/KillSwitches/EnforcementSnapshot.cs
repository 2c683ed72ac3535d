using System.Collections.Frozen;
using System.Data;
using System.Globalization;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>A machine token, as far as the door needs it.</summary>
public sealed record TokenHolder(Guid Id, string Name, IReadOnlySet<string> Scopes, string? UseCaseKey, DateTimeOffset ExpiresAt);

/// <summary>All that verdicts depend on, at one generation. Immutable; a change makes a new one.</summary>
public sealed class EnforcementSnapshot
{
    public required long Generation
    {
        get;
        init
        {
            field = value;
            GenerationText = value.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Which database this is of, whatever its age.</summary>
    public Guid World { get; init; }

    public string GenerationText { get; private init; } = "";

    public required FrozenDictionary<string, GovernedUseCase> UseCases { get; init; }

    public required FrozenDictionary<(CredentialKind Kind, string Value), string> Credentials { get; init; }

    public required FrozenDictionary<string, EngagedSwitch> Models { get; init; }

    public required FrozenDictionary<string, EngagedSwitch> Gateways { get; init; }

    public required EngagedSwitch? Everything { get; init; }

    /// <summary>The newest checkpoint of the audit log when this generation was read, for whoever keeps the snapshot; null before the first.</summary>
    public string? LogCheckpoint { get; init; }

    /// <summary>Who has completed what use cases require.</summary>
    public TrainedLearners Training { get; init; } = TrainedLearners.Nobody;

    /// <summary>Whether anything at all is engaged; if not, a verdict need not look.</summary>
    public bool HasSwitches { get; init; }

    public required FrozenDictionary<string, TokenHolder> Tokens { get; init; }

    /// <summary>Knows nobody, so everything is denied. What a node holds before it has read the database.</summary>
    public static EnforcementSnapshot Nothing { get; } = new()
    {
        Generation = 0,
        UseCases = FrozenDictionary<string, GovernedUseCase>.Empty,
        Credentials = FrozenDictionary<(CredentialKind, string), string>.Empty,
        Models = FrozenDictionary<string, EngagedSwitch>.Empty,
        Gateways = FrozenDictionary<string, EngagedSwitch>.Empty,
        Everything = null,
        Tokens = FrozenDictionary<string, TokenHolder>.Empty,
    };

    /// <summary>Every identity the gateway gives must lead to the same use case: two answers are none.</summary>
    public bool TryIdentify(in VerdictRequest request, out GovernedUseCase useCase)
    {
        string? key = null;
        useCase = null!;
        return Agree(request.KeyHash, CredentialKind.KeyHash, ref key)
            && Agree(request.Route, CredentialKind.Route, ref key)
            && Agree(request.Team, CredentialKind.Team, ref key)
            && (request.UseCase is null || key is null || key == request.UseCase)
            && (key ?? request.UseCase) is { } found
            && UseCases.TryGetValue(found, out useCase!);
    }

    /// <summary>Every engaged switch that holds this request, the widest first.</summary>
    internal IEnumerable<EngagedSwitch> SwitchesOf(GovernedUseCase useCase, VerdictRequest request)
    {
        EngagedSwitch?[] all =
        [
            Everything,
            useCase.Stopped,
            request.Gateway is null ? null : Gateways.GetValueOrDefault(request.Gateway),
            request.Model is null ? null : SwitchOfModel(request.Model),
        ];
        return all.OfType<EngagedSwitch>();
    }

    internal EngagedSwitch? SwitchOfModel(string model) => Models.Count == 0 ? null
        : ModelName.Readings(model).Select(name => Models.GetValueOrDefault(name)).FirstOrDefault(engaged => engaged is not null);

    private bool Agree(string? value, CredentialKind kind, ref string? key)
    {
        if (value is null)
        {
            return true;
        }

        if (!Credentials.TryGetValue((kind, value), out var bound) || key is not null && key != bound)
        {
            return false;
        }

        key = bound;
        return true;
    }
}

/// <summary>Reads what enforcement needs, in one consistent view of the database.</summary>
public sealed class EnforcementSnapshots(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<EnforcementSnapshot> LoadAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var view = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var generation = await GenerationAsync(db, cancellation);
        var world = await db.Database.SqlQuery<Guid>($"select world as \"Value\" from enforcement_generation").SingleAsync(cancellation);
        var switches = await db.KillSwitches.AsNoTracking().Where(s => s.State != SwitchState.Released).ToListAsync(cancellation);
        var engaged = switches.ToDictionary(
            s => (s.Scope, s.Target), EngagedSwitch.Of);
        var useCases = await db.UseCases.AsNoTracking().Where(u => u.LatestRevision > 0 || u.Stage == Stage.Registered)
            .Select(u => new { u.Key, u.ApprovedRevision, u.Stage, IsInGrace = u.GraceUntil != null }).ToListAsync(cancellation);
        // The tier of what is in force: a draft that calls itself harmless must not loosen the fail mode of what runs.
        var tiers = await db.Database.SqlQuery<ApprovedTier>(
            $"""
            select u.key as "Key", r.assessment ->> 'tier' as "Tier"
            from use_case u join use_case_revision r on r.use_case_id = u.id and r.number = u.approved_revision
            """).ToDictionaryAsync(t => t.Key, t => Enum.TryParse<RiskTier>(t.Tier, ignoreCase: true, out var tier) ? tier : RiskTier.High, cancellation);
        var missed = (await db.MissedDuties.AsNoTracking().Where(d => d.Since != null).OrderBy(d => d.DeniesFrom).ToListAsync(cancellation)).ToLookup(d => d.UseCaseKey);
        var canary = (await db.Database.SqlQuery<bool>($"select is_halted as \"Value\" from canary").ToListAsync(cancellation))[0];
        var credentials = await db.CredentialBindings.AsNoTracking().Where(b => b.RemovedAt == null)
            .Select(b => new { b.Kind, b.Value, b.UseCaseKey }).ToListAsync(cancellation);
        var tokens = await db.MachineTokens.AsNoTracking().Where(t => t.RevokedAt == null).ToListAsync(cancellation);
        var required = (await db.Courses.AsNoTracking().Where(c => c.RequiredBy.Count > 0).OrderBy(c => c.Key).Select(c => new { c.Key, c.RequiredBy }).ToListAsync(cancellation))
            .SelectMany(c => c.RequiredBy.Select(useCase => (useCase, c.Key))).ToLookup(r => r.useCase, r => r.Key);
        var training = required.Count == 0 ? TrainedLearners.Nobody : await TrainedLearners.LoadAsync(db, cancellation);
        var checkpoint = await StoredCheckpoint.NewestAsync((NpgsqlConnection)db.Database.GetDbConnection(), cancellation);
        return new EnforcementSnapshot
        {
            Generation = generation,
            World = world,
            LogCheckpoint = checkpoint?.Note,
            UseCases = useCases.Select(u => Governed(u.Key, (u.ApprovedRevision is not null || u.IsInGrace) && u.Stage is not Stage.Retired))
                .Append(new GovernedUseCase(StartDrill.Canary, true, RiskTier.High, canary ? new EngagedSwitch(Guid.Empty, "drill") : null))
                .ToFrozenDictionary(u => u.Key),
            Credentials = credentials.ToFrozenDictionary(c => (c.Kind, c.Value), c => c.UseCaseKey),
            Models = Of(SwitchScope.Model),
            Gateways = Of(SwitchScope.Gateway),
            Everything = engaged.GetValueOrDefault((SwitchScope.All, KillSwitch.Everything)),
            HasSwitches = engaged.Count > 0 || canary,
            Training = training,
            Tokens = tokens.ToFrozenDictionary(
                t => t.TokenHash, t => new TokenHolder(t.Id, t.Name, t.Scopes.ToFrozenSet(), t.UseCaseKey, t.ExpiresAt)),
        };

        GovernedUseCase Governed(string key, bool isApproved)
        {
            var denying = missed[key].FirstOrDefault(d => d.Denies);
            var grace = missed[key].FirstOrDefault(d => !d.Denies);
            return new GovernedUseCase(
                key, isApproved && denying is null, tiers.GetValueOrDefault(key, RiskTier.High), engaged.GetValueOrDefault((SwitchScope.UseCase, key)),
                isApproved && denying is not null ? MissedDuty.WordOf(denying.Duty) : null,
                isApproved && denying is null && grace is not null ? $"{MissedDuty.WordOf(grace.Duty)} until {grace.DeniesFrom!.Value.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" : null,
                [.. required[key]]);
        }

        FrozenDictionary<string, EngagedSwitch> Of(SwitchScope scope) =>
            engaged.Where(e => e.Key.Scope == scope).DistinctBy(e => e.Key.Target, StringComparer.OrdinalIgnoreCase)
                .ToFrozenDictionary(e => e.Key.Target, e => e.Value, StringComparer.OrdinalIgnoreCase);
    }

    private sealed record ApprovedTier(string Key, string? Tier);

    public async Task<long> GenerationAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await GenerationAsync(db, cancellation);
    }

    /// <summary>Tells the console that a node applies a generation since now, by the database's clock.</summary>
    public async Task AcknowledgeAsync(string node, long generation, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into enforcement_node (name, generation, applied_at, seen_at) values ({node}, {generation}, clock_timestamp(), clock_timestamp())
            on conflict (name) do update set seen_at = excluded.seen_at,
              applied_at = case when enforcement_node.generation = excluded.generation then enforcement_node.applied_at else excluded.applied_at end,
              generation = greatest(enforcement_node.generation, excluded.generation)
            """, cancellation);
    }

    private static Task<long> GenerationAsync(GovernanceDb db, CancellationToken cancellation) =>
        db.Database.SqlQuery<long>($"select value as \"Value\" from enforcement_generation").SingleAsync(cancellation);
}
