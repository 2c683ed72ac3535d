namespace CoEPortal.Governance.Incidents;

public enum IncidentState
{
    Reported,

    /// <summary>Triaged: somebody knows how bad it is and sees to it.</summary>
    Open,

    /// <summary>It does no more harm; why it happened is still to be found.</summary>
    Contained,
    Resolved,

    /// <summary>Causes written, actions verified, clocks settled.</summary>
    Closed,

    /// <summary>It was none.</summary>
    Dismissed,
}

public enum IncidentSeverity { Low, Moderate, Serious, Critical }

public enum IncidentCategory { Malfunction, WrongOutput, Drift, Misuse, DataBreach, SecurityBreach, Performance, Cost, Other }

/// <summary>What was harmed: the first six are those of AI Act Article 3(49), on which its clocks depend.</summary>
public enum HarmKind
{
    Death,

    /// <summary>Serious harm to a person's health.</summary>
    Health,

    /// <summary>Serious and irreversible disruption of critical infrastructure.</summary>
    Infrastructure,

    /// <summary>Infringement of obligations that protect fundamental rights.</summary>
    Rights,

    /// <summary>Serious harm to property.</summary>
    Property,

    /// <summary>Serious harm to the environment.</summary>
    Environment,
    Money,
    Reputation,
}

/// <summary>To the rights and freedoms of people whose data it is (GDPR 33 and 34).</summary>
public enum RiskToPeople { Unknown, Unlikely, Likely, High }

public enum IncidentRoleKind { Lead, Investigator, Communications }

public enum EntryKind
{
    // Written by people.
    Observation,
    Detection,
    Mitigation,
    Decision,
    Communication,
    Evidence,

    // Written by what they do.
    Reported,
    Triaged,
    StateChanged,
    RoleGiven,
    SwitchEngaged,
    EvidenceLock,
    Clock,
    Action,
    PostMortem,
    Runbook,
}
