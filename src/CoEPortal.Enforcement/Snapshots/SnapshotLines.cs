using System.Globalization;
using System.Text;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Enforcement.Snapshots;

/// <summary>
/// The snapshot for gateways without a JSON parser: one entry a line, ten fields with a tab between them, a last line that
/// proves that nothing was cut off. <c>GET /gov/v1/snapshot.txt</c>; SNAPSHOT.md says the fields.
/// </summary>
internal static class SnapshotLines
{
    public static byte[] Of(EnforcementSnapshot snapshot)
    {
        var text = new StringBuilder();
        var count = 0;
        Line("everything", "*", snapshot.Everything, "deny", 0, true);
        foreach (var useCase in snapshot.UseCases.Values.OrderBy(u => u.Key, StringComparer.Ordinal))
        {
            Line("use_case", useCase.Key, useCase.Courses.Count == 0 ? useCase.Stopped : null, useCase.FailsOpen ? "open" : "closed", (long)useCase.MaxStale.TotalSeconds, useCase.Approved, useCase.Courses.Count == 0 ? null : SnapshotDocument.StateOf(useCase));
        }

        foreach (var (model, engaged) in snapshot.Models.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            Line("model", model.ToLowerInvariant(), engaged, "deny", 0, true);
        }

        foreach (var (gateway, engaged) in snapshot.Gateways.OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            Line("gateway", gateway, engaged, "deny", 0, true);
        }

        foreach (var (credential, useCase) in snapshot.Credentials.OrderBy(c => c.Key.Kind).ThenBy(c => c.Key.Value, StringComparer.Ordinal))
        {
            var kind = credential.Kind switch { CredentialKind.KeyHash => "key_hash", CredentialKind.Route => "route", _ => "team" };
            Write(kind, credential.Value, useCase);
        }

        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"coe-snapshot\t1\t{snapshot.Generation}\n{text}end\t{count}\n"));

        void Line(string kind, string name, EngagedSwitch? engaged, string failMode, long maxStale, bool approved, string? state = null) => Write(
            kind, name, state ?? SnapshotDocument.StateOf(engaged), approved ? "approved" : "not_approved", failMode, maxStale.ToString(CultureInfo.InvariantCulture),
            (engaged?.Share ?? 0).ToString(CultureInfo.InvariantCulture), engaged?.Mode is SwitchMode.Degrade ? "degrade" : engaged is null ? "-" : "stop",
            engaged?.FallbackModel?.ToLowerInvariant() ?? "-", engaged?.Reason ?? "-");

        void Write(params ReadOnlySpan<string> fields)
        {
            count++;
            text.AppendJoin('\t', fields).Append('\n');
        }
    }
}
