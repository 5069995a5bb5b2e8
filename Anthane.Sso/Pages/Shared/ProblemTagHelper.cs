using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Anthane.Sso.Pages.Shared;

/// <summary>What is wrong with a group of controls, such as a list of checkboxes; and what is stored, after a stale edit.</summary>
[HtmlTargetElement("problem", Attributes = "for", TagStructure = TagStructure.WithoutEndTag)]
public sealed class ProblemTagHelper : TagHelper
{
    /// <summary>The property that the group edits.</summary>
    public required ModelExpression For { get; set; }

    /// <summary>What is stored by now, when somebody else changed it in the meantime. Not a string: Razor would turn a null into an empty one.</summary>
    public object? Stored { get; set; }

    /// <summary>The page that the group is on.</summary>
    [ViewContext, HtmlAttributeNotBound]
    public ViewContext ViewContext { get; set; } = null!;

    /// <inheritdoc />
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.TagName = null;
        if (ViewContext.ModelState.TryGetValue(For.Name, out var entry) && entry.Errors.Count > 0)
        {
            Say(output, "problem", string.Join(" ", entry.Errors.Select(error => error.ErrorMessage)));
        }

        if (Stored is not null)
        {
            Say(output, "stored", "Stored now: " + (Stored is "" ? "nothing" : Stored));
        }
    }

    private static void Say(TagHelperOutput output, string cssClass, string text)
    {
        var said = new TagBuilder("p");
        said.AddCssClass(cssClass);
        said.InnerHtml.Append(text);
        output.Content.AppendHtml(said);
    }
}
