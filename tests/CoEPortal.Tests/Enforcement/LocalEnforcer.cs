using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CoEPortal.Enforcement.Snapshots;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Tests.Enforcement;

/// <summary>
/// A gateway that decides by itself, as SNAPSHOT.md asks of every gateway. Never throws on bad input: it keeps what it has.
/// </summary>
/// <param name="gateway">Its own name, for the switches of gateways.</param>
/// <param name="certificate">Who has to have signed what it takes; null takes what is unsigned too.</param>
internal sealed class LocalEnforcer(string gateway, X509Certificate2? certificate = null)
{
    private Held _held = new(0, null, [], [], []);
    private long _confirmedAt = long.MinValue;

    public long Generation => _held.Generation;

    /// <summary>What it would write to disk: the last body it took.</summary>
    public byte[]? Body { get; private set; }

    /// <summary>Takes a snapshot if it is signed, readable and not older than what it holds.</summary>
    /// <param name="body">As received.</param>
    /// <param name="signature">The detached JWS that came with it.</param>
    /// <param name="now">Milliseconds of a clock that only goes forward.</param>
    /// <param name="age">How old the node said its copy is.</param>
    /// <returns>Why it was refused, or null when it was taken.</returns>
    public string? Apply(byte[] body, string signature, long now, TimeSpan age = default)
    {
        if (certificate is not null && !SnapshotSigner.Verify(body, signature, certificate))
        {
            return "bad-signature";
        }

        if (Read(body) is not { } read)
        {
            return "unreadable";
        }

        if (read.Generation < _held.Generation)
        {
            return "older";
        }

        (_held, Body) = (read, body);
        Confirm(now, age);
        return null;
    }

    /// <summary>A node said that nothing changed (304), or the stream pinged.</summary>
    public void Confirm(long now, TimeSpan age = default) => _confirmedAt = Math.Max(_confirmedAt, now - (long)age.TotalMilliseconds);

    /// <returns>Whether it may run, and why not.</returns>
    public (bool Allowed, string Reason) Decide(string useCase, long now, string? model = null, string? requestId = null)
    {
        if (!_held.UseCases.TryGetValue(useCase, out var entry))
        {
            return (false, Verdict.UnknownUseCase);
        }

        Entry?[] entries = [_held.Everything, entry, _held.Gateways.GetValueOrDefault(gateway), model is null ? null : _held.Models.GetValueOrDefault(model)];
        foreach (var held in entries.OfType<Entry>())
        {
            if (!held.Allows(model, requestId))
            {
                return (false, held.Reason.Length > 0 ? held.Reason : held.State);
            }
        }

        var stale = _confirmedAt == long.MinValue || now - _confirmedAt > entry.MaxStaleSeconds * 1000;
        return !entry.Approved ? (false, Verdict.NotApproved)
            : stale && entry.FailMode != "open" ? (false, Verdict.Stale)
            : (true, stale ? Verdict.FailOpen : "");
    }

    private static Held? Read(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8 });
            var root = json.RootElement;
            return root.GetProperty("format").GetInt32() != 1 || root.GetProperty("default").GetString() != "deny" ? null : new Held(
                root.GetProperty("generation").GetInt64(), Entry.Read(root.GetProperty("everything")), Named("use_cases", "use_case"), Named("models", "model"),
                Named("gateways", "gateway"));

            Dictionary<string, Entry> Named(string list, string name) => root.GetProperty(list).EnumerateArray()
                .ToDictionary(e => e.GetProperty(name).GetString()!, Entry.Read, StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private sealed record Held(
        long Generation, Entry? Everything, Dictionary<string, Entry> UseCases, Dictionary<string, Entry> Models, Dictionary<string, Entry> Gateways);

    // Only the word "allow" allows; a missing, blank or new word does not.
    private sealed record Entry(string State, string Held, string Reason, string DegradeTo, int Share, bool Approved, string FailMode, long MaxStaleSeconds)
    {
        public bool Allows(string? model, string? requestId) =>
            State == "allow"
            || State == "limited" && RequestShare.Includes(requestId, Share)
            || (State == "degrade" || State == "limited" && Held == "degrade") && model is not null && DegradeTo.Length > 0
                && string.Equals(model, DegradeTo, StringComparison.OrdinalIgnoreCase);

        public static Entry Read(JsonElement json) => new(
            Text(json, "state"), Text(json, "held"), Text(json, "reason"), Text(json, "degrade_to"), (int)Number(json, "share"),
            json.TryGetProperty("approved", out var approved) && approved.ValueKind is JsonValueKind.True, Text(json, "fail_mode"), Number(json, "max_stale_s"));

        private static string Text(JsonElement json, string name) =>
            json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString()! : "";

        private static long Number(JsonElement json, string name) =>
            json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) ? Math.Clamp(number, 0, 86_400) : 0;
    }
}
