using System.Globalization;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Anthane.Sso.Pages.Shared;

/// <summary>
/// One form field as every page shows it: label, hint, control, and what is wrong with it, tied together for screen readers.
/// Attributes that it does not know go to the control.
/// </summary>
[HtmlTargetElement("field", Attributes = "for", TagStructure = TagStructure.WithoutEndTag)]
public sealed class FieldTagHelper : TagHelper
{
    /// <summary>The property that the field edits.</summary>
    public required ModelExpression For { get; set; }

    /// <summary>What the field is called.</summary>
    public required string Label { get; set; }

    /// <summary>One sentence on what to type; stays visible.</summary>
    public string? Hint { get; set; }

    /// <summary>The input type, or <c>lines</c> for several lines.</summary>
    public string Type { get; set; } = "text";

    /// <summary>Rows of a field with several lines.</summary>
    public int Rows { get; set; } = 3;

    /// <summary>Further classes of the control.</summary>
    [HtmlAttributeName("control-class")]
    public string? ControlClass { get; set; }

    /// <summary>True for the field to begin with. After a failed attempt it is the first field with a problem instead.</summary>
    public bool Focus { get; set; }

    /// <summary>What is stored by now, when somebody else changed it in the meantime. Not a string: Razor would turn a null into an empty one.</summary>
    public object? Stored { get; set; }

    /// <summary>The page that the field is on.</summary>
    [ViewContext, HtmlAttributeNotBound]
    public ViewContext ViewContext { get; set; } = null!;

    /// <inheritdoc />
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(output);
        var id = TagBuilder.CreateSanitizedId(For.Name, "_");
        var problems = Problems();
        var control = Control(id, output, problems.Count > 0);

        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.Clear();
        output.Attributes.SetAttribute("class", "field");
        output.Content.AppendHtml(Element("label", Label, ("for", id)));
        if (Hint is not null)
        {
            output.Content.AppendHtml(Element("p", Hint, ("class", "hint"), ("id", id + "-hint")));
        }

        output.Content.AppendHtml(control);
        if (problems.Count > 0)
        {
            output.Content.AppendHtml(Element("p", string.Join(" ", problems), ("class", "problem"), ("id", id + "-problem")));
        }

        if (Stored is not null)
        {
            output.Content.AppendHtml(Element("p", "Stored now: " + (Stored is "" ? "nothing" : Stored), ("class", "stored"), ("id", id + "-stored")));
        }
    }

    private List<string> Problems() => ViewContext.ModelState.TryGetValue(For.Name, out var entry)
        ? [.. entry.Errors.Select(error => error.ErrorMessage.Length > 0 ? error.ErrorMessage : "This value cannot be read.").Distinct()]
        : [];

    /// <summary>What was typed wins over what the model holds, so that nothing is lost when the page comes back. Passwords never come back.</summary>
    private string Value() => Type == "password" ? ""
        : ViewContext.ModelState.TryGetValue(For.Name, out ModelStateEntry? entry) && entry.AttemptedValue is { } typed ? typed
        : Convert.ToString(For.Model, CultureInfo.InvariantCulture) ?? "";

    private TagBuilder Control(string id, TagHelperOutput output, bool wrong)
    {
        var lines = Type == "lines";
        var control = new TagBuilder(lines ? "textarea" : "input") { TagRenderMode = lines ? TagRenderMode.Normal : TagRenderMode.SelfClosing };
        foreach (var attribute in output.Attributes)
        {
            control.Attributes[attribute.Name] = attribute.ValueStyle == HtmlAttributeValueStyle.Minimized ? "" : attribute.Value?.ToString();
        }

        control.Attributes["id"] = id;
        control.Attributes["name"] = For.Name;
        control.AddCssClass("input");
        if (ControlClass is not null)
        {
            control.AddCssClass(ControlClass);
        }

        if (lines)
        {
            control.Attributes["rows"] = Rows.ToString(CultureInfo.InvariantCulture);
            // A parser drops one line break after <textarea>; without this one it would be the first that was typed.
            control.InnerHtml.AppendHtml("\n").Append(Value());
        }
        else
        {
            control.Attributes["type"] = Type;
            control.Attributes["value"] = Value();
        }

        Describe(control, id, wrong);
        if (TakesFocus(wrong))
        {
            control.Attributes["autofocus"] = "";
        }

        return control;
    }

    private bool TakesFocus(bool wrong)
    {
        var items = ViewContext.HttpContext.Items;
        return (ViewContext.ModelState.IsValid ? Focus : wrong) && items.TryAdd(typeof(FieldTagHelper), true);
    }

    private void Describe(TagBuilder control, string id, bool wrong)
    {
        string?[] described = [Hint is null ? null : id + "-hint", wrong ? id + "-problem" : null, Stored is null ? null : id + "-stored"];
        if (described.Any(part => part is not null))
        {
            control.Attributes["aria-describedby"] = string.Join(' ', described.Where(part => part is not null));
        }

        if (wrong)
        {
            control.Attributes["aria-invalid"] = "true";
        }
    }

    private static TagBuilder Element(string name, string text, params (string Name, string Value)[] attributes)
    {
        var element = new TagBuilder(name);
        foreach (var (key, value) in attributes)
        {
            element.Attributes[key] = value;
        }

        element.InnerHtml.Append(text);
        return element;
    }
}
