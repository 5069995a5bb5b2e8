using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>Where an endpoint looks for its parameters.</summary>
internal enum ParameterPlace
{
    /// <summary>Nowhere: what is sent is passed over.</summary>
    Nowhere,

    /// <summary>In the address; a body is passed over.</summary>
    Address,

    /// <summary>In a form, and there alone: an address with parameters is refused.</summary>
    Form,

    /// <summary>In a form; what is in the address is passed over.</summary>
    FormWhateverTheAddress,

    /// <summary>In both together.</summary>
    Both,

    /// <summary>In a JSON object.</summary>
    Json,
}

/// <summary>One endpoint with a good request to it, and what a strict reader holds about requests to it.</summary>
internal sealed class MutatedEndpoint
{
    /// <summary>Another good request, with its own code or assertion where that counts once.</summary>
    public required Func<Task<WireRequest>> GoodAsync { get; init; }

    /// <summary>Whether this answer gives what the request asked for.</summary>
    public required Func<RawMessage, bool> Accepted { get; init; }

    public required ParameterPlace Place { get; init; }

    /// <summary>Beside the method of the good request.</summary>
    public string[] OtherMethods { get; init; } = [];

    /// <summary>What is tried instead of the method.</summary>
    public string[] TriedMethods { get; init; } = HostileTexts.Methods;

    /// <summary>Parameters without which there is nothing to be had.</summary>
    public string[] Required { get; init; } = [];

    /// <summary>Parameters that are right in one way alone, when they are there.</summary>
    public string[] Exact { get; init; } = [];

    /// <summary>What else a strict reader asks of a value that is there.</summary>
    public IReadOnlyDictionary<string, Func<string, bool>> Rules { get; init; } = new Dictionary<string, Func<string, bool>>();

    /// <summary>A last look at a request that was accepted: what is wrong with it, or with its answer.</summary>
    public Func<WireRequest, RawMessage, string?> Judge { get; init; } = (_, _) => null;

    /// <summary>Whether the Authorization header and the DPoP header mean anything here.</summary>
    public bool IsForPrograms { get; init; } = true;

    /// <summary>Whether neither who asks nor what else they say is of any interest.</summary>
    public bool IsAskedByAnybody { get; init; }

    public bool ReadsProofs { get; init; }

    /// <summary>Where else than to the server itself a browser may be sent.</summary>
    public string[] ReturnAddresses { get; init; } = [];

    /// <summary>Whether its answers may be kept by anybody.</summary>
    public bool IsPublic { get; init; }

    /// <summary>A request whose JWT was spoiled before it was signed, and what a strict reader finds wrong with it (null: nothing).</summary>
    public Func<WireRequest, Chance, (WireField Field, string? Problem)>? Resign { get; init; }

    /// <summary>After an acceptance: what was used up is made anew.</summary>
    public Func<WireRequest, RawMessage, Task> AfterAsync { get; init; } = (_, _) => Task.CompletedTask;
}
