using CoEPortal.Governance.Notifications;
using CoEPortal.Web.Layout;

namespace CoEPortal.Web.Notifications;

public static class NotificationsSetup
{
    /// <summary>The figure at the bell, and the mail server if one is set. Every process queues mail, so each is given the settings.</summary>
    public static void AddNotices(this WebApplicationBuilder builder)
    {
        var mail = MailSettings.Read(builder.Configuration);
        builder.Services.AddSingleton(new NoticeMail(mail?.PublicUrl));
        builder.Services.AddSingleton(new MailSender(mail));
        builder.Services.AddSingleton(provider => new ChannelSender(provider.GetRequiredService<ChannelList>(), PublicUrl.Read(builder.Configuration)));
        builder.Services.AddSingleton<CountForMenu>(provider => async (actor, cancellation) => new Dictionary<string, int>
        {
            ["/notifications"] = await provider.GetRequiredService<NotificationInbox>().CountUnreadAsync(actor, cancellation),
        });
    }
}
