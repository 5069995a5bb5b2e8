// The life of a session at an app with a secret: tokens, refresh, introspection, revocation, and signing out (RP-initiated logout).
import * as client from 'openid-client'
import { connect, done, refusal, request, setting, visit } from './sso.mjs'

const config = await connect()
const { checks, parameters } = await request()
const tokens = await client.authorizationCodeGrant(config, new URL(await visit(client.buildAuthorizationUrl(config, parameters))), checks)
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token)
const refreshToken = renewed.refresh_token ?? tokens.refresh_token
const before = await client.tokenIntrospection(config, renewed.access_token)
await client.tokenRevocation(config, refreshToken, { token_type_hint: 'refresh_token' })
const after = await client.tokenIntrospection(config, refreshToken)
const revoked = await refusal(() => client.refreshTokenGrant(config, refreshToken))

const signOut = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: setting('SIGNED_OUT_URI'), state: 'back' })
const signedOut = await visit(signOut)
done({ id_token: tokens.claims(), renewed_id_token: renewed.claims() ?? null, differs: renewed.access_token !== tokens.access_token, before, after, revoked, signOut: signOut.toString(), signedOut })
