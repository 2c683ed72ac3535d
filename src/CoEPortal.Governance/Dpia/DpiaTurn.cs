namespace CoEPortal.Governance.Dpia;

/// <summary>What an assessment waits for.</summary>
public enum DpiaTurn
{
    /// <summary>The officer's, on the text as it stands.</summary>
    Advice,

    /// <summary>Whoever writes it accepts the advice or overrules it.</summary>
    Answer,

    /// <summary>Of whoever accepts what risk is left.</summary>
    Signature,

    /// <summary>Of the functions of its lane, whose tasks have their own days.</summary>
    Review,
}
