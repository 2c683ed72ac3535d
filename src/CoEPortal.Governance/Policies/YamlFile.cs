using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.Converters;
using YamlDotNet.Serialization.NamingConventions;

namespace CoEPortal.Governance.Policies;

/// <summary>How the files of an organisation are written: names and choices in camel case, days as 2026-11-24, no key twice.</summary>
internal static class YamlFile
{
    // Threads may share it (YamlDotNet 16.1 and later), and what it learnt of a type it knows for the next file.
    private static readonly IDeserializer Deserializer = new DeserializerBuilder()
        .WithNamingConvention(CamelCaseNamingConvention.Instance)
        .WithEnumNamingConvention(CamelCaseNamingConvention.Instance)
        .WithTypeConverter(new DateOnlyConverter(formats: ["yyyy-MM-dd"]))
        .WithDuplicateKeyChecking()
        .Build();

    /// <returns>Null where nothing is written.</returns>
    /// <exception cref="YamlException">It cannot be read; says where.</exception>
    public static T? Read<T>(string yaml)
        where T : class => Deserializer.Deserialize<T?>(yaml);

    /// <param name="name">For the message.</param>
    /// <exception cref="InvalidDataException">It cannot be read, or nothing is written; says where.</exception>
    public static T Read<T>(string yaml, string name)
        where T : class
    {
        try
        {
            return Read<T>(yaml) ?? throw new InvalidDataException($"{name}, line 1: the file is empty.");
        }
        catch (YamlException error)
        {
            throw new InvalidDataException($"{name}, line {error.Start.Line}: {error.InnerException?.Message ?? error.Message}", error);
        }
    }
}
