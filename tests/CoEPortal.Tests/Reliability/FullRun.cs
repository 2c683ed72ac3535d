namespace CoEPortal.Tests.Reliability;

/// <summary>`./coe test --full`: the long versions, which prove more and take minutes.</summary>
internal static class FullRun
{
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("COE_TEST_FULL") == "1";
}
