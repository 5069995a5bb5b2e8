namespace Anthane.Demo;

/// <summary>The demo cannot start, for a reason that the person who started it can repair. Its message says how.</summary>
internal sealed class DemoException(string message, Exception? inner = null) : Exception(message, inner);
