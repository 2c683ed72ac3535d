using CoEPortal.Governance.Intake;
using CoEPortal.Web.Intake;

namespace CoEPortal.Tests.Web;

public sealed class KillCriterionDraftTests
{
    public static TheoryData<KillCriterion> Criteria =>
    [
        new KillCriterion { Kind = KillCriterionKind.Budget, Limit = 1200, Window = KillCriterionWindow.Month, Description = "Spend" },
        new KillCriterion { Kind = KillCriterionKind.ReviewedQuality, Limit = 3, MinimumSample = 500, Description = "Wrong facts" },
        new KillCriterion { Kind = KillCriterionKind.ErrorRate, Limit = 5, MinimumSample = 50, WindowMinutes = 15, ClearBelow = 3, CooldownMinutes = 120 },
        new KillCriterion { Kind = KillCriterionKind.Latency, Limit = 2500.5m, MinimumSample = 20 },
        new KillCriterion { Kind = KillCriterionKind.ApprovalExpiry, Limit = 365 },
        new KillCriterion { Kind = KillCriterionKind.EvaluationScore, Limit = 0.8m, MinimumSample = 7 },
        new KillCriterion { Kind = KillCriterionKind.NegativeFeedback, Limit = 30, MinimumSample = 20, WindowMinutes = 2880 },
        new KillCriterion { Kind = KillCriterionKind.Alert, AlertName = "AiErrorRateHigh" },
    ];

    [Theory]
    [MemberData(nameof(Criteria))]
    public void A_criterion_that_was_opened_in_the_form_and_not_touched_is_the_same(KillCriterion criterion) =>
        Assert.Equal(criterion, KillCriterionDraft.Of(criterion).ToCriterion());

    [Theory]
    [InlineData(KillCriterionKind.Budget, 1200, "$1,200")]
    [InlineData(KillCriterionKind.ErrorRate, 5, "5 %")]
    [InlineData(KillCriterionKind.Latency, 2500, "2,500 ms")]
    [InlineData(KillCriterionKind.CostPerCall, 0.25, "$0.25")]
    [InlineData(KillCriterionKind.ApprovalExpiry, 365, "365 days")]
    public void A_limit_is_written_in_its_own_unit(KillCriterionKind kind, double limit, string text) =>
        Assert.Equal(text, ProposalWords.LimitOf(new KillCriterion { Kind = kind, Limit = (decimal)limit }));
}
