using System.Globalization;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Anthane.Sso.Pages.Shared;

/// <summary>A moment: UTC in words, which the page's module puts into the reader's zone; the exact instant shows on hover.</summary>
[HtmlTargetElement("instant", Attributes = "at", TagStructure = TagStructure.WithoutEndTag)]
public sealed class InstantTagHelper : TagHelper
{
    /// <summary>The moment.</summary>
    public DateTimeOffset At { get; set; }

    /// <inheritdoc />
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var utc = At.UtcDateTime;
        var exact = utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        output.TagName = "time";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("datetime", exact);
        output.Attributes.SetAttribute("title", exact);
        output.Content.SetContent(utc.ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture));
    }
}
