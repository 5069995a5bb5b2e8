using System.Globalization;
using System.Text;

namespace Anthane.Sso.Tests.Gateway.Support;

/// <summary>An HTTP/1.1 message as it was on the wire, one character per byte.</summary>
public sealed record RawMessage(string StartLine, IReadOnlyList<KeyValuePair<string, string>> Headers, string Body)
{
    public int Status => int.Parse(StartLine.Split(' ')[1], CultureInfo.InvariantCulture);

    public string Target => StartLine.Split(' ')[1];

    public string Method => StartLine.Split(' ')[0];

    /// <summary>The header's one value; null when it is absent, all values joined by '|' when there are several lines.</summary>
    public string? this[string name]
    {
        get
        {
            var values = Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).ToList();
            return values.Count == 0 ? null : string.Join('|', values);
        }
    }

    /// <summary>Reads one message; null when the other side closed before it began.</summary>
    public static async Task<RawMessage?> ReadAsync(Stream stream, bool isResponse = false, bool hasBody = true)
    {
        if (await ReadUntilAsync(stream, "\r\n\r\n") is not { } head)
            return null;
        var lines = head.TrimEnd('\r', '\n').Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).Select(pair => KeyValuePair.Create(pair[0], pair.Length > 1 ? pair[1].Trim() : "")).ToList();
        var message = new RawMessage(lines[0], headers, "");
        var noBody = !hasBody || (isResponse && message.Status is < 200 or 204 or 304);
        return noBody ? message : message with { Body = await ReadBodyAsync(stream, message, isResponse) };
    }

    private static async Task<string> ReadBodyAsync(Stream stream, RawMessage message, bool isResponse)
    {
        if (message["Transfer-Encoding"] == "chunked")
            return await ReadChunksAsync(stream);
        if (message["Content-Length"] is { } length)
        {
            var bytes = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
            await stream.ReadExactlyAsync(bytes);
            return Encoding.Latin1.GetString(bytes);
        }

        if (!isResponse)
            return "";
        using var rest = new MemoryStream();
        await stream.CopyToAsync(rest);
        return Encoding.Latin1.GetString(rest.ToArray());
    }

    private static async Task<string> ReadChunksAsync(Stream stream)
    {
        var body = new StringBuilder();
        while (true)
        {
            var size = int.Parse((await ReadUntilAsync(stream, "\r\n"))!.Trim().Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                while (await ReadUntilAsync(stream, "\r\n") is { Length: > 2 })
                {
                    // A trailer is no part of the body.
                }

                return body.ToString();
            }

            var bytes = new byte[size + 2];
            await stream.ReadExactlyAsync(bytes);
            body.Append(Encoding.Latin1.GetString(bytes, 0, size));
        }
    }

    private static async Task<string?> ReadUntilAsync(Stream stream, string end)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one) == 1)
        {
            text.Append((char)one[0]);
            if (text.Length >= end.Length && text[^1] == end[^1] && text.ToString(text.Length - end.Length, end.Length) == end)
                return text.ToString();
        }

        return text.Length == 0 ? null : throw new EndOfStreamException($"the other side closed after '{text}'");
    }
}
