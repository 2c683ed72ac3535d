using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Policies;

/// <summary>Rules or questions of the organisation that come as a file, with a version and the day from which they hold.</summary>
public interface IVersionedFile
{
    string Version { get; }

    DateOnly EffectiveOn { get; }

    /// <summary>What contradicts itself: a word that stands in the line, and a sentence about it.</summary>
    IEnumerable<(string Word, string Sentence)> Faults();
}

/// <summary>Why a file is not in force.</summary>
/// <param name="Line">From 1; 0 when it is about the whole file.</param>
public sealed record RefusedFile(string File, long Line, string Reason)
{
    public override string ToString() => Line > 0 ? $"{File}, line {Line}: {Reason}" : $"{File}: {Reason}";
}

/// <summary>
/// All versions of one kind of file in a folder. One that cannot be read, or contradicts itself, is refused with its line, and the
/// last good version stays in force.
/// </summary>
public sealed class VersionedFiles<T>
    where T : class, IVersionedFile
{
    private const int MostFiles = 200;
    private const long LargestFile = 256 * 1024;

    private readonly Organisation _organisation;
    private readonly string _pattern;
    private readonly IReadOnlyList<T> _good;

    public VersionedFiles(string folder, string pattern, Organisation organisation)
    {
        (_organisation, _pattern) = (organisation, pattern);
        var (good, refused) = (new List<T>(), new List<RefusedFile>());
        var paths = Directory.Exists(folder) ? Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal).Take(MostFiles) : [];
        foreach (var path in paths)
        {
            var name = Path.GetFileName(path);
            var fault = new FileInfo(path).Length > LargestFile ? new RefusedFile(name, 0, $"The file is larger than {LargestFile / 1024} KB.") : VersionedFile.Read<T>(File.ReadAllText(path), name, out var file) ?? Take(file!);
            if (fault is not null)
            {
                refused.Add(fault);
            }

            RefusedFile? Take(T read)
            {
                if (good.Exists(g => g.Version == read.Version))
                {
                    return new RefusedFile(name, 0, $"Version {read.Version} stands in another file already.");
                }

                good.Add(read);
                return null;
            }
        }

        (_good, Refused) = (good, refused);
    }

    /// <summary>Shown where the file would be used.</summary>
    public IReadOnlyList<RefusedFile> Refused { get; }

    public T InForce(DateTimeOffset at) =>
        _good.Where(f => f.EffectiveOn <= _organisation.DayOf(at)).MaxBy(f => f.EffectiveOn)
        ?? throw new InvalidDataException($"No {_pattern} is in force.{string.Concat(Refused.Select(r => " " + r))}");

    /// <summary>What made something older; null when its file was taken away.</summary>
    public T? OfVersion(string version) => _good.FirstOrDefault(f => f.Version == version);
}
