using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Data;

/// <summary>Opens the host's database for reading. Writes go through <see cref="StorageWriter"/>.</summary>
internal sealed class OidcDbFactory(Func<DbContext> create)
{
    public OidcDb Open() => new(create(), ownsContext: true);

    public DbContext OpenContext() => create();
}
