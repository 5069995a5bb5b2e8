using Anthane.Gateway;

return await GatewayHost.RunAsync(args);
