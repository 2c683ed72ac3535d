using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Policies;

/// <summary>My policies, with what waits for my click; and, for those who may see it, who has read which.</summary>
public sealed partial class PoliciesPage(CurrentActor current, PolicyShelf shelf, PublishPolicy publish, AcknowledgePolicy acknowledge, DialogService dialogs) : ComponentBase
{
    private const int PageSize = 20;

    private IReadOnlyList<MyPolicy>? _mine;
    private IReadOnlyList<PolicyReach>? _reach;
    private Page<Missing>? _missing;
    private Attempt? _attempt;
    private Failure? _failure;
    private bool _mayManage;
    private bool _mayRead;

    [Inject]
    private ILogger<PoliciesPage> Log { get; set; } = default!;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private bool Overview => _mayRead && Query["show"] == "overview";

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var actor = await current.GetAsync();
            (_mayManage, _mayRead) = (AccessPolicy.Allows(actor, Permission.ManagePolicies), AccessPolicy.Allows(actor, Permission.ReadAcknowledgements));
            if (Overview)
            {
                _reach = await shelf.ReachAsync(actor);
                _missing = Query["policy"] is { } policy && _reach.Any(r => r.Version.Policy == policy) ? await shelf.MissingAsync(policy, actor, Query.Page, PageSize) : null;
            }
            else
            {
                _mine = await shelf.MineAsync(actor);
            }

            _failure = null;
        }
        catch (Exception exception)
        {
            _failure = Failure.Of(exception, Log);
        }
    }

    private async Task AcknowledgeAsync(PolicyVersion version)
    {
        if (await _attempt!.RunAsync(async () => await acknowledge.RunAsync(version.Policy, version.Number, version.ContentHash, await current.GetAsync()), $"{version.Title} acknowledged"))
        {
            await LoadAsync();
        }
    }

    private async Task PublishAsync(MyPolicy? policy)
    {
        await dialogs.OpenAsync<PublishPolicyDialog>(
            policy is null ? "Publish a policy" : $"New version of {(policy.Current ?? policy.Coming)!.Title}", new() { [nameof(PublishPolicyDialog.Before)] = policy?.Coming ?? policy?.Current }, new() { Width = "48rem" });
        await LoadAsync();
    }
}
