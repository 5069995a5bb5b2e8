// An app of oidc-client-ts and nothing else. It is served on another site than the sign-in service. The test calls what hangs
// on window.app; what an address that was returned to came to, is in window.app.returned.
const manager = (async () => new oidc.UserManager({
  ...await (await fetch('/settings.json')).json(),
  redirect_uri: location.origin + '/callback',
  post_logout_redirect_uri: location.origin + '/signed-out',
  silentRequestTimeoutInSeconds: 20,
  automaticSilentRenew: false,
  revokeTokensOnSignout: true,
  // Asks for the session's end to be watched in a frame. A server that offers no such frame must not break the app.
  monitorSession: true,
}))()

/** What was thrown, as the library tells it to the app. */
const attempt = async act => {
  const began = performance.now()
  try {
    return { value: await act(await manager) }
  } catch (e) {
    return { kind: e.name, error: e.error, message: e.message, seconds: (performance.now() - began) / 1000 }
  }
}

const plain = user => user && { sub: user.profile.sub, email: user.profile.email, scope: user.scope, access_token: user.access_token, refresh_token: user.refresh_token, state: user.state }

window.app = {
  signIn: args => attempt(m => m.signinRedirect(args)),
  user: () => attempt(async m => plain(await m.getUser())),
  renew: () => attempt(async m => plain(await m.signinSilent())),
  frame: () => attempt(async m => plain(await m.signinSilent({ forceIframeAuth: true }))),
  userInfo: () => attempt(async m => {
    const answer = await fetch(await m.metadataService.getUserInfoEndpoint(), { headers: { Authorization: `Bearer ${(await m.getUser()).access_token}` } })
    return { status: answer.status, ...await answer.json() }
  }),
  tryOldToken: token => attempt(async m => {
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token, client_id: m.settings.client_id })
    return (await fetch(await m.metadataService.getTokenEndpoint(), { method: 'POST', body })).json()
  }),
  signOut: args => attempt(m => m.signoutRedirect(args)),
  returned: attempt(async m => {
    switch (location.pathname) {
      case '/callback': return plain(await m.signinCallback()) ?? null
      case '/signed-out': return { state: (await m.signoutRedirectCallback()).userState }
      default: return null
    }
  }),
}
