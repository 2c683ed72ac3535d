namespace CoEPortal.Cli;

/// <summary>The command cannot be carried out as it was typed; the message says what to type.</summary>
public sealed class CommandException(string message) : Exception(message);

/// <summary>Words and named options of one command, e.g. <c>FILE --use-case KEY</c>. An unknown option is refused.</summary>
public sealed class CommandLine
{
    private readonly Dictionary<string, List<string>> _options = [];

    public CommandLine(string[] arguments, params string[] known)
    {
        var words = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            if (!argument.StartsWith("--", StringComparison.Ordinal))
            {
                words.Add(argument);
                continue;
            }

            var (name, value) = argument[2..].Split('=', 2) is [var left, var right] ? (left, right) : (argument[2..], null);
            if (!known.Contains(name))
            {
                throw new CommandException($"There is no option --{name}. Options are {string.Join(", ", known.Select(k => "--" + k))}.");
            }

            value ??= ++i < arguments.Length ? arguments[i] : throw new CommandException($"--{name} needs a value.");
            (_options.TryGetValue(name, out var values) ? values : _options[name] = []).Add(value);
        }

        Words = words;
    }

    public IReadOnlyList<string> Words { get; }

    public IReadOnlyList<string> All(string name) => _options.GetValueOrDefault(name) ?? [];

    public string? Optional(string name) => All(name) is [.., var last] ? last : null;

    public string Required(string name) => Optional(name) ?? throw new CommandException($"--{name} is needed.");
}
