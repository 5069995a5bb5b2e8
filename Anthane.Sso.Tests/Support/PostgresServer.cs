using Anthane.Sso.Tests.Support;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace Anthane.Sso.Tests.Support;

/// <summary>The PostgreSQL of this test run. What it keeps is of no worth afterwards, so it waits for no disk.</summary>
public sealed class PostgresServer() : PostgresCluster("fsync=off", "full_page_writes=off", "synchronous_commit=off");
