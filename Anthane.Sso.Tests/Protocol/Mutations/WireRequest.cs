using System.Globalization;
using System.Text;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>One parameter or header as it stands on the wire, one character per byte: encoded already, well or badly.</summary>
internal sealed record WireField(string Name, string Value)
{
    public static WireField Of(string name, string value) => new(Uri.EscapeDataString(name), Uri.EscapeDataString(value));

    /// <summary>The name as a reader of forms understands it.</summary>
    public string ReadName => Decode(Name);

    /// <summary>The value as a reader of forms understands it; bytes that are no UTF-8 become U+FFFD, broken escapes stay.</summary>
    public string ReadValue => Decode(Value);

    private static string Decode(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var escaped))
            {
                bytes.Add(escaped);
                i += 2;
            }
            else
            {
                bytes.Add(text[i] == '+' ? (byte)' ' : (byte)text[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}

/// <summary>A request as bytes will have it. Nothing checks it, so that a test can spoil every part of it.</summary>
internal sealed class WireRequest
{
    public required string Method { get; set; }

    public required string Path { get; set; }

    public List<WireField> Query { get; private set; } = [];

    public List<WireField> Headers { get; private set; } = [];

    public string? ContentType { get; set; }

    /// <summary>Null: there is no form.</summary>
    public List<WireField>? Form { get; set; }

    /// <summary>Sent instead of the form, one character per byte.</summary>
    public string? Body { get; set; }

    public static WireRequest Get(string path, params (string Name, string Value)[] query) =>
        new() { Method = "GET", Path = path, Query = [.. query.Select(field => WireField.Of(field.Name, field.Value))] };

    public static WireRequest Post(string path, params (string Name, string Value)[] form) => new()
    {
        Method = "POST",
        Path = path,
        ContentType = "application/x-www-form-urlencoded",
        Form = [.. form.Select(field => WireField.Of(field.Name, field.Value))],
    };

    public static WireRequest Json(string method, string path, string json) => new()
    {
        Method = method,
        Path = path,
        ContentType = "application/json",
        Body = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(json)),
    };

    public WireRequest With(string header, string value)
    {
        Headers.Add(new WireField(header, value));
        return this;
    }

    public WireRequest Copy()
    {
        var copy = (WireRequest)MemberwiseClone();
        (copy.Query, copy.Headers, copy.Form) = ([.. Query], [.. Headers], Form is null ? null : [.. Form]);
        return copy;
    }

    /// <summary>Every value of a header.</summary>
    public string[] All(string header) => [.. Headers.Where(field => field.Name.Equals(header, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value)];

    public override string ToString() => Encoding.Latin1.GetString(Write("localhost"));

    public byte[] Write(string host)
    {
        var body = Body ?? (Form is null ? "" : Join(Form));
        var text = new StringBuilder().Append(Method).Append(' ').Append(Path).Append(Query.Count > 0 ? "?" : "").Append(Join(Query)).Append(" HTTP/1.1\r\n");
        text.Append(All("Host").Length == 0 ? $"Host: {host}\r\n" : "");
        foreach (var header in Headers)
        {
            text.Append(header.Name).Append(": ").Append(header.Value).Append("\r\n");
        }

        text.Append(ContentType is null ? "" : $"Content-Type: {ContentType}\r\n");
        text.Append(body.Length > 0 || Method is not ("GET" or "HEAD") ? $"Content-Length: {body.Length}\r\n" : "");
        return Encoding.Latin1.GetBytes(text.Append("\r\n").Append(body).ToString());
    }

    private static string Join(IEnumerable<WireField> fields) => string.Join('&', fields.Select(field => $"{field.Name}={field.Value}"));
}
