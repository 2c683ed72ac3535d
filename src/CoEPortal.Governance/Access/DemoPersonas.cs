namespace CoEPortal.Governance.Access;

/// <summary>A person of the demo organisation, with the short name that signs in.</summary>
public sealed record DemoPersona(string Alias, string Name, string BusinessUnit, string Title, Role[] Roles)
{
    public const string Tenant = "demo";

    /// <summary>Leads nowhere: nobody can own a name under <c>.example</c> (RFC 2606).</summary>
    public string Email => $"{Alias}@nordhaven.example";

    public PersonId Id => PersonId.Of(Alias, Tenant);

    public Actor Actor => new(Id, Name, Roles.ToHashSet(), BusinessUnit);
}

/// <summary>The people of Nordhaven, the demo organisation. Invented.</summary>
public static class DemoPersonas
{
    public static IReadOnlyList<DemoPersona> All { get; } =
    [
        new("submitter", "Nils Berg", "Claims", "Submitter, Claims", [Role.Submitter]),
        new("submitter2", "Lucía Ortega", "Customer Service", "Submitter, Customer Service", [Role.Submitter]),
        new("legal", "Aisha Rahman", "Legal", "Legal", [Role.Legal]),
        new("legal2", "Paul Novak", "Legal", "Legal", [Role.Legal]),
        new("security", "Jonas Weber", "Information Security", "Security", [Role.Security]),
        new("security2", "Mei Tanaka", "Information Security", "Security", [Role.Security]),
        new("privacy", "Tomás Ferreira", "Privacy Office", "Privacy, DPO", [Role.Privacy]),
        new("privacy2", "Ines Moreau", "Privacy Office", "Privacy", [Role.Privacy]),
        new("risk", "Helen Okafor", "Risk", "Risk", [Role.Risk]),
        new("risk2", "Samir Haddad", "Risk", "Risk", [Role.Risk]),
        new("brand", "Ravi Bose", "Brand", "Brand", [Role.Brand]),
        new("coe-lead", "Mara Lindqvist", "AI Centre of Excellence", "CoE lead", [Role.CoeLead]),
        new("coe-lead2", "Dan Osei", "AI Centre of Excellence", "CoE lead", [Role.CoeLead]),
        new("operator", "Sofia Klein", "Customer Service", "Operator, Customer Service", [Role.Operator]),
        new("auditor", "Elin Vasquez", "Internal Audit", "Auditor, read only", [Role.Auditor]),
        new("admin", "Ada Dahl", "IT Operations", "Admin, approves nothing", [Role.Admin]),
    ];

    public static DemoPersona? Find(string alias) => All.FirstOrDefault(p => p.Alias == alias);
}
