namespace CoEPortal.Web.Sharing;

public static class SharingSetup
{
    public static void AddSharing(this IServiceCollection services) => services.AddSingleton<SharedDoor>();
}
