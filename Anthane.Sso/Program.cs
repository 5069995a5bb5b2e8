using Anthane.Sso;

return await SsoHost.RunAsync(args);
