using Anthane.Sso.Hosting;
using Anthane.Sso.Pages.Admin;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding.Metadata;

namespace Anthane.Sso.Pages;

/// <summary>
/// Registers the pages. They show and ask; whatever decides lies behind the engine's and the host's own classes, so a page
/// names no database, key or token.
/// </summary>
internal static class SsoPages
{
    public static IServiceCollection AddSsoPages(this IServiceCollection services, SsoSettings settings)
    {
        services.AddSingleton<History>();
        services.AddRazorPages(pages =>
        {
            pages.Conventions.AuthorizeFolder("/Admin", "admin");
            pages.Conventions.AuthorizePage("/Portal");
            pages.Conventions.AuthorizePage("/Device/Confirm");
        });
        services.Configure<MvcOptions>(options =>
        {
            options.SuppressImplicitRequiredAttributeForNonNullableReferenceTypes = true;
            options.Filters.Add(new NoNul());
            options.ModelMetadataDetailsProviders.Add(new EmptyTextStaysText());
            options.ModelBindingMessageProvider.SetAttemptedValueIsInvalidAccessor((_, _) => "Give a whole number, or leave it empty.");
            options.ModelBindingMessageProvider.SetValueIsInvalidAccessor(_ => "This cannot be read.");
        });
        services.Configure<CookieTempDataProviderOptions>(options =>
        {
            options.Cookie.Name = settings.CookieName(Once.CookieName);
            options.Cookie.Path = "/";
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.SecurePolicy = settings.IsHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
        });
        return services;
    }

    /// <summary>A field left empty is an empty text, not a null: whether that will do is for the rules to say, in their words.</summary>
    private sealed class EmptyTextStaysText : IDisplayMetadataProvider
    {
        public void CreateDisplayMetadata(DisplayMetadataProviderContext context) => context.DisplayMetadata.ConvertEmptyStringToNull = false;
    }
}
