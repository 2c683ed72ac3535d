using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CoEPortal.Evidence.Pdf;

/// <summary>
/// A file inside a PDF. Its name is a file name and never a path, on the way in and on the way out: whoever saves
/// attachments under their names must not be led out of the folder.
/// </summary>
public sealed partial class Attachment
{
    public const int MaxNameLength = 200;
    private static readonly SearchValues<char> Reserved = SearchValues.Create(@"/\:*?""<>|");

    /// <param name="name">The file's name, e.g. <c>evidence.json</c>.</param>
    /// <param name="mediaType">RFC 6838 type and subtype without parameters, e.g. <c>application/json</c>.</param>
    /// <param name="data">The file.</param>
    /// <param name="description">What it is, for a person.</param>
    /// <exception cref="ArgumentException">The name is not a plain file name, or the media type is none.</exception>
    public Attachment(string name, string mediaType, ReadOnlyMemory<byte> data, string description = "")
    {
        if (!IsFileName(name))
        {
            throw new ArgumentException("An attachment's name is a file name without path and control characters.", nameof(name));
        }

        if (!MediaTypeForm().IsMatch(mediaType))
        {
            throw new ArgumentException("An attachment's media type reads type/subtype.", nameof(mediaType));
        }

        if (!IsText(description))
        {
            throw new ArgumentException("An attachment's description is text.", nameof(description));
        }

        (Name, MediaType, Data, Description) = (name, mediaType, data, description);
    }

    public string Name { get; }

    public string MediaType { get; }

    public ReadOnlyMemory<byte> Data { get; }

    public string Description { get; }

    private static bool IsFileName(string name) =>
        name.Length is > 0 and <= MaxNameLength
        && name.Trim('.', ' ') == name
        && !name.AsSpan().ContainsAny(Reserved)
        && IsText(name)
        // Directional marks make exe.json of a name that ends in .exe; controls end a line in somebody's log.
        && name.EnumerateRunes().All(r => Rune.GetUnicodeCategory(r) is not (
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator));

    /// <summary>No half of a surrogate pair: such text comes back as another text.</summary>
    private static bool IsText(string text) => !text.EnumerateRunes().Contains(Rune.ReplacementChar);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,63}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex MediaTypeForm();
}
