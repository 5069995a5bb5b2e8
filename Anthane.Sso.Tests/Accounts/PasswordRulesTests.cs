using Anthane.Sso.Accounts;

namespace Anthane.Sso.Tests.Accounts;

public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData("fourteen chars")]
    [InlineData("anthane2026!!!!")]
    [InlineData("passwordpassword")]
    [InlineData("Password123456789")]
    [InlineData("1q2w3e4r5t6y7u8i9o0p")]
    [InlineData("qwertyuiopasdfghjkl")]
    [InlineData("abcdefghijklmnopqrstuvwxyz")]
    [InlineData("aaaaaaaaaaaaaaaaaaaa")]
    [InlineData("abcabcabcabcabcabc")]
    [InlineData("alice.liddell.alice")]
    [InlineData("thisismypassword1")]
    public void AC_20_Short_common_or_personal_passwords_are_refused(string password) =>
        Assert.NotNull(PasswordRules.Problem(password, Context));

    [Theory]
    [InlineData("correct battery horse staples")]
    [InlineData("wonderland-tea-at-four")]
    [InlineData("пятнадцать букв здесь")]
    [InlineData("  spaces count as they are  ")]
    [InlineData("no digits no capitals needed")]
    public void AC_20_Long_uncommon_ones_are_taken_without_rules_about_characters(string password) =>
        Assert.Null(PasswordRules.Problem(password, Context));

    [Fact]
    public void AC_20_Two_hundred_Unicode_characters_are_fine_and_counted_as_people_count()
    {
        var words = string.Join(' ', Enumerable.Range(0, 100).Select(i => $"wört{i}"));
        Assert.Null(PasswordRules.Problem(words[..200], Context));
        Assert.Contains("has 12", PasswordRules.Problem(string.Concat(Enumerable.Repeat("🦊🐻", 6)), Context), StringComparison.Ordinal);
        Assert.NotNull(PasswordRules.Problem(words[..257], Context));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nobody")]
    [InlineData("a@b@anthane.test")]
    [InlineData("al\u0131ce@anthane.test")]
    [InlineData("alice\u200b@anthane.test")]
    [InlineData("alice@anthane.test.")]
    [InlineData("alice@anthane.test\r\nBcc: evil@anthane.test")]
    [InlineData("Alice <alice@anthane.test>")]
    [InlineData("ＡＬＩＣＥ@anthane.test")]
    [InlineData(".alice@anthane.test")]
    public void AC_12_Addresses_that_could_pass_for_another_are_refused(string email) => Assert.NotNull(EmailAddresses.Problem(email));

    [Fact]
    public void AC_12_Case_makes_no_second_account()
    {
        Assert.Null(EmailAddresses.Problem("Alice.O'Hara+sso@anthane.test"));
        Assert.Equal(EmailAddresses.Normalize("ALICE@anthane.test"), EmailAddresses.Normalize(" alice@Anthane.TEST "));
    }

    private static IEnumerable<string> Context => PasswordRules.Context("alice.liddell@anthane.test", "Alice Liddell", "https://sso.anthane.test");
}
