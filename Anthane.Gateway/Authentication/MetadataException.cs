namespace Anthane.Gateway.Authentication;

/// <summary>What an issuer publishes about itself could not be had or not be believed. The message is for the log.</summary>
internal sealed class MetadataException(string message) : Exception(message);
