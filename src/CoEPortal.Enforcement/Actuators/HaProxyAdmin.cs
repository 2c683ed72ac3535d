using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Enforcement.Actuators;

/// <summary>
/// HAProxy's runtime API over its stats socket (management guide, 9.3): entries in a map by which the configuration refuses.
/// The map lives in memory, so a restart of HAProxy empties it until it is read again.
/// </summary>
internal sealed partial class HaProxyAdmin(ActuatorSettings settings) : IGatewayAdmin
{
    private const string Value = "coe-portal";
    private const string ModelPrefix = "model:";
    private const int LargestAnswer = 1 << 20;

    /// <summary>Each command has a connection of its own.</summary>
    public void Dispose()
    {
    }

    public async Task<IReadOnlyDictionary<ActuatorTarget, TargetState>> ReadAsync(IReadOnlyCollection<ActuatorTarget> targets, CancellationToken cancellation)
    {
        var keys = await KeysAsync(cancellation);
        return targets.ToDictionary(t => t, t => keys.ContainsKey(Key(t)) ? TargetState.Blocked : TargetState.Open);
    }

    public async Task BlockAsync(ActuatorTarget target, CancellationToken cancellation)
    {
        // "add map" takes the same key again and again; "set map" only one that is there.
        var verb = (await KeysAsync(cancellation)).ContainsKey(Key(target)) ? "set" : "add";
        await OrderAsync($"{verb} map {settings.Map} {Key(target)} {Value}", cancellation);
    }

    public Task UnblockAsync(ActuatorTarget target, CancellationToken cancellation) => OrderAsync($"del map {settings.Map} {Key(target)}", cancellation);

    private async Task OrderAsync(string command, CancellationToken cancellation)
    {
        if ((await SayAsync(command, cancellation)).Trim() is { Length: > 0 })
        {
            throw new GatewayAdminException($"It did not take \"{command.Split(' ')[0]} map\".");
        }
    }

    private async Task<Dictionary<string, string>> KeysAsync(CancellationToken cancellation)
    {
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in (await SayAsync($"show map {settings.Map}", cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // 0x55d20d0afe60 /claims coe-portal
            if (line.Split(' ', 3) is not [['0', 'x', ..], { Length: > 0 } key, var value])
            {
                throw new GatewayAdminException($"It does not show the map {settings.Map}.");
            }

            keys[key] = value;
        }

        return keys;
    }

    private async Task<string> SayAsync(string command, CancellationToken cancellation)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(settings.Timeout);
        try
        {
            var isLocal = settings.Address.Scheme == "unix";
            using var socket = isLocal ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
            await (isLocal
                ? socket.ConnectAsync(new UnixDomainSocketEndPoint(settings.Address.AbsolutePath), bounded.Token)
                : socket.ConnectAsync(settings.Address.Host, settings.Address.Port, bounded.Token));
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\n"), bounded.Token);
            // One command, then HAProxy closes.
            var answer = new MemoryStream();
            var buffer = new byte[16 * 1024];
            while (await stream.ReadAsync(buffer, bounded.Token) is > 0 and var read)
            {
                answer.Write(buffer, 0, read);
                if (answer.Length > LargestAnswer)
                {
                    throw new GatewayAdminException("The answer is too large.");
                }
            }

            return Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new GatewayAdminException($"No answer within {settings.Timeout.TotalSeconds:0.#} s.", error);
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            throw new GatewayAdminException("Its socket takes no connection.", error);
        }
    }

    /// <summary>
    /// Models have a prefix of their own and small letters, as the configuration asks for them. The runtime API ends a command
    /// at a semicolon and takes # for the number of an entry.
    /// </summary>
    private static string Key(ActuatorTarget target)
    {
        var key = target.Kind is TargetKind.Model ? ModelPrefix + target.Value.ToLowerInvariant() : target.Value;
        return PlainKey().IsMatch(key) && (target.Kind is TargetKind.Model || !key.StartsWith(ModelPrefix, StringComparison.Ordinal))
            ? key
            : throw new GatewayAdminException("It cannot stand in a map: bind it under a name of letters, digits and / . _ : @ = + ~ - only, that does not begin with model:.");
    }

    [GeneratedRegex(@"^(\*|[A-Za-z0-9/][A-Za-z0-9/._:@=+~-]*)$")]
    private static partial Regex PlainKey();
}
