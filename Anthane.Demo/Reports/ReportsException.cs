namespace Anthane.Demo.Reports;

/// <summary>Something that is told to the person in words of ours; what a stranger sent is never in them.</summary>
/// <param name="message">What happened, and what to do.</param>
/// <param name="passes">Whether it may be over in a moment: somebody could not be reached.</param>
/// <param name="inner">The cause.</param>
internal sealed class ReportsException(string message, bool passes = false, Exception? inner = null) : Exception(message, inner)
{
    public bool Passes => passes;
}
