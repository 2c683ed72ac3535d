namespace CoEPortal.Governance.Intake;

/// <summary>How far the thing itself is, from an idea to its end. Its stage says how far its approval is.</summary>
public enum Phase { Idea, ProofOfConcept, Pilot, Production, Retired }

/// <summary>What else counts when a use case moves on.</summary>
/// <param name="GatesPassed">All stage gates before a proof of concept.</param>
/// <param name="HasCredential">A gateway knows it.</param>
/// <param name="IsStopped">Its own kill switch is engaged.</param>
/// <param name="IsDenied">Its calls are denied for want of something that its lane asks for.</param>
public sealed record PhaseFacts(bool GatesPassed, bool HasCredential, bool IsStopped, bool IsDenied);
