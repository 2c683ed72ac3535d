using System.Security.Claims;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.People;
using CoEPortal.Tests.Persistence;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CoEPortal.Tests.People;

/// <summary>Where notifications go by e-mail.</summary>
public sealed class EmailTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    [Theory]
    [InlineData("nils.berg+coe@nordhaven.example", true)]
    [InlineData("Nils <nils@nordhaven.example>", false)]
    [InlineData("nils@nordhaven.example, evil@evil.example", false)]
    [InlineData("nils@nordhaven.example\r\nBcc: evil@evil.example", false)]
    [InlineData("nils@nordhaven.example\n", false)]
    [InlineData("nils@@nordhaven.example", false)]
    [InlineData("nils", false)]
    [InlineData("", false)]
    public async Task Only_one_plain_address_is_written_to(string email, bool isKept)
    {
        await GivenAsync("submitter", email);

        Assert.Equal(isKept ? email : null, (await MailOfAsync("submitter")).Email);
        await using var connection = new NpgsqlConnection(Database.OwnerConnectionString);
        await connection.OpenAsync();
        await using var direct = new NpgsqlCommand("update person set email = $1", connection) { Parameters = { new() { Value = email } } };
        Assert.Equal(isKept, await Record.ExceptionAsync(() => direct.ExecuteNonQueryAsync()) is null);
    }

    [Fact]
    public async Task Signing_in_tells_the_directory_the_address_and_keeps_it_out_of_the_cookie()
    {
        await GivenAsync("submitter", "old@nordhaven.example");

        var signedIn = await SignInAsync("submitter", "new@nordhaven.example");

        Assert.Equal("new@nordhaven.example", (await MailOfAsync("submitter")).Email);
        Assert.Null(signedIn.FindFirst(PersonClaims.Email));
        Assert.Equal(Who("submitter").Id, PersonClaims.PersonOf(signedIn));
    }

    [Fact]
    public async Task A_sign_in_that_says_no_address_changes_none()
    {
        await GivenAsync("submitter", "old@nordhaven.example");

        await SignInAsync("submitter", null);

        Assert.Equal("old@nordhaven.example", (await MailOfAsync("submitter")).Email);
    }

    [Fact]
    public async Task An_address_never_says_who_somebody_is()
    {
        await GivenAsync("submitter", "shared@nordhaven.example");
        await GivenAsync("legal", "shared@nordhaven.example");

        await SignInAsync("risk", "shared@nordhaven.example");

        Assert.Equal("Helen Okafor", (await Get<PersonDirectory>().FindAsync(Who("risk").Id))!.Name);
        Assert.Equal("Nils Berg", (await Get<PersonDirectory>().FindAsync(Who("submitter").Id))!.Name);
    }

    [Fact]
    public async Task Mail_comes_until_a_person_says_otherwise_for_themselves()
    {
        await GivenAsync("submitter", "nils@nordhaven.example");
        await GivenAsync("legal", "aisha@nordhaven.example");

        await Get<ChooseMail>().RunAsync(false, Who("submitter"));

        Assert.Equal((false, true), ((await MailOfAsync("submitter")).IsWanted, (await MailOfAsync("legal")).IsWanted));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<ChooseMail>().RunAsync(true, Who("risk") with { Id = PersonId.Of("ghost", "demo") }));
    }

    [Fact]
    public async Task Neither_an_address_nor_the_wish_for_mail_is_an_audit_event()
    {
        await GivenAsync("submitter", "nils@nordhaven.example");
        await SignInAsync("submitter", "new@nordhaven.example");
        await Get<ChooseMail>().RunAsync(false, Who("submitter"));

        await using var db = await DbAsync();
        Assert.Equal(["PersonRegistered"], await db.AuditEvents.Where(e => e.SubjectKey == "submitter@demo").Select(e => e.Action).ToListAsync());
        Assert.DoesNotContain(await db.AuditEvents.Select(e => e.Body).ToListAsync(), body => body.Contains("nils@nordhaven.example", StringComparison.Ordinal));
    }

    private async Task GivenAsync(string persona, string email)
    {
        await using var db = await DbAsync();
        var id = Who(persona).Id.Value;
        (await db.People.SingleAsync(p => p.Id == id)).LearnEmail(email);
        await db.SaveChangesAsync();
    }

    private Task<MailPreference> MailOfAsync(string persona) => Get<PersonDirectory>().MailOfAsync(Who(persona).Id);

    private async Task<ClaimsPrincipal> SignInAsync(string persona, string? email)
    {
        const string scheme = CookieAuthenticationDefaults.AuthenticationScheme;
        var principal = PersonClaims.Principal(Who(persona), scheme);
        if (email is not null)
        {
            ((ClaimsIdentity)principal.Identity!).AddClaim(new Claim(PersonClaims.Email, email));
        }

        await new PersonCookie(Get<LearnEmail>(), NullLogger<PersonCookie>.Instance).SigningIn(new CookieSigningInContext(
            new DefaultHttpContext(), new AuthenticationScheme(scheme, null, typeof(CookieAuthenticationHandler)), new(), principal, new(), new()));
        return principal;
    }
}
