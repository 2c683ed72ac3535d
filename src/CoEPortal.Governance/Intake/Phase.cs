namespace CoEPortal.Governance.Intake;

/// <summary>How far the thing itself is, from an idea to its end. Its stage says how far its approval is.</summary>
public enum Phase { Idea, ProofOfConcept, Pilot, Production, Retired }
