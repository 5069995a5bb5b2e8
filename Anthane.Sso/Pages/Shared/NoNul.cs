using Anthane.Sso.Hosting;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.Extensions.Primitives;

namespace Anthane.Sso.Pages.Shared;

/// <summary>
/// No person types a NUL and no name holds one, but PostgreSQL answers it with an error: so no page gets to see one. The
/// engine does the same for the protocol's parameters.
/// </summary>
internal sealed class NoNul : IAsyncResourceFilter
{
    public async Task OnResourceExecutionAsync(ResourceExecutingContext context, ResourceExecutionDelegate next)
    {
        var request = context.HttpContext.Request;
        if (Pipeline.IsErrorPage(context.HttpContext))
        {
            await next();
        }
        else if (HoldNul(request.Query))
        {
            context.Result = new NotFoundResult();
        }
        else if (request.HasFormContentType && HoldNul(await request.ReadFormAsync(context.HttpContext.RequestAborted)))
        {
            context.Result = new BadRequestResult();
        }
        else
        {
            await next();
        }
    }

    private static bool HoldNul(IEnumerable<KeyValuePair<string, StringValues>> fields) =>
        fields.Any(field => field.Key.Contains('\0', StringComparison.Ordinal) || field.Value.Any(value => value?.Contains('\0', StringComparison.Ordinal) is true));
}
