// The other server of the differential lane: oidc-provider with the clients, APIs and person that the tests' server has. Settings
// come as JSON in SETTINGS. It prints {"ready": true} and ends with its standard input.
import { createServer } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import Provider, { errors, interactionPolicy } from 'oidc-provider'

const { issuer, clients, apis, mayHave, withoutPkce } = JSON.parse(process.env.SETTINGS)

/** Its own storage forgets beyond a thousand entries; this one keeps everything. */
const rows = new Map()
const now = () => Math.floor(Date.now() / 1000)
class Storage {
  constructor(model) { this.model = model }
  key(id) { return `${this.model}:${id}` }
  async upsert(id, payload) { rows.set(this.key(id), payload) }
  async find(id) { return rows.get(this.key(id)) }
  async findByUid(uid) { return [...rows.values()].find(row => row.uid === uid) }
  async findByUserCode() {}
  async consume(id) { rows.get(this.key(id)).consumed = now() }
  async destroy(id) { rows.delete(this.key(id)) }
  async revokeByGrantId(grantId) { for (const [key, row] of rows) if (row.grantId === grantId) rows.delete(key) }
}

const { privateKey } = await generateKeyPair('RS256', { extractable: true })
const apiOf = scopes => apis.filter(api => api.scopes.some(scope => scopes.includes(scope))).map(api => api.audience)

const policy = interactionPolicy.base()
for (const name of ['select_account', 'create']) policy.add(new interactionPolicy.Prompt({ name, requestable: true }))

const provider = new Provider(issuer, {
  adapter: Storage,
  clients,
  jwks: { keys: [{ ...await exportJWK(privateKey), alg: 'RS256', use: 'sig' }] },
  cookies: { keys: ['differential'], long: { sameSite: 'none' } },
  scopes: ['openid', 'offline_access'],
  claims: { openid: ['sub', 'acr'], profile: ['name'], email: ['email'], address: ['address'], phone: ['phone_number'] },
  acrValues: ['pwd'],
  responseTypes: ['code'],
  enableHttpPostMethods: true,
  allowOmittingSingleRegisteredRedirectUri: false,
  routes: { authorization: '/connect/authorize', token: '/connect/token', pushed_authorization_request: '/connect/par' },
  pkce: { required: (ctx, client) => !withoutPkce.includes(client.clientId) },
  findAccount: (ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId, name: 'Alice', email: 'alice@anthane.test' }) }),
  // Whoever may refresh gets a refresh token, with offline_access or without.
  issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
  interactions: { policy, url: (ctx, interaction) => `/interaction/${interaction.prompt.name}/${interaction.uid}` },
  // Everything was allowed before. Each request has a grant of its own, since the end of one must not end another.
  loadExistingGrant: async ctx => {
    const grant = new provider.Grant({ accountId: ctx.oidc.account.accountId, clientId: ctx.oidc.client.clientId })
    grant.addOIDCScope('openid profile email offline_access')
    grant.addOIDCClaims(['name', 'email'])
    for (const api of apis) grant.addResourceScope(api.audience, api.scopes.join(' '))
    await grant.save()
    return grant
  },
  expiresWithSession: () => false,
  renderError: (ctx, { error }) => {
    ctx.type = 'html'
    ctx.body = `<code id="code">${error}</code>`
  },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    claimsParameter: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      // As the other server does it: scopes of one API mean that API.
      defaultResource: (ctx, client, oneOf) => oneOf ?? apiOf((ctx.oidc.params.scope ?? '').split(' '))[0],
      getResourceServerInfo: (ctx, audience, client) => {
        const api = apis.find(known => known.audience === audience)
        if (!api) throw new errors.InvalidTarget()
        return { audience, scope: api.scopes.filter(scope => mayHave[client.clientId].includes(scope)).join(' '), accessTokenFormat: 'jwt', accessTokenTTL: 300 }
      },
    },
  },
})

/** The one page: whoever comes is alice, at once. */
const signIn = async (request, response) => provider.interactionFinished(request, response, { login: { accountId: 'alice', acr: 'pwd' } })
const answer = provider.callback()
createServer((request, response) => request.url.startsWith('/interaction/') ? signIn(request, response) : answer(request, response))
  .listen(Number(new URL(issuer).port), '127.0.0.1', () => console.log(JSON.stringify({ ready: true })))
process.stdin.on('end', () => process.exit()).resume()
