using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.People;

internal static class HoldersOfRoles
{
    private const int Most = 500;

    /// <summary>Active people who have one of the roles, at most 500: whom an occasion concerns.</summary>
    public static IQueryable<Person> Holding(this IQueryable<Person> people, IReadOnlyCollection<Role> roles)
    {
        var wanted = roles.Distinct().ToList();
        return people.Where(p => p.IsActive && p.Roles.Any(r => wanted.Contains(r))).OrderBy(p => p.Id).Take(Most);
    }
}
