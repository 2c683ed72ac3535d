using CoEPortal.Governance.Approvals;
using CoEPortal.Web.Layout;

namespace CoEPortal.Web.Approvals;

public static class ReviewPagesSetup
{
    public static void AddReviewPages(this IServiceCollection services)
    {
        services.AddSingleton<CountForMenu>(provider => async (actor, cancellation) => new Dictionary<string, int>
        {
            ["/inbox"] = await provider.GetRequiredService<ReviewInbox>().CountAsync(actor, cancellation),
            ["/conditions"] = await provider.GetRequiredService<FollowUps>().CountWaitingAsync(actor, cancellation),
        });
    }
}
