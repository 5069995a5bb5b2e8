namespace Anthane.Sso.Tests.Conformance;

/// <summary>oidcc-formpost-basic: every module of the basic plan once more, with answers and errors that arrive as a posted form.</summary>
[CollectionDefinition]
public sealed class FormPostCollection : ICollectionFixture<FormPostRun>;

/// <summary>The clients of the basic plan, which ask for response_mode=form_post.</summary>
public sealed class FormPostRun : ConformanceRun
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (First, Second) = (First with { ResponseMode = "form_post" }, Second with { ResponseMode = "form_post" });
    }
}

[Collection<FormPostCollection>]
public sealed class FormPostClaimTests(FormPostRun run) : BasicClaimSuite(run);

[Collection<FormPostCollection>]
public sealed class FormPostFlowTests(FormPostRun run) : BasicFlowSuite(run);

[Collection<FormPostCollection>]
public sealed class FormPostRequestTests(FormPostRun run) : BasicRequestSuite(run);

[Collection<FormPostCollection>]
public sealed class FormPostSessionTests(FormPostRun run) : BasicSessionSuite(run);
